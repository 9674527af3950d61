"""Versions of crates and what dependencies require of them (Cargo reference, "Specifying dependencies")."""

from __future__ import annotations

import re
from itertools import pairwise

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.names import shown
from pypicloud_like.registry.semver import MAX_NUMBER, Version, is_version, parse

__all__ = ["MAX_VERSION", "Version", "check_version", "identity_of", "is_requirement", "normal_requirement"]

MAX_VERSION = 150
"""Characters of a version; the bound of crates.io."""

_OPERATOR = re.compile(r"(?P<operator>=|>=|<=|>|<|~|\^)?\s*(?P<rest>\S+)\Z")
"""For a text without white space around it: two runs of white space side by side would be tried in every
way to share out what there is.
"""
_PARTIAL = re.compile(
    r"(?P<numbers>(?:0|[1-9][0-9]{0,19}|[*xX])(?:\.(?:0|[1-9][0-9]{0,19}|[*xX])){0,2})(?P<tail>[-+].*)?\Z",
    re.ASCII,
)


def check_version(text: str) -> Version:
    """:raises InvalidUpload: it is no semantic version, or too long"""
    if len(text) > MAX_VERSION:
        raise InvalidUpload("", f"a version must be at most {MAX_VERSION} characters long")
    try:
        return parse(text)
    except ValueError:
        raise InvalidUpload("", f'"{shown(text)}" is an invalid semver version') from None


def identity_of(version: Version) -> str:
    """What may exist once in a crate: versions that differ by build metadata only are the same to cargo,
    which would pick one of them at will.
    """
    return version.without_build


def is_requirement(text: str) -> bool:
    """Whether cargo understands a text as a requirement: ``^1.2``, ``>=0.1, <2``, ``1.*``, ``*``."""
    parts = text.split(",")
    if parts[-1:] == [""] and len(parts) > 1:
        return False
    return text.strip() in {"*", "x", "X"} or (len(parts) <= 32 and all(map(_is_comparator, parts)))


def normal_requirement(text: str) -> str:
    """A requirement as cargo itself writes it: ``0.2`` is ``^0.2``, ``>= 1,<2`` is ``>=1, <2``, ``1.x.x`` is
    ``1.*``. What is no requirement stays as it is.
    """
    if not is_requirement(text):
        return text
    if text.strip() in {"*", "x", "X"}:
        return "*"
    return ", ".join(map(_normal_comparator, text.split(",")))


def _normal_comparator(text: str) -> str:
    match = _OPERATOR.match(text.strip())
    assert match
    rest = match["rest"]
    numbers, dot, _ = re.sub("[xX]", "*", rest).partition(".*")
    if dot and not {"-", "+"} & set(rest):
        return f"{numbers}.*" if not match["operator"] else f"{match['operator']}{numbers}"
    return f"{match['operator'] or '^'}{rest}"


def _is_comparator(text: str) -> bool:
    match = _OPERATOR.match(text.strip())
    partial = _PARTIAL.match(match["rest"]) if match else None
    if match is None or partial is None:
        return False
    numbers = partial["numbers"].split(".")
    if partial["tail"] and not is_version(match["rest"]):
        return False
    wild = [number in "*xX" for number in numbers]
    if wild[0] or any(before and not after for before, after in pairwise(wild)):
        return False
    return all(int(number) <= MAX_NUMBER for number in numbers if number not in "*xX")
