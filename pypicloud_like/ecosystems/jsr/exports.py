"""The ``exports`` of a package: which names its users may import, and the files they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.names import shown
from pypicloud_like.ecosystems.jsr.tarball import MAX_FILES

_KEY = re.compile(r"\.(?:/[A-Za-z0-9_./-]+)?\Z", re.ASCII)
_ENDING = re.compile(r"[^/]\.[^./]+\Z")

Exports = Mapping[str, str]
"""Names (``.`` or ``./name``) and the files they stand for (``./mod.ts``)."""


def read_exports(said: Any) -> Exports:
    """What a configuration says, with a text alone meaning the package itself.

    :raises Failed: ``configFileExportsInvalid``
    """
    if isinstance(said, str):
        said = {".": said}
    if not isinstance(said, dict):
        raise _invalid("`exports` has to be a path, or an object of names and paths")
    if not said:
        raise _invalid("`exports` has to name one file at least")
    if len(said) > MAX_FILES:
        raise _invalid(f"`exports` has more than {MAX_FILES} names")
    for name, target in said.items():
        check_name(name)
        check_target(name, target)
    return said


def check_name(name: str) -> None:
    """:raises Failed: users cannot import by this name"""
    if name == ".":
        return
    if not name.startswith("./"):
        raise _invalid(f"the name '{shown(name)}' has to be '.' or begin with './'")
    if not _KEY.match(name):
        raise _invalid(
            f"the name '{shown(name)}' has characters other than letters, digits, '_', '-', '.', '/'"
        )
    parts = name[2:].split("/")
    if not all(parts):
        raise _invalid(f"the name '{shown(name)}' has an empty part or ends in a slash")
    if any(not part.strip(".") for part in parts):
        raise _invalid(f"the name '{shown(name)}' has a part of dots alone")


def check_target(name: str, target: Any) -> None:
    """:raises Failed: the file is not named as one of the package"""
    if not isinstance(target, str):
        raise _invalid(f"'{shown(name)}' has to stand for a path")
    if not target.startswith("./"):
        raise _invalid(f"the path '{shown(target)}' of '{shown(name)}' has to begin with './'")
    if target.endswith("/") or not _ENDING.search(target):
        raise _invalid(
            f"the path '{shown(target)}' of '{shown(name)}' has to be a file with an ending like '.ts'"
        )


def path_of(target: str) -> str:
    """The path in the package of what an export stands for."""
    return target[1:]


def check_files(exports: Exports, files: Collection[str]) -> None:
    """:raises Failed: an export stands for a file that is not in the package"""
    for name, target in exports.items():
        if path_of(target) not in files:
            raise _invalid(
                f"'{shown(name)}' stands for '{shown(target)}', which is not in the package; is it excluded?"
            )


def _invalid(why: str) -> Failed:
    return Failed("configFileExportsInvalid", f"The exports of the package are not valid: {why}")
