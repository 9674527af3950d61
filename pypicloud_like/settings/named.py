"""Settings of several things of one kind, each under a name of its own: ``upstream.<name>.<field>``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pypicloud_like.settings import parse
from pypicloud_like.settings.given import Given, variable

Fields = Mapping[str, tuple[str, parse.Parser, str]]
"""Of each field its attribute, its type and its meaning."""

_REST = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)\.(?P<field>[a-z_]+)\Z")


def read(
    line: str, fields: Fields, lines: Iterable[Given], names: Iterable[str], fault: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """The values of each of these names by attribute, if it has a ``url``; faults go to ``fault``.

    :param line: what all keys begin with, ``upstream.``
    """
    values: dict[str, dict[str, Any]] = {name: {} for name in names}
    for given in lines:
        name, field = _taken_apart(line, fields, given, values)
        if name not in values or field not in fields:
            reason = f"must be {line}<name>.<field>; fields are {', '.join(fields)}"
            fault(given.fault(reason if name is None or name in values else f"no list names {name!r}"))
            continue
        attribute, parser, _meaning = fields[field]
        try:
            values[name][attribute] = parser(given.text)
        except ValueError as error:
            fault(given.fault(str(error)))
    for name in [name for name, found in values.items() if "url" not in found]:
        fault(f"{line}{name}.url: must be given")
        del values[name]
    return values


def _taken_apart(line: str, fields: Fields, given: Given, known: Iterable[str]) -> tuple[str | None, str]:
    """Name and field; of a variable, in which dots cannot be told from underscores, those that fit."""
    if given.source != "ini":
        for name in known:
            for field in fields:
                if variable(f"{line}{name}.{field}").replace("-", "_") == given.source:
                    return name, field
    match = _REST.match(given.key.removeprefix(line))
    return (match["name"], match["field"]) if match else (None, "")
