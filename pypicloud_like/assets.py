"""Where static files, page templates and sample configurations lie.

In a checkout they are folders at the top, in an installed wheel parts of the package. Absolute paths
are given, never asset specifications: those are resolved by ``pkg_resources``, which does not find
the folders of an editable installation.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def static_dir() -> Path:
    """The folder of style sheets, scripts and images."""
    return _folder("static")


def templates_dir() -> Path:
    """The folder of Jinja pages."""
    return _folder("templates")


def config_dir() -> Path:
    """The folder of ready-made .ini files."""
    return _folder("config")


def _folder(name: str) -> Path:
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"the folder {name} is missing in this installation")
