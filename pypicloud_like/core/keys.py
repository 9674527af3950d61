"""Every place in storage, in one file of pure functions.

::

    v1/storage.json                                          the marker
    v1/files/<ecosystem>/<project>/<sha256>-<nonce>/<filename>  bytes, immutable
    v1/records/<ecosystem>/<project>/<identity>/<serial>.json  records, immutable
    v1/upstream/<ecosystem>/<project>/<sha256>-<nonce>/<filename>  bytes held from an upstream
    v1/upstream/<ecosystem>/<project>/<sha256>-<nonce>/<filename>.record.json  and what is known of them

A key of bytes contains their digest and a nonce of the upload, so two writers never touch one another's
bytes, what a broken upload leaves behind stands in nobody's way, and the bytes of a deleted file can
go at once even while the same file is being uploaded again. Records are never replaced or removed: of one
identity the highest serial counts.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pypicloud_like.core.model import Project

ROOT = "v1/"
MARKER = f"{ROOT}storage.json"
FILES = f"{ROOT}files/"
RECORDS = f"{ROOT}records/"
HELD = f"{ROOT}upstream/"

HELD_RECORD = ".record.json"

_LONGEST_SEGMENT = 200
_RECORD = re.compile(
    re.escape(RECORDS)
    + r"(?P<ecosystem>[a-z]+)/(?P<project>[^/]+)/(?P<identity>[^/]+)/(?P<serial>[0-9]{12,})\.json\Z"
)
_BYTES = re.compile(
    rf"(?:{re.escape(FILES)}|{re.escape(HELD)})[a-z]+/[^/]+/(?P<sha256>[0-9a-f]{{64}})-[0-9a-f]{{8}}/"
    rf"(?![^/]*{re.escape(HELD_RECORD)}\Z)[^/]+\Z"
)


def segment(text: str) -> str:
    """One path segment for any text: percent-encoded, and cut with a digest where a file system
    would not take its length. Never empty, never ``.`` or ``..`` for a non-empty text.
    """
    encoded = quote(text, safe="@+!").replace("~", "%7E")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if len(encoded) <= _LONGEST_SEGMENT:
        return encoded
    return encoded[:150] + "~" + hashlib.sha256(text.encode()).hexdigest()[:32]


def project_folder(project: Project) -> str:
    """``pypi/foo`` or ``jsr/@scope+name``: the part of a key that names a project."""
    return f"{project.ecosystem}/{segment(project.name.replace('/', '+'))}"


def project_of(folder: str) -> Project | None:
    """The project a folder names; None where its name was too long to stand there in full."""
    ecosystem, _, name = folder.partition("/")
    return None if "~" in name else Project(ecosystem, unquote(name).replace("+", "/"))


def blob(project: Project, sha256: str, filename: str) -> str:
    """A new place for bytes with this digest. ``filename`` is for people who look into the store.

    Never computed again: whoever refers to bytes keeps their key.
    """
    return f"{FILES}{project_folder(project)}/{sha256}-{secrets.token_hex(4)}/{segment(filename)}"


def held(project: Project, sha256: str, filename: str) -> str:
    """A new place for bytes of an upstream, never among ours. Never computed again."""
    return f"{HELD}{project_folder(project)}/{sha256}-{secrets.token_hex(4)}/{segment(filename)}"


def held_record(key: str) -> str:
    """Where the record of held bytes lies: beside them."""
    return f"{key}{HELD_RECORD}"


def files_of(project: Project) -> str:
    """The prefix of all bytes of a project."""
    return f"{FILES}{project_folder(project)}/"


def records_of(project: Project) -> str:
    """The prefix of all records of a project."""
    return f"{RECORDS}{project_folder(project)}/"


def record(project: Project, identity: str, serial: int) -> str:
    """Where the record of one change lies."""
    return f"{records_of(project)}{segment(identity)}/{serial:012d}.json"


def digest_in(key: str) -> str | None:
    """The digest that bytes under this key have; None for records and for what lies elsewhere."""
    match = _BYTES.match(key)
    return match["sha256"] if match else None


@dataclass(frozen=True, slots=True)
class RecordKey:
    """A record's key taken apart; ``identity`` and ``folder`` are still encoded."""

    key: str
    folder: str
    identity: str
    serial: int


def parse_record(key: str) -> RecordKey | None:
    """Take a record's key apart; None for anything else that lies about."""
    match = _RECORD.match(key)
    if match is None:
        return None
    return RecordKey(key, f"{match['ecosystem']}/{match['project']}", match["identity"], int(match["serial"]))


def highest(found: Iterable[RecordKey]) -> dict[str, RecordKey]:
    """Encoded identity → the record that counts, of the records of one project: the one with the highest
    serial.
    """
    best: dict[str, RecordKey] = {}
    for key in found:
        if key.identity not in best or best[key.identity].serial < key.serial:
            best[key.identity] = key
    return best
