"""What a catalogue says of a project, in words that all ecosystems share. Each ecosystem gives a function
that reads it from its own records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pypicloud_like.core.model import FileRecord, Project, ProjectRecord

DESCRIBERS = "pypicloud_like.describers"
"""Where the composition keeps them: ecosystem → :data:`Describe`."""
LONGEST_SUMMARY = 500
MOST_KEYWORDS = 1000
"""Characters of all keywords of a project that are looked through; nobody is asked how many they give."""


@dataclass(frozen=True, slots=True)
class Described:
    """One project that has a file. Times are aware.

    ``version`` is the newest one by the ecosystem's own order, final before pre-release, not yanked; None if
    all are. ``page`` is the path of its page, ``people`` those who published it, ``requires`` what the newest
    version depends on that may be here, ``keywords`` what else it wants to be found by.
    """

    title: str
    version: str | None
    summary: str
    repository: str
    documentation: str | None
    page: str
    people: tuple[str, ...]
    updated_at: datetime
    released_at: datetime | None
    deprecated: bool
    requires: frozenset[Project] = frozenset()
    keywords: tuple[str, ...] = ()


Describe = Callable[[Sequence[FileRecord], ProjectRecord | None], Described]
"""Given the visible files of a project, of which there is one at least, and its own record."""


def publishers(files: Sequence[FileRecord]) -> tuple[str, ...]:
    """Who published files, by name."""
    return tuple(sorted({file.uploader for file in files if file.uploader}))


def last_release(files: Sequence[FileRecord]) -> datetime | None:
    """When the newest file that is not yanked came."""
    return max((file.uploaded_at for file in files if file.yanked is None), default=None)


def last_upload(files: Sequence[FileRecord]) -> datetime:
    """When the newest file came."""
    return max(file.uploaded_at for file in files)


def keywords_of(told: object) -> tuple[str, ...]:
    """Those that metadata gives, as a list or as one text; nothing for anything else."""
    words = [told] if isinstance(told, str) else told if isinstance(told, Sequence) else ()
    found: list[str] = []
    room = MOST_KEYWORDS
    for each in words:
        word = " ".join(str(each)[:MOST_KEYWORDS].split())
        if word and len(word) <= room:
            found.append(word)
            room -= len(word)
    return tuple(found)


def address(text: object) -> str:
    """A web address as it may stand in a page; nothing for anything else (``javascript:`` and its like, and
    what cannot be taken apart).
    """
    plain = text.strip() if isinstance(text, str) else ""
    fits = plain.lower().startswith(("http://", "https://")) and plain.isprintable() and " " not in plain
    return plain if fits and len(plain) <= 1000 and _has_host(plain) else ""


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:  # http://[
        return False
