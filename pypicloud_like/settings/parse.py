"""How a setting's text becomes a value: one function per type, each raising ValueError with a reason."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pypicloud_like.core.spelling import normal_form
from pypicloud_like.settings.model import Secret

Parser = Callable[[str], Any]

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_PATTERN = re.compile(r"[\w@*/:.+=-]{1,200}\Z", re.ASCII)
_SIZE = re.compile(r"(?P<number>\d{1,15})\s*(?P<unit>[kmgt]i?b?|b)?\Z", re.IGNORECASE | re.ASCII)
_UNITS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_SECONDS = re.compile(r"(?P<number>\d{1,12})\s*(?P<unit>[smhdw])?\Z", re.IGNORECASE | re.ASCII)
_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_HOST = re.compile(r"(?:[a-z0-9][a-z0-9.-]{0,252}|\[?[0-9a-f:.]+\]?)\Z")
_PRINCIPAL = re.compile(r"[\w+-](?:[\w.@+-]{0,98}[\w@+-])?\Z")
_EXAMPLE = re.compile(
    r"(?:my|our|the|a|an|some|super|very|put|insert|this)*[ ._-]?"
    r"(?:change.?(?:me|this)|default|example|key|secret|signing|password|replace|your|xxx)",
    re.IGNORECASE,
)

SHORTEST_KEY = 16


def text(value: str) -> str:
    """Any text of one line that is not empty."""
    if not value:
        raise ValueError("must not be empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must be one line without control characters")
    return value


def optional_text(value: str) -> str | None:
    """A text; empty means unset."""
    return text(value) if value else None


def path(value: str) -> Path:
    """A path; the loader makes it absolute."""
    return Path(text(value))


def secret(value: str) -> Secret | None:
    """A text that is never shown; empty means unset."""
    return Secret(text(value)) if value else None


def signing_key(value: str) -> Secret | None:
    """A key to sign with: neither short nor one that was copied from an example."""
    if not value:
        return None
    if len(value) < SHORTEST_KEY:
        raise ValueError(
            f"must have at least {SHORTEST_KEY} characters; better leave it out: one is generated"
        )
    if _EXAMPLE.match(value) or len(set(value)) < SHORTEST_KEY // 3:
        raise ValueError("looks like an example; better leave it out: one is generated")
    return Secret(value)


def boolean(value: str) -> bool:
    """``true``/``false``, ``1``/``0``, ``yes``/``no``, ``on``/``off``."""
    word = value.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("must be true or false")


def optional_boolean(value: str) -> bool | None:
    """As :func:`boolean`; ``auto`` or empty means that the server decides."""
    return None if value.lower() in {"", "auto"} else boolean(value)


def integer(least: int, most: int) -> Parser:
    """A whole number within bounds, both included."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            raise ValueError("must be a whole number")
        number = int(value)
        if not least <= number <= most:
            raise ValueError(f"must be between {least} and {most}")
        return number

    return parse


def optional_integer(least: int, most: int) -> Parser:
    """As :func:`integer`; empty means unset."""
    parse = integer(least, most)
    return lambda value: parse(value) if value else None


def size(value: str) -> int:
    """Bytes, or a number with ``KiB``, ``MiB``, ``GiB``, ``TiB`` (``k``, ``M``, ``MB`` mean the same)."""
    match = _SIZE.match(value)
    if match is None:
        raise ValueError("must be a size such as 65536, 512 KiB or 2 GiB")
    number = int(match["number"]) * _UNITS[(match["unit"] or "b")[0].lower()]
    if number == 0:
        raise ValueError("must be above 0")
    return number


def duration(value: str) -> int:
    """Seconds, or a number with ``s``, ``m``, ``h``, ``d`` or ``w``."""
    match = _SECONDS.match(value)
    if match is None:
        raise ValueError("must be a time such as 300, 5m, 12h or 7d")
    seconds = int(match["number"]) * _PERIODS[(match["unit"] or "s").lower()]
    if seconds > 100 * 365 * _PERIODS["d"]:
        raise ValueError("must be below 100 years")
    return seconds


def positive_duration(value: str) -> int:
    """As :func:`duration`, above 0."""
    seconds = duration(value)
    if seconds == 0:
        raise ValueError("must be above 0")
    return seconds


def seconds(value: str) -> float:
    """A time-out in seconds, with fractions, above 0."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII) or float(value) == 0:
        raise ValueError("must be a number of seconds above 0")
    return float(value)


def one_of(*choices: str) -> Parser:
    """One of these words."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of: {', '.join(choices)}")
        return value

    return parse


def optional_one_of(*choices: str) -> Parser:
    """One of these words; empty means unset."""
    parse = one_of(*choices)
    return lambda value: parse(value) if value else None


def principal(value: str) -> str:
    """The name of a user or group, in normal form."""
    name = normal_form(value)
    if not _PRINCIPAL.match(name):
        raise ValueError(f"{value!r} is not a name; names are separated by spaces")
    return name


def principals(value: str) -> frozenset[str]:
    """Names separated by white space; none at all is fine."""
    return frozenset(principal(name) for name in value.split())


def optional_principals(value: str) -> frozenset[str] | None:
    """As :func:`principals`; empty means unset."""
    return principals(value) or None


def hosts(value: str) -> frozenset[str]:
    """Host names or addresses without port, separated by white space; ``*`` means any."""
    names = value.lower().split()
    for name in names:
        if name != "*" and not _HOST.match(name):
            raise ValueError(f"{name!r} is not a host name (no scheme, no port, separated by spaces)")
    return frozenset(name.strip("[]") for name in names)


def networks(value: str) -> frozenset[str]:
    """Addresses or networks (``10.0.0.0/8``), separated by white space."""
    try:
        return frozenset(str(ipaddress.ip_network(item)) for item in value.split())
    except ValueError as error:
        raise ValueError(f"must be addresses or networks: {error}") from None


def audience(value: str) -> frozenset[str]:
    """``loopback``, ``admin``, ``everyone``, and addresses or networks, separated by white space."""
    words = frozenset({"loopback", "admin", "everyone"}) & frozenset(value.split())
    try:
        return words | networks(" ".join(item for item in value.split() if item not in words))
    except ValueError as error:
        raise ValueError(f"must be loopback, admin, everyone, addresses or networks: {error}") from None


def public_url(value: str) -> str | None:
    """Scheme, host and mount prefix; empty means unset."""
    if not value:
        return None
    return _web_address(value, path=True)


def endpoint(value: str) -> str | None:
    """The address of an S3 server; empty means that of the region."""
    return _web_address(value, path=True) if value else None


def address(value: str) -> str:
    """The address of a server or of a place on it, without a last slash."""
    return _web_address(value, path=True)


def issuer(value: str) -> str:
    """The address of an issuer of identity tokens, just as its tokens have it. Keys that come over plain
    http could be anybody's, so it has to be https, unless the issuer is on this machine.
    """
    _web_address(value, path=True)
    parts = urlsplit(value)
    if parts.scheme == "http" and not is_loopback(str(parts.hostname)):
        raise ValueError("must be https (http for this machine only)")
    return value


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def claims(value: str) -> tuple[str, ...]:
    """Names of claims, separated by white space."""
    return tuple(dict.fromkeys(value.split()))


def origins(value: str) -> frozenset[str]:
    """Web origins (scheme, host, port), separated by white space; ``*`` means any."""
    return frozenset("*" if item == "*" else _web_address(item, path=False) for item in value.split())


def certificates(value: str) -> bool | Path:
    """``true``, ``false``, or the path of a CA file."""
    try:
        return boolean(value)
    except ValueError:
        return path(value)


def key_prefix(value: str) -> str:
    """What object keys begin with, taken as it is."""
    if value.startswith("/") or (value and not re.fullmatch(r"[A-Za-z0-9._/-]+", value)):
        raise ValueError("must be a plain path such as packages/, without a first slash")
    if {".", "..", ""} & set(value.rstrip("/").split("/")) and value:
        raise ValueError("must be a plain path such as packages/")
    return value


def url_path(value: str) -> str | None:
    """An absolute URL path, its last slash taken off; empty means unset."""
    if not value:
        return None
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/?", value):
        raise ValueError("must be a path such as /protected")
    return value.rstrip("/")


def _web_address(value: str, *, path: bool) -> str:
    parts = urlsplit(text(value))
    try:
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or any(character.isspace() for character in value):
        raise ValueError("must be an address such as https://packages.example.org")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be without user, query and fragment")
    if not path and parts.path.strip("/"):
        raise ValueError("must be without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def names(value: str) -> tuple[str, ...]:
    """Short names of our own choosing, separated by white space, in their order."""
    found = tuple(value.split())
    for name in found:
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is not a name: lower-case letters, digits and - only")
    if len(set(found)) < len(found):
        raise ValueError("has a name twice")
    return found


def sparse_indexes(value: str) -> tuple[str, ...]:
    """Addresses of cargo indexes, ``sparse+`` and all, separated by white space; each ends with a slash."""
    found = tuple(value.split())
    for each in found:
        kind, plus, url = each.partition("+")
        if (kind, plus) != ("sparse", "+") or not url.endswith("/"):
            raise ValueError(f"{each!r} is not of the form sparse+https://HOST/PATH/")
        address(url)
    return found


def file_names(value: str) -> frozenset[str]:
    """Names of files without folders, separated by white space; case does not count."""
    found = frozenset(value.lower().split())
    if any("/" in name for name in found):
        raise ValueError("has a slash; only names of files are compared")
    return found


def patterns(value: str) -> frozenset[str]:
    """Names of projects, with ``*`` for any characters, separated by white space."""
    found = frozenset(value.split())
    for pattern in found:
        if not _PATTERN.match(pattern):
            raise ValueError(f"{pattern!r} is not a name or a pattern such as acme-*")
    return found


def at_most(most: int) -> Parser:
    """As :func:`duration`, up to so many seconds."""

    def parse(value: str) -> int:
        found = duration(value)
        if found > most:
            raise ValueError(f"must be at most {most} seconds")
        return found

    return parse
