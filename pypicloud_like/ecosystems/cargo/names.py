"""Names of crates: the rules of crates.io, and the one normal form under which a crate is known here."""

from __future__ import annotations

import re

from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project

CARGO = "cargo"
"""The ecosystem's word in keys, records and access lists."""
MAX_NAME = 64

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z", re.ASCII)
_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z", re.ASCII)
_DEVICE = re.compile(r"(nul|con|prn|aux|(com|lpt)[0-9])\Z")
_RESERVED = frozenset(
    [
        "alloc",
        "arena",
        "ast",
        "builtins",
        "collections",
        "compiler_builtins",
        "compiler_rt",
        "core",
        "coretest",
        "debug",
        "driver",
        "flate",
        "fmt_macros",
        "grammar",
        "graphviz",
        "macro",
        "macros",
        "proc_macro",
        "rbml",
        "rust_installer",
        "rustbook",
        "rustc",
        "rustc_back",
        "rustc_borrowck",
        "rustc_driver",
        "rustc_llvm",
        "rustc_resolve",
        "rustc_trans",
        "rustc_typeck",
        "rustdoc",
        "rustllvm",
        "rustuv",
        "serialize",
        "std",
        "std_inject",
        "syntax",
        "test",
        "unicode",
    ]
)
"""Names of the standard library and the compiler, in normal form: crates.io lets nobody publish them."""


def normalize(name: str) -> str:
    """The form in which two spellings of one crate are equal: lower case, ``-`` as ``_``."""
    return name.lower().replace("-", "_")


def is_valid_name(name: str) -> bool:
    """Whether a crate may be called so: ASCII letters, digits, ``-`` and ``_``, a letter first."""
    return len(name) <= MAX_NAME and _NAME.match(name) is not None


def is_valid_alias(name: str) -> bool:
    """Whether a manifest may call a dependency so: as a crate, or beginning with ``_``."""
    return len(name) <= MAX_NAME and _ALIAS.match(name) is not None


def is_reserved(name: str) -> bool:
    """Whether a crate of this name would stand for the standard library, the compiler or a Windows device."""
    canonical = normalize(name)
    return canonical in _RESERVED or _DEVICE.match(canonical) is not None


def check_name(name: str) -> None:
    """:raises InvalidRequest: no crate may be called so"""
    if not is_valid_name(name):
        raise InvalidRequest(
            "",
            f'invalid crate name "{shown(name)}": it must begin with an ASCII letter, have letters, digits,'
            f' "-" and "_" only, and be at most {MAX_NAME} characters long',
        )
    if is_reserved(name):
        raise InvalidRequest("", f'cannot upload a crate with the reserved name "{name}"')


def project_of(name: str) -> Project:
    """The project of a crate by any of its spellings."""
    return Project(CARGO, normalize(name))


def requested(name: str) -> Project:
    """The project an address means.

    :raises NotFound: no crate can be called so
    """
    if not is_valid_name(name):
        raise NotFound("crate")
    return project_of(name)


def index_path(name: str) -> str:
    """Where a crate's file lies in an index, relative to its root: of the lower-case name ``1/a``,
    ``2/ab``, ``3/a/abc``, ``ab/cd/abcd`` (Cargo reference, "Index files").
    """
    lowered = name.lower()
    match len(lowered):
        case 1 | 2:
            return f"{len(lowered)}/{lowered}"
        case 3:
            return f"3/{lowered[0]}/{lowered}"
    return f"{lowered[:2]}/{lowered[2:4]}/{lowered}"


def shown(text: str) -> str:
    """A hostile text as it may stand in a refusal: short and printable."""
    return "".join(character if character.isprintable() else "?" for character in text[:80])
