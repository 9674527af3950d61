"""What is known of every crate at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from pypicloud_like.core.model import File, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.ecosystems.cargo.names import CARGO, normalize
from pypicloud_like.registry.directory import Directory
from pypicloud_like.registry.semver import parse

F = TypeVar("F", bound=File)

MOST_LABELS = 20
LONGEST_LABEL = 100
LONGEST_DESCRIPTION = 2000
"""What lists and searches go through for every crate; a manifest has room for much more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One crate. ``version`` is its default version; times are aware. Of labels and of the description there
    is no more than anybody needs.
    """

    project: Project
    name: str
    version: str
    description: str
    keywords: tuple[str, ...]
    categories: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    yanked: bool
    """Whether every version is."""
    needs: frozenset[str]
    """The crates of ours that its default version depends on, in normal form."""
    ids: frozenset[int]
    """The ids of its versions."""
    words: str
    """All that a search looks through."""

    @property
    def number(self) -> int:
        """What stands for the crate where numbers are asked for: the id of its first version."""
        return min(self.ids)


def crates_directory() -> Directory[Entry]:
    """A directory of all crates that have a version and are not quarantined."""
    return Directory(CARGO, _listed)


def _listed(project: Project, record: ProjectRecord | None, files: Sequence[FileRecord]) -> Entry | None:
    is_hidden = record is not None and record.status is Status.QUARANTINED
    return None if is_hidden else entry_of(project, files)


def entry_of(project: Project, files: Sequence[FileRecord]) -> Entry | None:
    """What stands for a crate in lists; None if it has no version."""
    chosen = default_version(files)
    if chosen is None:
        return None
    facts: Mapping[str, object] = chosen.facts
    description = str(facts.get("description") or "")[:LONGEST_DESCRIPTION]
    keywords = _texts(facts.get("keywords"))
    return Entry(
        project=project,
        name=chosen.display_name,
        version=chosen.version,
        description=description,
        keywords=keywords,
        categories=_texts(facts.get("categories")),
        created_at=min(file.uploaded_at for file in files),
        updated_at=max(file.stamp.at for file in files),
        yanked=all(file.yanked is not None for file in files),
        needs=frozenset(needs(chosen)),
        ids=frozenset(map(version_id, files)),
        words=" ".join((chosen.display_name, *keywords, description)).lower(),
    )


def default_version(files: Sequence[F]) -> F | None:
    """The version that speaks for a crate: not yanked before yanked, no pre-release before one, then the
    highest (crates.io's rule).
    """

    def rank(file: F) -> tuple[object, ...]:
        version = parse(file.version)
        return file.yanked is None, not version.pre, version

    return max(files, key=rank, default=None)


def needs(file: FileRecord) -> Iterator[str]:
    """The crates of this registry that a version depends on, in normal form."""
    for said in file.facts.get("deps", ()):
        if said.get("registry") is None:
            yield normalize(str(said.get("package") or said.get("name")))


def _texts(value: object) -> tuple[str, ...]:
    """Labels compare without case, as on crates.io."""
    texts = value if isinstance(value, list | tuple) else ()
    short = (str(each).lower() for each in texts if len(str(each)) <= LONGEST_LABEL)
    return tuple(islice(dict.fromkeys(short), MOST_LABELS))
