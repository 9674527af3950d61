"""Copying objects from one storage to another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from pypicloud_like.core import keys
from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.ports import Storage

_CHUNK = 1024 * 1024
_IN_MEMORY = 8 * 1024 * 1024


def copy_object(
    source: Storage,
    target: Storage,
    key: str,
    *,
    verify: bool,
    tell: Callable[[int], None] = lambda _more: None,
) -> None:
    """Copy one object. By a temporary file: a store must be told the digest before the bytes, and may read
    them twice.

    :param verify: take no bytes but those whose digest stands in their key
    :param tell: called with how many more bytes were read
    :raises MissingBytes: the source does not have it
    :raises InvalidUpload: its bytes have another digest
    """
    digest = hashlib.sha256()
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        with source.open(key) as reader:
            while chunk := reader.read(_CHUNK):
                digest.update(chunk)
                spool.write(chunk)
                tell(len(chunk))
        wanted = keys.digest_in(key) if verify else None
        if wanted not in {None, digest.hexdigest()}:
            raise InvalidUpload(key, "its bytes do not have the digest that they should have")
        size = spool.tell()
        spool.seek(0)
        target.put(key, cast("BinaryIO", spool), size=size, sha256=digest.hexdigest())
