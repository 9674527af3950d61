"""Conditional and partial requests: If-None-Match, Range and If-Range (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})[ \t]*-[ \t]*([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Range:
    """The part of a file to be sent: ``length`` bytes from ``start``, of ``size`` in all."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """The ``Content-Range`` header of the 206 answer."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """A well-formed range outside the file: to be answered with 416."""

    size: int

    @property
    def content_range(self) -> str:
        """The ``Content-Range`` header of the 416 answer."""
        return f"bytes */{self.size}"


def not_modified(environ: Mapping[str, Any], etag: str) -> bool:
    """Whether a GET or HEAD is to be answered with 304, as its ``If-None-Match`` names ``etag``.

    :param environ: the WSGI environment of the request
    :param etag: the current entity tag with its quotes, and ``W/`` if it is weak; compared weakly
    """
    header = environ.get("HTTP_IF_NONE_MATCH")
    if not header:
        return False
    if header == etag or header.strip() == "*":
        return True
    opaque = etag.removeprefix("W/")[1:-1]
    return opaque in _ENTITY_TAG.findall(header)


def byte_range(header: str | None, size: int) -> Range | Unsatisfiable | None:
    """The one range that a ``Range`` header asks for, cut to the file's ``size`` in bytes.

    None means that the whole file is the answer: no header, another unit, a malformed or an absurd
    range, or several ranges (a server may always ignore ``Range``).
    """
    match = _ONE_RANGE.fullmatch(header) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, size)
    start = int(first)
    stop = int(last) + 1 if last else size
    if last and stop <= start:
        return None
    if start >= size:
        return Unsatisfiable(size)
    return Range(start, min(stop, size) - start, size)


def requested_range(
    environ: Mapping[str, Any], *, size: int, etag: str, modified: datetime | None = None
) -> Range | Unsatisfiable | None:
    """What part of a file a request asks for, ``If-Range`` taken into account; None for the whole.

    Only GET has ranges (RFC 9110, section 14.2).

    :param environ: the WSGI environment of the request
    :param size: the file's size in bytes
    :param etag: its current entity tag with its quotes
    :param modified: its ``Last-Modified``, aware, if one is sent
    """
    header = environ.get("HTTP_RANGE")
    if not header or environ.get("REQUEST_METHOD") != "GET":
        return None
    condition = environ.get("HTTP_IF_RANGE")
    if condition and not _still_the_same(condition.strip(), etag, modified):
        return None
    return byte_range(header, size)


def _suffix(length: str, size: int) -> Range | Unsatisfiable | None:
    """The last ``length`` bytes."""
    if not length or not size:
        return None
    wanted = min(int(length), size)
    return Range(size - wanted, wanted, size) if wanted else Unsatisfiable(size)


def _still_the_same(condition: str, etag: str, modified: datetime | None) -> bool:
    """The strong comparison of RFC 9110, section 13.1.5: weak tags never match, dates exactly."""
    if condition.startswith(('"', "W/")):
        return condition == etag and not etag.startswith("W/")
    if modified is None:
        return False
    try:
        date = parsedate_to_datetime(condition)
    except ValueError:
        return False
    return date.replace(tzinfo=date.tzinfo or UTC) == modified.replace(microsecond=0)
