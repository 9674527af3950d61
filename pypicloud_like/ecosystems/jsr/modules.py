"""Reading what is published: a version's manifest, and the place of each of its files in the pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pypicloud_like.core.errors import MissingBytes, NotFound
from pypicloud_like.core.model import Blob, FileRecord, Project, Status
from pypicloud_like.core.ports import Cache, Storage
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.metadata import JSON, MANIFEST

_TYPES = {
    ".ts": "text/typescript",
    ".mts": "text/typescript",
    ".cts": "text/typescript",
    ".tsx": "text/tsx",
    ".jsx": "text/jsx",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".cjs": "text/javascript",
    ".json": JSON,
    ".jsonc": JSON,
    ".wasm": "application/wasm",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".css": "text/css",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
"""By the ending of a path alone: deno takes TypeScript that is called JavaScript or HTML for what it is
called. Whatever is not listed (HTML and SVG among it) is bytes.
"""
_TEXT = ("text/", JSON)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a version: ``size`` bytes of the pack from ``start``."""

    path: str
    start: int
    size: int
    sha256: str


def version_file(cache: Cache, project: Project, version: str) -> FileRecord:
    """A published version, yanked or not.

    :raises NotFound: it is not there, was deleted, or the package is quarantined; of a package that is not
        there it says no more than of one that the caller may not read
    """
    file = cache.snapshot(project, [version]).files.get(version)
    if file is None or file.deleted or not is_offered(cache, project):
        raise _missing(cache, project, version)
    return file


def _missing(cache: Cache, project: Project, version: str) -> NotFound:
    if not cache.exists(project) or not is_offered(cache, project):
        return NotFound(str(project))
    return Missing("packageVersionNotFound", f"{project.name} has no version {version}")


def is_offered(cache: Cache, project: Project) -> bool:
    """Whether anything of a package may be handed out."""
    record = cache.record(project)
    return record is None or record.status is not Status.QUARANTINED


def manifest_blob(file: FileRecord) -> Blob:
    """The bytes of ``<version>_meta.json``."""
    blob = file.sidecars.get(MANIFEST)
    if blob is None:
        raise MissingBytes(f"{file.blob.key} has no manifest beside it")
    return blob


def read_blob(storage: Storage, blob: Blob) -> bytes:
    """All bytes of a small blob.

    :raises MissingBytes: they are gone, or not whole
    """
    with storage.open(blob.key) as source:
        body = source.read()
    if len(body) != blob.size:
        raise MissingBytes(blob.key)
    return body


def parts(manifest: bytes) -> Iterator[Part]:
    """Where the files of a version are in its pack: one after the other, in the order of the manifest."""
    start = 0
    for path, told in json.loads(manifest)["manifest"].items():
        size = int(told["size"])
        yield Part(path, start, size, told["checksum"].removeprefix("sha256-"))
        start += size


def render_layout(pack: Blob, manifest: bytes) -> bytes:
    """The same for looking up quickly: a line ``path TAB start TAB size TAB sha256`` for each file, after one
    with the pack's key and digest. Paths have neither tabs nor line ends.
    """
    lines = [f"{pack.key}\t{pack.size}\t{pack.sha256}\n"]
    lines += [f"{part.path}\t{part.start}\t{part.size}\t{part.sha256}\n" for part in parts(manifest)]
    return "".join(lines).encode()


def find_part(layout: bytes, path: str) -> tuple[Blob, Part] | None:
    """The pack and the place in it of the file of exactly this path, or None."""
    if "\t" in path or "\n" in path:
        return None
    at = layout.find(f"\n{path}\t".encode())
    if at < 0:
        return None
    found, start, size, sha256 = layout[at + 1 : layout.index(b"\n", at + 1)].decode().split("\t")
    key, packed, digest = layout[: layout.index(b"\n")].decode().split("\t")
    return Blob(key, int(packed), digest), Part(found, int(start), int(size), sha256)


def content_type(path: str) -> str:
    """What a file is served as."""
    kind = _TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) and kind != JSON else kind
