"""What servers are filled with: some packages of every kind, or a whole index written straight to storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from pypicloud_like.core import keys, records
from pypicloud_like.core.model import Action, Blob, FileRecord, Stamp
from pypicloud_like.ecosystems.pypi.drafts import draft_of
from pypicloud_like.ecosystems.pypi.inspect import inspect
from tests.builders import Built, a_wheel
from tests.http.cargo.site import CargoSite
from tests.http.conftest import PASSWORD, SteppingClock, make_services
from tests.http.jsr.site import JsrSite
from tests.http.pypi.site import Site

SMALL, LARGE = 10, 2_000
BIG_FILE = 100 * 2**20
CRATE, PACKAGE = "bench-crate", "@bench/module"
USER = "boss"

_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Corpus:
    """A filled data folder, and a user of its index."""

    data: Path
    user: str = USER
    password: str = PASSWORD


def some_of_everything(data: Path) -> Corpus:
    """Projects of 10 and of 2,000 files, one with a file of 100 MiB, a crate and a JSR package."""
    services = make_services(data, {}, SteppingClock())
    with mock.patch("os.fsync"), closing(services):  # it need not survive a crash
        services.access.add_user(USER, PASSWORD, admin=True, actor=None)
        files = [_stored(services.storage, a_wheel("large", f"1.{n}")) for n in range(LARGE)]
        services.changes.apply(files[0].project, lambda _now: files, identities=None)
        big = a_wheel("bulk", "1.0", files={"bulk/data.bin": bytes(BIG_FILE)}, stored=True)
        file = _stored(services.storage, big)
        services.changes.apply(file.project, lambda _now: [file], identities=None)
        clock = SteppingClock()
        for patch in range(SMALL):
            Site(services, clock).publish(a_wheel("small", f"1.{patch}"), user=USER)
            CargoSite(services, clock).taken(CRATE, f"0.1.{patch}", user=USER)
            jsr = JsrSite(services, clock)
            if not patch:
                jsr.done("POST", "scopes", {"scope": "bench"}, user=USER)
                jsr.done("POST", "scopes/bench/packages", {"package": "module"}, user=USER)
            jsr.taken(PACKAGE, f"1.0.{patch}", user=USER)
    return Corpus(data)


def many_projects(data: Path, projects: int, files: int, *, after: int = 0) -> None:
    """So many projects of so many small wheels, as a server would have stored them, without an index. Nothing
    is made durable: it is for this run alone.

    :param after: the highest serial of what is there already
    """
    root = data / "storage"
    made: set[Path] = set()
    for serial, (draft, content) in enumerate(_many(projects, files), after + 1):
        record = replace(draft, serial=serial)
        pieces = {
            record.blob.key: content,
            keys.record(record.project, record.identity, serial): records.to_bytes(record),
        }
        for key, body in pieces.items():
            path = root / key
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)


def many_wheels(folder: Path, projects: int, files: int) -> None:
    """The same wheels in one folder."""
    for draft, content in _many(projects, files):
        (folder / draft.filename).write_bytes(content)


def _many(projects: int, files: int) -> Iterator[tuple[FileRecord, bytes]]:
    """One wheel is looked into for each project; its versions differ in what tells them apart."""
    for number in range(projects):
        name = f"project-{number:05d}"
        built = a_wheel(name, "1.0", requires_python=">=3.9")
        record = _record(built)
        for minor in range(files):
            version = f"1.{minor}"
            filename = built.filename.replace("-1.0-", f"-{version}-")
            content = built.content + b"%d" % minor
            digest = hashlib.sha256(content).hexdigest()
            yield (
                replace(
                    record,
                    version=version,
                    identity=record.identity.replace("1.0", version, 1),
                    filename=filename,
                    blob=Blob(keys.blob(record.project, digest, filename), len(content), digest),
                ),
                content,
            )


def _record(built: Built) -> FileRecord:
    found = inspect(built.filename, built.stream(), built.size)
    return draft_of(found, built.filename, stamp=Stamp(Action.UPLOAD, USER, _AT))


def _stored(storage: object, built: Built) -> FileRecord:
    record = _record(built)
    key = keys.blob(record.project, built.sha256, built.filename)
    storage.put(  # type: ignore[attr-defined] # the port
        key,
        built.stream(),
        size=built.size,
        sha256=built.sha256,
        content_type="application/octet-stream",
    )
    return replace(record, blob=Blob(key, built.size, **built.digests))
