"""Indexes on every database, in this process and in another one, and entries to fill them with."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.core.model import (
    Action,
    Blob,
    Entry,
    FileRecord,
    Origin,
    Project,
    ProjectRecord,
    Snapshot,
    Stamp,
    Status,
)
from pypicloud_like.settings.model import DatabaseSettings

START = datetime(2040, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)  # past 2038, with microseconds
FOO, BAR = Project("pypi", "foo"), Project("pypi", "bar")
UPSTREAM = Origin("pypi.example", "https://pypi.example/x", START - timedelta(days=3), "e" * 64)


def open_index(url: str) -> SqlCache:
    """Open an index, and create what is missing."""
    return SqlCache.from_settings(DatabaseSettings(url, timeout=10))


def a_file(number: object = 1, project: Project = FOO, **other: Any) -> FileRecord:
    """A wheel of version ``<number>.0``; everything a file may have is there."""
    version = f"{number}.0"
    filename = f"{project.name}-{version}-py3-none-any.whl"
    folder = f"v1/files/pypi/{project.name}/{version}"
    file = FileRecord(
        project=project,
        identity=f"{version} wheel",
        filename=filename,
        version=version,
        kind="bdist_wheel",
        blob=Blob(f"{folder}/{filename}", 5 * 1024**3, "a" * 64, "b" * 32, "c" * 64),
        uploaded_at=START,
        stamp=Stamp(Action.UPLOAD, "ann", START + timedelta(microseconds=1)),
        display_name=project.name.title(),
        sidecars={"metadata": Blob(f"{folder}/{filename}.metadata", 7, "d" * 64)},
        uploader="ann",
        requires_python=">=3.8",
        summary=f"The {project.name} of café {number}",
        facts={"description": "ü\0" + "long " * 1000, "keywords": ["a", None, 1.5]},
    )
    return replace(file, **other)


def a_record(project: Project = FOO, **other: Any) -> ProjectRecord:
    """A project's own record."""
    record = ProjectRecord(
        project=project,
        stamp=Stamp(Action.STATUS, "adam", START),
        status=Status.ARCHIVED,
        status_reason="done",
        mixed=True,
        facts={"note": "ü"},
    )
    return replace(record, **other)


def put(cache: SqlCache, *entries: Entry) -> Sequence[Entry]:
    """Write these entries of one project, whatever is there."""
    identities = [entry.identity for entry in entries if isinstance(entry, FileRecord)]
    return cache.change(entries[0].project, lambda _now: entries, identities=identities)


def delete(cache: SqlCache, file: FileRecord) -> FileRecord:
    """Put a tombstone in a file's place."""
    (tombstone,) = put(cache, buried(file))
    assert isinstance(tombstone, FileRecord)
    return tombstone


def buried(file: FileRecord) -> FileRecord:
    """The tombstone of a file."""
    stamp = Stamp(Action.DELETE, "adam", START + timedelta(hours=1))
    return replace(file, deleted=True, facts={}, sidecars={}, serial=0, stamp=stamp)


def new_only(file: FileRecord) -> Callable[[Snapshot], Sequence[Entry]]:
    """An edit that publishes a file unless its identity is there."""

    def edit(now: Snapshot) -> Sequence[Entry]:
        return [] if file.identity in now.files else [file]

    return edit


class Other:
    """An index in a process of its own: ``other.call(function, …)`` calls it with that index there."""

    def __init__(self, url: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self.process = context.Process(target=_serve, args=(url, there), daemon=True)
        self.process.start()
        there.close()

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call and wait for the answer."""
        self.send(function, *args)
        return self.receive()

    def send(self, function: Callable[..., Any], *args: Any) -> None:
        """Let it begin."""
        self._here.send((function, args))

    def receive(self) -> Any:
        """What it answered; raises what it raised."""
        assert self._here.poll(60), "the other process does not answer"
        answer = self._here.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self._here.close()


@contextmanager
def other_process(url: str) -> Iterator[Other]:
    """A process that is gone afterwards."""
    other = Other(url)
    try:
        yield other
    finally:
        if other.process.is_alive():
            other.kill()


def _serve(url: str, calls: Connection) -> None:
    cache = open_index(url)
    while True:
        function, args = calls.recv()
        try:
            answer = function(cache, *args)
        except Exception as error:  # noqa: BLE001 - raised again by the caller
            answer = error
        calls.send(answer)


def everything(cache: SqlCache, *projects: Project) -> Mapping[str, Any]:
    """All that readers may see of an index, in one comparable value."""
    found: dict[str, Any] = {
        "serial": cache.serial(),
        "projects": cache.projects("pypi"),
        "known": cache.known_projects("pypi"),
        "all": list(cache.all_files("pypi")),
        "newest": (cache.newest_files("pypi", limit=99), cache.newest_projects("pypi", limit=99)),
    }
    for project in projects:
        snapshot = cache.snapshot(project, None)
        found[str(project)] = (
            snapshot.record,
            dict(snapshot.files),
            sorted(cache.described(project), key=lambda file: file.filename),
            cache.exists(project),
            {identity: serial for identity, (serial, _) in cache.serials(project).items()},
        )
    return found
