"""How access lists spell a project: ``foo``, ``cargo:foo``, ``jsr:@scope/name``."""

from __future__ import annotations

import re

from packaging.utils import InvalidName, canonicalize_name

from pypicloud_like.core.model import PYPI, Project

_SPELLED = re.compile(r"(?P<ecosystem>[a-z][a-z0-9]*)[:/](?P<name>.+)\Z", re.DOTALL)
_CRATE = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
_MODULE = re.compile(r"@(?P<scope>[a-z0-9][a-z0-9-]{1,19})/(?P<name>[a-z0-9][a-z0-9-]{1,57})\Z")


def parse_project(text: str) -> Project:
    """The project an access list means. The inverse of ``str(project)``.

    A slash does for the colon (``cargo/foo``), because a colon ends the key in an .ini file.
    Python names are normalised as PEP 503 says, crates compare without case and with ``-`` as
    ``_`` (the rule of crates.io).

    :raises ValueError: it is no such spelling, or the name is not one of its ecosystem
    """
    match = _SPELLED.match(text)
    ecosystem, name = (match["ecosystem"], match["name"]) if match else (PYPI, text)
    if ecosystem == PYPI:
        return Project(PYPI, _python(name))
    if ecosystem == "cargo":
        return Project("cargo", _crate(name))
    if ecosystem == "jsr":
        return Project("jsr", _module(name))
    raise ValueError(f"{ecosystem!r} is not a known ecosystem; known are pypi, cargo and jsr")


def parse_pattern(text: str) -> Project:
    """As :func:`parse_project`; an ending ``*`` makes it a pattern of all names that begin so. Of JSR there
    are patterns of whole scopes only.

    :raises ValueError: it is no such spelling
    """
    if not text.endswith("*"):
        return parse_project(text)
    if text.endswith("/*"):
        space = parse_project(f"{text[:-1]}any").space
        if space is None:
            raise ValueError(f"{text!r} is not a pattern")
        return space
    example = parse_project(f"{text[:-1]}x")
    if example.space is not None:
        raise ValueError(f"{text!r} is not a pattern of JSR packages; write jsr:@scope/*")
    return Project(example.ecosystem, f"{example.name[:-1]}*")


def _python(name: str) -> str:
    try:
        return str(canonicalize_name(name, validate=True))
    except InvalidName:
        raise ValueError(f"{name!r} is not a Python project name") from None


def _crate(name: str) -> str:
    canonical = name.lower().replace("-", "_")
    if not _CRATE.match(canonical):
        raise ValueError(f"{name!r} is not a crate name")
    return canonical


def _module(name: str) -> str:
    if not _MODULE.match(name):
        raise ValueError(f"{name!r} is not a JSR package; write @scope/name")
    return name
