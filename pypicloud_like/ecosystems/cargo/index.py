"""The lines of a sparse index (Cargo reference, "Index files"), as a pure function of records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from pypicloud_like.core.model import FileRecord
from pypicloud_like.registry.semver import parse

CONTENT_TYPE = "text/plain; charset=utf-8"

_KEYS = (
    "name",
    "req",
    "features",
    "optional",
    "default_features",
    "target",
    "kind",
    "registry",
    "package",
)
Features = dict[str, list[str]]


def render(files: Iterable[FileRecord]) -> bytes:
    """The index file of a crate: a line for each version, yanked or not, in the order of their publishing."""
    return b"".join(_line(file) for file in sorted(files, key=_order))


def entry(file: FileRecord) -> dict[str, Any]:
    """The object of one line. ``yanked`` alone ever changes."""
    facts = file.facts
    plain, extended = split_features(facts.get("features", {}))
    line: dict[str, Any] = {
        "name": file.display_name,
        "vers": file.version,
        "deps": [_dependency(each) for each in facts.get("deps", [])],
        "cksum": file.blob.sha256,
        "features": plain,
    }
    if extended:
        line["features2"] = extended
    line["yanked"] = file.yanked is not None
    line["links"] = facts.get("links")
    if facts.get("rust_version"):
        line["rust_version"] = facts["rust_version"]
    line["pubtime"] = file.uploaded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if extended:
        line["v"] = 2
    return line


def split_features(features: Mapping[str, Sequence[str]]) -> tuple[Features, Features]:
    """Features for ``features`` and for ``features2``: those with the syntax of Rust 1.60 (``dep:name``,
    ``name?/feature``), and those that need such a one, are kept out of the sight of older versions.
    """
    needed_by: dict[str, list[str]] = {}
    for name, values in features.items():
        for value in values:
            needed_by.setdefault(value, []).append(name)
    new = {name for value, names in needed_by.items() if _is_extended(value) for name in names}
    fresh = list(new)
    while fresh:
        more = set(needed_by.get(fresh.pop(), ())) - new
        new |= more
        fresh += more
    plain = {name: list(values) for name, values in sorted(features.items()) if name not in new}
    return plain, {name: list(values) for name, values in sorted(features.items()) if name in new}


def _dependency(said: Mapping[str, Any]) -> dict[str, Any]:
    """In one order, whatever that of the record is."""
    return {key: said.get(key) for key in _KEYS} | {
        key: said[key] for key in sorted(said.keys() - set(_KEYS))
    }


def _is_extended(value: str) -> bool:
    return value.startswith("dep:") or "?/" in value


def _line(file: FileRecord) -> bytes:
    text = json.dumps(entry(file), ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def _order(file: FileRecord) -> tuple[Any, ...]:
    return file.uploaded_at, parse(file.version), file.identity
