"""Finding backends and ecosystems: by the name of an entry point, or by the dotted name of a class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.ports import Storage
from pypicloud_like.settings.model import (
    FileStorageSettings,
    MemoryStorageSettings,
    PluginSettings,
    S3StorageSettings,
    StorageSettings,
)

_STORAGES = {FileStorageSettings: "file", S3StorageSettings: "s3", MemoryStorageSettings: "memory"}
_PACKAGE = "pypicloud_like."
_EXTRAS = {"psycopg": "postgresql", "psycopg_c": "postgresql", "psycopg_binary": "postgresql"}
"""Top-level module → the extra of this distribution that brings it."""


def known(group: str) -> Sequence[str]:
    """The names in a group (``storage``, ``cache``, ``access`` or ``ecosystem``), sorted."""
    return sorted(_installed(_full(group)).names)


def find(group: str, name: str) -> Any:
    """The class behind a name of a group (``storage``, ``cache``, ``access``, ``ecosystem``; their
    full names ``pypicloud_like.storage`` … do too), or behind a dotted name:
    ``package.module:Class`` or ``package.module.Class``. Its type is its group's affair.

    :raises ConfigurationError: there is no such class, or a library it needs is missing
    """
    entry = next(iter(_installed(_full(group)).select(name=name)), None) or _dotted(group, name)
    if entry is None:
        raise ConfigurationError([f"{group}: {name!r} is not known; known are {', '.join(known(group))}"])
    try:
        found = entry.load()
    except ModuleNotFoundError as error:
        raise ConfigurationError([f"{group}: {name}: {_missing(error, entry)}"]) from error
    except (ImportError, AttributeError) as error:
        raise ConfigurationError([f"{group}: {name}: {error}"]) from error
    if not isinstance(found, type):
        raise ConfigurationError([f"{group}: {name} is not a class"])
    return found


def open_storage(settings: StorageSettings) -> Storage:
    """The storage that these settings describe.

    :raises ConfigurationError: its class or a library it needs cannot be found
    """
    name = settings.name if isinstance(settings, PluginSettings) else _STORAGES[type(settings)]
    storage: Storage = find("storage", name).from_settings(settings)
    return storage


@cache
def _installed(group: str) -> EntryPoints:
    """Asked once: it reads the metadata of all that is installed, which does not change under a process."""
    return entry_points(group=group)


def _full(group: str) -> str:
    return group if group.startswith(_PACKAGE) else _PACKAGE + group


def _dotted(group: str, name: str) -> EntryPoint | None:
    """A dotted name as if it were an entry point; None if it cannot be one."""
    module, colon, attribute = name.partition(":")
    if not colon:
        module, _, attribute = name.rpartition(".")
    parts = [*module.split("."), *attribute.split(".")]
    if not module or not all(part.isidentifier() for part in parts):
        return None
    return EntryPoint(name, f"{module}:{attribute}", group)


def _missing(error: ModuleNotFoundError, entry: EntryPoint) -> str:
    """What to install: the extra that has the library, or the library itself."""
    module = error.name or ""
    library = module.partition(".")[0]
    if entry.module == module or entry.module.startswith(f"{module}."):
        return f"there is no module {module}"
    extra = _EXTRAS.get(library)
    needed = f"'pypicloud-like[{extra}]'" if extra else library
    return f"needs the library {library}: pip install {needed}"
