"""``migrate``: copy all objects of one storage to another. May be stopped and started again."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field

from pypicloud_like import plugins
from pypicloud_like.cli import configuration, progress
from pypicloud_like.core.errors import ConfigurationError, InvalidRequest, MissingBytes
from pypicloud_like.core.ports import Stat, Storage
from pypicloud_like.registry.copying import copy_object
from pypicloud_like.settings.model import MemoryStorageSettings, Settings


@dataclass(slots=True)
class Outcome:
    """What was done, in objects, and what could not be, in sentences."""

    copied: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    parser.add_argument("source", metavar="FROM.ini", help="settings of the storage to copy from")
    parser.add_argument("target", metavar="TO.ini", help="settings of the storage to copy to")


def run(args: Namespace) -> int:
    """Copy; the target's index is rebuilt when its server starts, or by ``rebuild``."""
    source_settings = configuration.settings_of(args.source)
    target_settings = configuration.settings_of(args.target)
    if source_settings.storage == target_settings.storage:
        raise InvalidRequest("TO.ini", "has the same storage as FROM.ini")
    source, target = _storage(source_settings), _storage(target_settings)
    source.check()
    target.check()
    outcome = copy(source, target)
    for problem in outcome.problems:
        print(f"pypicloud-like: {problem}", file=sys.stderr)
    print(f"Copied {outcome.copied} objects, {outcome.skipped} were there already")
    if outcome.copied:
        print(f"Now bring the index in line: pypicloud-like rebuild --config {args.target}")
    return 1 if outcome.problems else 0


def copy(source: Storage, target: Storage) -> Outcome:
    """Copy what the target lacks; an object of the same key and size is taken for the same, because
    keys are never used again for other bytes. One of another size is left alone and reported.
    """
    present = {stat.key: stat.size for stat in target.list("")}
    outcome = Outcome()
    wanted: list[Stat] = []
    for stat in source.list(""):
        size = present.get(stat.key)
        if size is None:
            wanted.append(stat)
        else:
            outcome.skipped += 1
            if size != stat.size:
                outcome.problems.append(
                    f"{stat.key}: has {size} bytes there and {stat.size} here; left alone"
                )
    with progress.transfer(sum(stat.size for stat in wanted)) as tell:
        for stat in wanted:
            _copy_one(source, target, stat, outcome, tell)
    return outcome


def _copy_one(
    source: Storage, target: Storage, stat: Stat, outcome: Outcome, tell: Callable[[int], None]
) -> None:
    try:
        copy_object(source, target, stat.key, verify=False, tell=tell)
    except MissingBytes:
        outcome.problems.append(f"{stat.key}: went away while copying")
    else:
        outcome.copied += 1


def _storage(settings: Settings) -> Storage:
    if isinstance(settings.storage, MemoryStorageSettings):
        raise ConfigurationError(["pypi.storage = memory: has nothing to copy and keeps nothing"])
    return plugins.open_storage(settings.storage)
