"""What a setting is: the topic that it belongs to, its field there, how it is read and what it means."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any

from pypicloud_like.settings import parse
from pypicloud_like.settings.model import (
    AccessSettings,
    CargoSettings,
    CatalogueSettings,
    DatabaseSettings,
    FallbackSettings,
    FileStorageSettings,
    JsrSettings,
    LimitSettings,
    LogSettings,
    PypiSettings,
    S3StorageSettings,
    ServerSettings,
    TrustSettings,
)


@dataclass(frozen=True, slots=True)
class Choices:
    """Settings that choose between topics, or are another word for one of their fields."""

    storage: str = "file"
    cache: str = "sql"
    stream_files: bool = False
    allow_overwrite: bool | None = None
    allow_delete: bool | None = None
    pypi_upstreams: tuple[str, ...] = ()
    cargo_upstreams: tuple[str, ...] = ()
    jsr_upstreams: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()


TOPICS: dict[str, type] = {
    "choice": Choices,
    "server": ServerSettings,
    "file": FileStorageSettings,
    "s3": S3StorageSettings,
    "index": DatabaseSettings,
    "state": DatabaseSettings,
    "access": AccessSettings,
    "limits": LimitSettings,
    "log": LogSettings,
    "pypi": PypiSettings,
    "cargo": CargoSettings,
    "jsr": JsrSettings,
    "catalogue": CatalogueSettings,
    "fallback": FallbackSettings,
    "trust": TrustSettings,
}


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. ``default`` is shown in the documentation where the field's own default is not
    what a reader needs; ``alias`` is another name under which pypicloud's files have it.
    """

    name: str
    topic: str
    field: str
    parse: parse.Parser
    meaning: str
    default: str = ""
    secret: bool = False
    alias: str | None = None

    @property
    def field_default(self) -> Any:
        """The default of the field, ``MISSING`` where the loader derives or demands it."""
        for item in fields(TOPICS[self.topic]):
            if item.name == self.field:
                return item.default
        return MISSING
