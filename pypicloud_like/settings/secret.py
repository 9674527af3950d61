"""The server's own secret: made once, kept in the data folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pypicloud_like.core.errors import ConfigurationError

FILENAME = "secret.key"
SIZE = 32


def load_secret(data: Path) -> bytes:
    """The 32 random bytes in ``<data>/secret.key``, made (mode 0600) if there are none yet.

    Of several processes that start at once the first to link its file wins and all get its bytes.

    :raises ConfigurationError: the file cannot be read or made, or is damaged
    """
    path = data / FILENAME
    try:
        if not path.exists():
            data.mkdir(parents=True, exist_ok=True)
            _create(path)
        secret = path.read_bytes()
    except OSError as error:
        raise ConfigurationError([f"server.data = {data}: {FILENAME}: {error.strerror}"]) from error
    if len(secret) != SIZE:
        raise ConfigurationError([f"server.data = {data}: {FILENAME} is damaged; remove it and start again"])
    return secret


def _create(path: Path) -> None:
    """Written whole under another name first, so that nobody ever reads a part of it."""
    draft = path.with_name(f".{FILENAME}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SIZE))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its secret counts
            os.link(draft, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink()
