"""Every place in storage, in one file of pure functions.

::

    v1/storage.json                                          the marker
    v1/files/<ecosystem>/<project>/<sha256>/<filename>       bytes, immutable
    v1/records/<ecosystem>/<project>/<identity>/<serial>.json  records, immutable

A key of bytes contains their digest, so two writers never touch one another's bytes and what a
broken upload leaves behind stands in nobody's way. Records are never replaced or removed: of one
identity the highest serial counts.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote

from pypicloud_like.core.model import Project

ROOT = "v1/"
MARKER = f"{ROOT}storage.json"
FILES = f"{ROOT}files/"
RECORDS = f"{ROOT}records/"

_LONGEST_SEGMENT = 200
_RECORD = re.compile(
    re.escape(RECORDS)
    + r"(?P<ecosystem>[a-z]+)/(?P<project>[^/]+)/(?P<identity>[^/]+)/(?P<serial>[0-9]{12,})\.json\Z"
)


def segment(text: str) -> str:
    """One path segment for any text: percent-encoded, and cut with a digest where a file system
    would not take its length. Never empty, never ``.`` or ``..`` for a non-empty text.
    """
    encoded = quote(text, safe="@+!")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if len(encoded) <= _LONGEST_SEGMENT:
        return encoded
    return encoded[:150] + "~" + hashlib.sha256(text.encode()).hexdigest()[:32]


def project_folder(project: Project) -> str:
    """``pypi/foo`` or ``jsr/@scope+name``: the part of a key that names a project."""
    return f"{project.ecosystem}/{segment(project.name.replace('/', '+'))}"


def blob(project: Project, sha256: str, filename: str) -> str:
    """Where the bytes with this digest lie. ``filename`` is for people who look into the store."""
    return f"{FILES}{project_folder(project)}/{sha256}/{segment(filename)}"


def records_of(project: Project) -> str:
    """The prefix of all records of a project."""
    return f"{RECORDS}{project_folder(project)}/"


def record(project: Project, identity: str, serial: int) -> str:
    """Where the record of one change lies."""
    return f"{records_of(project)}{segment(identity)}/{serial:012d}.json"


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
