"""Each setting with its value in effect and where it came from, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from typing import Any

from pypicloud_like.settings.given import MASK, Given, masked
from pypicloud_like.settings.keys import KEYS
from pypicloud_like.settings.model import Origin, Secret
from pypicloud_like.settings.topics import Key

COMMAND_LINE = "command line"


def trace(
    given: Mapping[str, Given], values: Mapping[str, Mapping[str, Any]], *, data_option: bool
) -> Iterator[Origin]:
    """One :class:`Origin` for each setting that is in effect, those of the table first."""
    storage = values["choice"].get("storage", "file")
    seen = set()
    for key in KEYS:
        written = given.get(key.name) or given.get(key.alias or "")
        seen |= {key.name, key.alias}
        if key.topic in {"file", "s3"} and key.topic != storage:
            continue
        value = values[key.topic].get(key.field, key.field_default)
        if value is MISSING or (key.topic == "choice" and value is None):
            continue
        yield Origin(key.name, show(key, value), _source(key, written, data_option=data_option))
    for name in sorted(given.keys() - seen):
        yield Origin(name, given[name].shown, given[name].source)


def show(key: Key, value: Any) -> str:
    """A value as one would write it in an .ini file, without what is secret in it."""
    if value is None:
        return ""
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    if isinstance(value, tuple):
        return " ".join(value)
    return masked(key.name, str(value))


def _source(key: Key, written: Given | None, *, data_option: bool) -> str:
    if key.name == "server.data" and data_option:
        return COMMAND_LINE
    return written.source if written else "default"
