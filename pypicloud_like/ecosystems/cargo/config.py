"""``config.json``: how cargo finds files and the web API, and whether it must send a token."""

from __future__ import annotations

import json
from urllib.parse import quote

from pypicloud_like.access.guard import Guard
from pypicloud_like.core.model import ANONYMOUS, File
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.ecosystems.cargo.shapes import IndexConfig
from pypicloud_like.settings.model import Settings

INDEX_PATH = "/cargo/index/"
CRATES_PATH = "/api/v1/crates"


def index_url(base: str) -> str:
    """The identity of this registry, as it stands in manifests and lock files. ``base`` is where this
    server is, without a last slash.
    """
    return f"sparse+{base}{INDEX_PATH}"


def download_path(file: File) -> str:
    """Where the archive of a version is, below this server's address, percent-encoded."""
    return f"{CRATES_PATH}/{file.display_name}/{quote(file.version, safe='+')}/download"


def own_indexes(settings: Settings, base: str) -> frozenset[str]:
    """All addresses that mean this registry."""
    return frozenset({index_url(base), *settings.cargo.index_aliases})


def needs_token(settings: Settings, guard: Guard) -> bool:
    """Whether cargo is to send its token with every request. By default it is as soon as there is a crate
    that somebody may not read: cargo knows "always" and "never" only.
    """
    match settings.cargo.auth_required:
        case "always":
            return True
        case "never":
            return False
    return guard.readable(ANONYMOUS, CARGO).digest != "ALL"


def render(base: str, *, auth_required: bool) -> bytes:
    """The document. cargo appends ``/{crate}/{version}/download`` to ``dl``, and ``/api/v1/…`` to ``api``."""
    document: IndexConfig = {"dl": f"{base}{CRATES_PATH}", "api": base}
    if auth_required:
        document["auth-required"] = True
    return json.dumps(document).encode()
