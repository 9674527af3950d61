"""The format of entry_points.txt (the entry points specification), read line by line in linear time."""

from __future__ import annotations

import re

from pypicloud_like.registry.archives.limits import refused, shown

_SCRIPT_GROUPS = {"console_scripts", "gui_scripts"}
_SCRIPT_NAME = re.compile(r"[\w.-]+")
_OBJECT = re.compile(r"\w+(?:\.\w+)*\s*:\s*\w+(?:\.\w+)*")


def check_entry_points(raw: bytes) -> None:
    """Check the bytes of an entry_points.txt.

    :raises InvalidUpload: they are not UTF-8, not of the format, name something twice, or make
        installers write a script to another place or of something that is no function's name
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("entry_points.txt is not UTF-8") from None
    group: str | None = None
    seen: set[tuple[str, str]] = set()
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped[0] == "[" and stripped[-1] == "]":
            group = stripped[1:-1].strip()
            if not group:
                raise refused("entry_points.txt has a group without a name")
            continue
        name, equals, value = (part.strip() for part in stripped.partition("="))
        if group is None or not equals or not name or not value:
            raise refused(f"entry_points.txt is malformed at {shown(stripped)}")
        if (group, name) in seen:
            raise refused(f"entry_points.txt names {shown(name)} twice")
        seen.add((group, name))
        if group in _SCRIPT_GROUPS:
            _check_script(name, value)


def _check_script(name: str, value: str) -> None:
    if _SCRIPT_NAME.fullmatch(name) is None or name.strip(".") == "":
        raise refused(f"entry_points.txt: {shown(name)} cannot be the name of a script")
    if _OBJECT.fullmatch(value.partition("[")[0].strip()) is None:
        raise refused(f"entry_points.txt: {shown(value)} does not name a function")
