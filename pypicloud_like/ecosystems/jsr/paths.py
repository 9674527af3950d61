"""Paths of files in a package: the rules of JSR, each a function of its own.

They hold for names on every file system that a package may be unpacked to, and in every address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.names import shown

MAX_PATH = 155
"""Bytes of a path, its slash at the beginning included."""
MAX_LAST = 95
"""Bytes of its last component."""

_PLAIN = re.compile(r"[a-zA-Z0-9$()+\-.@\[\]_{}~/]*\Z", re.ASCII)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])\Z")
_OURS = "_dist"
"""Where declarations lie in a package's npm form."""


def normal_path(raw: bytes) -> str:
    """How a member of a tarball is called in a package: ``a``, ``./a`` and ``/a`` all are ``/a``.

    :raises Failed: it is not UTF-8 (``invalidPath``)
    """
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid(raw.decode("utf-8", "replace"), "it is not UTF-8") from None
    name = name.removeprefix("./")
    return name if name.startswith("/") else f"/{name}"


def check_path(path: str) -> None:
    """All rules, in the order in which people want to hear of them.

    :raises Failed: ``invalidPath`` or ``invalidGitPath``
    """
    check_length(path)
    check_components(path)
    check_characters(path)
    check_git(path)
    check_devices(path)
    check_ours(path)


def is_path(path: str) -> bool:
    """Whether a file of a package may be called so."""
    try:
        check_path(path)
    except Failed:
        return False
    return path.startswith("/")


def check_length(path: str) -> None:
    """:raises Failed: the path or its last component is too long"""
    if len(path.encode()) > MAX_PATH:
        raise _invalid(path, f"it is longer than {MAX_PATH} bytes")
    if len(path.rpartition("/")[2].encode()) > MAX_LAST:
        raise _invalid(path, f"its last component is longer than {MAX_LAST} bytes")


def check_components(path: str) -> None:
    """:raises Failed: a component is empty, ``.``, ``..``, or ends in a dot, which Windows drops"""
    for part in path[1:].split("/"):
        if not part:
            raise _invalid(path, "a component is empty, or it ends in a slash")
        if part in {".", ".."}:
            raise _invalid(path, "'.' and '..' are not allowed in it")
        if part.endswith("."):
            raise _invalid(path, "a component ends in a dot")


def check_characters(path: str) -> None:
    """:raises Failed: there is a character in it that some system or address cannot have"""
    if not _PLAIN.match(path):
        raise _invalid(path, "only letters, digits and $ ( ) + - . @ [ ] _ { } ~ are allowed in it")


def check_devices(path: str) -> None:
    """:raises Failed: a component means a device on Windows, with any ending"""
    for part in path[1:].split("/"):
        if _DEVICE.match(part.rpartition(".")[0].lower() or part.lower()):
            raise _invalid(path, f"'{shown(part)}' is the name of a device on Windows")


def check_git(path: str) -> None:
    """:raises Failed: it lies in git's folder"""
    if path == "/.git" or path.startswith("/.git/"):
        raise Failed("invalidGitPath", f"The file '{shown(path)}' belongs to git, not to the package")


def check_ours(path: str) -> None:
    """:raises Failed: it lies where a registry puts files of its own"""
    if path[1:].split("/", maxsplit=1)[0].lower() == _OURS:
        raise _invalid(path, f"the folder '{_OURS}' is kept for declarations that are made for npm")


def check_case(paths: Iterable[str]) -> None:
    """:raises Failed: two paths are one where case does not count (``caseInsensitiveDuplicatePath``)"""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(path.lower(), path)
        if other != path:
            raise Failed(
                "caseInsensitiveDuplicatePath",
                f"'{shown(other)}' and '{shown(path)}' differ only by case",
            )


def check_folders(paths: Collection[str]) -> None:
    """:raises Failed: a file is called like a folder in which another one is, which no disk can have"""
    files = {path.lower() for path in paths}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder:
            if folder.lower() in files:
                raise _invalid(path, f"'{shown(folder)}' is a file")
            folder = folder.rpartition("/")[0]


def check_secrets(paths: Iterable[str], refused: Collection[str]) -> None:
    """Refuse files that nobody publishes on purpose: a version can never be taken back.

    :param refused: their names in lower case, wherever they lie
    :raises Failed: one of them is there
    """
    for path in paths:
        if path.rpartition("/")[2].lower() in refused:
            raise _invalid(
                path,
                "it looks like a secret, and what is published stays published; name it in `publish.exclude`",
            )


def _invalid(path: str, why: str) -> Failed:
    return Failed("invalidPath", f"'{shown(path)}' cannot be the path of a file: {why}")
