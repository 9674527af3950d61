"""The server's own secret: made once, kept in the data folder."""

from __future__ import annotations

import secrets
from pathlib import Path

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.private_files import private_file

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
            with private_file(path, replace=False) as file:
                file.write(secrets.token_bytes(SIZE))
        secret = path.read_bytes()
    except OSError as error:
        raise ConfigurationError([f"server.data = {data}: {FILENAME}: {error.strerror}"]) from error
    if len(secret) != SIZE:
        raise ConfigurationError([f"server.data = {data}: {FILENAME} is damaged; remove it and start again"])
    return secret
