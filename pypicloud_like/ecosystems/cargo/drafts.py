"""From an archive to the record that is going to be published."""

from __future__ import annotations

from collections.abc import Collection
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidRequest, InvalidUpload
from pypicloud_like.core.model import Blob, File, FileRecord, Snapshot, Stamp
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.cargo.archive import Contents, read_crate
from pypicloud_like.ecosystems.cargo.manifest import read_manifest
from pypicloud_like.ecosystems.cargo.metadata import KIND, Crate
from pypicloud_like.ecosystems.cargo.names import project_of
from pypicloud_like.ecosystems.cargo.versions import check_version, identity_of
from pypicloud_like.registry.publish import Judge

NO_BLOB = Blob("", 0, "")
"""Stands in a draft until the bytes are stored."""


def inspect(
    source: BinaryIO, size: int, name: str, version: str, *, own_indexes: Collection[str]
) -> tuple[Crate, Contents]:
    """Look into the archive of that version of that crate.

    :raises InvalidUpload: it is none, or its manifest is of another
    """
    contents = read_crate(source, size, f"{name}-{version}")
    crate = read_manifest(contents.kept[contents.manifest], contents.files, own_indexes)
    for what, said, found in (("name", name, crate.name), ("version", version, crate.version)):
        if said != found:
            raise InvalidUpload(
                "", f"metadata {what} `{said}` does not match manifest {what} `{found[:200]}`"
            )
    return crate, contents


def read_readme(source: BinaryIO, size: int, crate: Crate) -> bytes | None:
    """The README in an archive that was found in order; None if it has none that can be read."""
    path = crate.readme_file
    if path is None:
        return None
    try:
        contents = read_crate(source, size, f"{crate.name}-{crate.version}", wanted=lambda each: each == path)
    except InvalidRequest:  # too large to be read: the crate is as good without
        return None
    return contents.kept.get(path)


def draft_of(crate: Crate, *, stamp: Stamp) -> FileRecord:
    """The record of a crate, published by the stamp's actor at its time."""
    return FileRecord(
        project=project_of(crate.name),
        identity=identity_of(check_version(crate.version)),
        filename=crate.filename,
        version=crate.version,
        kind=KIND,
        blob=NO_BLOB,
        uploaded_at=stamp.at,
        stamp=stamp,
        display_name=crate.name,
        uploader=stamp.actor,
        summary=crate.description,
        facts=crate.facts(),
    )


def check_spelling(cache: Cache, draft: FileRecord) -> Judge | None:
    """A crate keeps the spelling of its first version, so that one name has one place in the index. Gives
    what has to judge that again inside the transaction if the name is still new: of two spellings published
    at once one wins.

    :raises InvalidUpload: it was published under another spelling
    """
    known = cache.files(draft.project) or list(cache.snapshot(draft.project, None).files.values())
    if known:
        _refuse_other_spelling(known[0], draft)
        return None

    def judge(now: Snapshot) -> None:
        for file in now.files.values():
            _refuse_other_spelling(file, draft)

    return judge


def _refuse_other_spelling(known: File, new: FileRecord) -> None:
    if known.display_name != new.display_name:
        raise InvalidUpload(
            "", f"crate was previously named `{known.display_name}`: publish it under that name"
        )
