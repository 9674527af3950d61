"""Which representation a client gets: the type of an index page, and whether its bytes are compressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from webob.acceptparse import (
    AcceptInvalidHeader,
    AcceptNoHeader,
    AcceptValidHeader,
    create_accept_encoding_header,
    create_accept_header,
)

from pypicloud_like.core.errors import NotAcceptable

Kind = Literal["html", "json"]

TEXT_HTML = "text/html"
SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"

_FAMILY = "application/vnd.pypi.simple."
_LATEST_HTML = f"{_FAMILY}latest+html"
_LATEST_JSON = f"{_FAMILY}latest+json"
_LONGEST_REMEMBERED = 512
"""Clients send a handful of short headers; longer ones are worked out each time, so that nobody can
fill the memo with them."""
_LONGEST = 2000
"""Longer headers count as none: reading one takes half a second for each 64 KiB."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer's ``Content-Type`` (always a concrete version, never ``latest``) and what to render."""

    media_type: str
    kind: Kind


_HTML = Chosen(TEXT_HTML, "html")
_V1_HTML = Chosen(SIMPLE_HTML, "html")
_V1_JSON = Chosen(SIMPLE_JSON, "json")

_OFFERS = {TEXT_HTML: _HTML, SIMPLE_HTML: _V1_HTML, SIMPLE_JSON: _V1_JSON}
"""In the order that decides between equals: ``*/*``, no header and browsers get ``text/html``, which
old scrapers need."""
_LATEST = {_LATEST_HTML: _V1_HTML, _LATEST_JSON: _V1_JSON}
_BY_FORMAT = _OFFERS | _LATEST


def read_accept(accept: str | None) -> AcceptValidHeader | AcceptNoHeader | AcceptInvalidHeader:
    """What an ``Accept`` header says. One that is absurdly long says nothing."""
    return create_accept_header(accept if accept is None or len(accept) <= _LONGEST else None)


def simple_format(accept: str | None, fmt: str | None, *, on_none: str) -> Chosen:
    """Choose the representation of an index page as PEP 691 and RFC 9110, section 12.5.1, say.

    :param accept: the ``Accept`` header; none at all, an empty, a malformed or an absurdly long one
        counts as ``*/*``
    :param fmt: the ``format`` query parameter; a type we know wins over the header, any other is ignored
    :param on_none: when nothing acceptable is offered: ``html`` answers ``text/html`` all the same,
        unless the client named versions of the simple API only; ``406`` always refuses
    :raises NotAcceptable: nothing acceptable is offered, and it is to be refused
    """
    if fmt is not None:
        # an unescaped "+" arrives as a space from a query string
        named = _BY_FORMAT.get(fmt.strip().replace(" ", "+").lower())
        if named is not None:
            return named
    if not accept or len(accept) > _LONGEST:
        return _HTML
    chosen = _remembered(accept) if len(accept) <= _LONGEST_REMEMBERED else _best(accept)
    if chosen is not None:
        return chosen
    if on_none == "html" and not _names_versions_only(accept):
        return _HTML
    raise NotAcceptable(tuple(_OFFERS))


def accepts(accept: str | None, offers: Sequence[str]) -> bool:
    """Whether a client takes one of these media types, which have no parameters themselves: what it says of
    parameters (``charset=utf-8``, ``indent=2``) is a wish, and no reason to send nothing.

    :param accept: the ``Accept`` header; none at all, a malformed and an absurdly long one count as ``*/*``
    """
    parsed = read_accept(accept).parsed
    if parsed is None:
        return True
    plain: dict[str, float] = {}
    for media_range, quality, *_ in parsed:
        name = media_range.partition(";")[0].strip().lower()
        plain[name] = max(quality, plain.get(name, 0))
    without = ", ".join(f"{name};q={quality}" for name, quality in plain.items())
    return bool(create_accept_header(without).acceptable_offers(offers))


def wants_gzip(accept_encoding: str | None) -> bool:
    """Whether a client prefers gzip to plain bytes, or likes both alike (RFC 9110, section 12.5.3).

    No header means plain bytes: such clients are often too simple to decode anything.
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST:
        return False
    if len(accept_encoding) <= _LONGEST_REMEMBERED:
        return _remembered_gzip(accept_encoding)
    return _gzip_is_best(accept_encoding)


def _best(accept: str) -> Chosen | None:
    header = create_accept_header(accept)
    lowered = accept.lower()
    # "latest" is offered to those who name it: matched by a wildcard it could bring back a type that
    # the client excluded by its own name
    offers = [*_OFFERS, *(latest for latest in _LATEST if latest in lowered)]
    acceptable = header.acceptable_offers(offers)
    return _BY_FORMAT[acceptable[0][0]] if acceptable else None


def _names_versions_only(accept: str) -> bool:
    parsed = create_accept_header(accept).parsed
    wanted = [media_range.lower() for media_range, quality, *_ in parsed or () if quality > 0]
    return bool(wanted) and all(media_range.startswith(_FAMILY) for media_range in wanted)


def _gzip_is_best(accept_encoding: str) -> bool:
    header = create_accept_encoding_header(accept_encoding)
    if header.parsed is None:  # malformed
        return False
    # plain bytes compete only where the client gives them a weight of their own
    offers = ["gzip", "identity"] if "identity" in accept_encoding.lower() else ["gzip"]
    acceptable = header.acceptable_offers(offers)
    return bool(acceptable) and acceptable[0][0] == "gzip"


_remembered = lru_cache(maxsize=256)(_best)
_remembered_gzip = lru_cache(maxsize=256)(_gzip_is_best)
