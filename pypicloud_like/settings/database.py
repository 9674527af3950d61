"""Database addresses: which databases there are, and how their addresses are written."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>[^?]*)(?P<query>\?.*)?\Z")
_POSTGRESQL = frozenset(
    {"postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+pg8000"}
)


def url(value: str) -> str:
    """An SQLite address, or a PostgreSQL one with the driver we use."""
    if any(character.isspace() for character in value):
        raise ValueError("must be one address without spaces")
    scheme, colon, rest = value.partition("://")
    if not colon:
        raise ValueError(
            "must be an address such as sqlite:////srv/packages/index.sqlite or postgresql://host/name"
        )
    if scheme in {"sqlite", "sqlite+pysqlite"}:
        return _sqlite(value)
    if scheme in _POSTGRESQL:
        return _postgresql(rest)
    raise ValueError(f"{scheme} is not a known database; known are sqlite and postgresql")


def _sqlite(value: str) -> str:
    match = _SQLITE.match(value)
    if match is None or match["path"] in {"", ":memory:"} or match["path"].startswith("file:"):
        raise ValueError("must name a file; a database in memory cannot be shared by threads and processes")
    if match["query"]:
        raise ValueError("must be without options; how SQLite is used is not for choice")
    return f"sqlite:///{match['path']}"


def _postgresql(rest: str) -> str:
    try:
        parts = urlsplit(f"postgresql://{rest}")
        named = bool(parts.path.strip("/")) and (parts.port or 1) > 0
    except ValueError:
        named = False
    if not named:
        raise ValueError("must be an address such as postgresql://user@host:5432/name")
    if importlib.util.find_spec("psycopg") is None:
        raise ValueError("needs psycopg: pip install 'pypicloud-like[postgresql]'")
    return f"postgresql+psycopg://{rest}"


def absolute(address: str, here: Path) -> str:
    """The address with the path of an SQLite file made absolute."""
    path = sqlite_path(address)
    return address if path is None else sqlite_url(here / path)


def sqlite_path(address: str) -> Path | None:
    """The file of an SQLite address, None for another database."""
    match = _SQLITE.match(address)
    return Path(match["path"]) if match else None


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file."""
    return f"sqlite:///{path}"
