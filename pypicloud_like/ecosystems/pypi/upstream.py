"""Python projects that are not ours: what upstreams offer of them, and what is held here."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from pypicloud_like.core.errors import InvalidUpload, MissingBytes, NotFound, UpstreamFailed
from pypicloud_like.core.model import Blob, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.core.ports import Document, Storage
from pypicloud_like.ecosystems.pypi.inspect import inspect_legacy
from pypicloud_like.ecosystems.pypi.metadata import parse as parse_metadata
from pypicloud_like.ecosystems.pypi.names import WHEEL, normalize, same_version
from pypicloud_like.ecosystems.pypi.simple import METADATA
from pypicloud_like.ecosystems.pypi.upstream_pages import ACCEPT, UNSURE, BadPage, UpstreamPage, parse
from pypicloud_like.registry.spool import Spool
from pypicloud_like.upstream.client import Client
from pypicloud_like.upstream.documents import Page, Wanted
from pypicloud_like.upstream.names import is_old_enough
from pypicloud_like.upstream.ranges import NoRanges, RemoteFile
from pypicloud_like.upstream.upstreams import Upstream, Upstreams

METADATA_SUFFIX = ".metadata"
METADATA_KIND = "metadata"
"""The kind of a held file that is the metadata of a wheel (PEP 658)."""
MOST_METADATA = 8 * 1024 * 1024

_SIMPLE = "simple"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the first upstream that has a project offers of it: files that are not held, after the minimum
    age. ``version`` changes with the page, ``stale`` says that it could not be asked again.
    """

    upstream: str
    files: Sequence[FileRecord]
    record: ProjectRecord
    version: tuple[object, ...]
    stale: bool


def offer(upstreams: Upstreams, project: Project) -> Offer | None:
    """The first upstream's that has it, None if none has. An upstream that cannot be asked is not passed
    over: it might have it.

    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    for upstream in upstreams.allowed(project, normalize):
        page = upstreams.page(upstream, _wanted(upstream, project))
        if page.document.body is not None:
            return _offer(upstreams, upstream, page)
    return None


def offered_file(upstreams: Upstreams, project: Project, filename: str) -> FileRecord:
    """One file of it.

    :raises NotFound: it is not offered
    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    found = offer(upstreams, project)
    for file in found.files if found is not None else ():
        if file.filename == filename:
            return file
    raise NotFound(filename if found is not None else project.name)


def held_files(upstreams: Upstreams, project: Project) -> list[FileRecord]:
    """What is held of a project, metadata files left out but told of at their wheels."""
    held = {file.filename: file for file in upstreams.held_files(project, normalize)}
    shown = []
    for file in held.values():
        metadata = held.get(file.filename + METADATA_SUFFIX)
        if file.kind != METADATA_KIND:
            sidecars = {METADATA: metadata.blob} if metadata is not None else {}
            shown.append(replace(file, sidecars=sidecars))
    return _as_last_told(upstreams, project, shown)


def _as_last_told(upstreams: Upstreams, project: Project, files: list[FileRecord]) -> list[FileRecord]:
    """Held files with the yanks that the last page kept of their upstream tells: they may have come later."""
    told: dict[tuple[str, str], str | None] = {}
    for upstream in upstreams.allowed(project, normalize):
        document = upstreams.held.document(upstream.name, project, _SIMPLE)
        if document is not None and document.body is not None:
            page = upstreams.parsed(document, partial(parse, may_fetch=upstream.client.may_fetch))
            told |= {(upstream.name, file.filename): file.yanked for file in page.files}
    return [
        replace(file, yanked=told.get((file.origin.upstream, file.filename), file.yanked))
        if file.origin is not None
        else file
        for file in files
    ]


def metadata_of(upstreams: Upstreams, storage: Storage, wheel: FileRecord) -> FileRecord:
    """The metadata file of a wheel, held after this: the upstream's own, else read out of the wheel, in
    pieces if the upstream gives pieces.

    :raises NotFound: it has none
    :raises UpstreamFailed, Unavailable, NoSpace: it cannot be had
    """
    told = wheel.sidecars.get(METADATA)
    name = wheel.filename + METADATA_SUFFIX
    held = _held_metadata(upstreams, wheel, told)
    if held is not None:
        return held
    if wheel.kind != WHEEL or wheel.origin is None or told is None:
        raise NotFound(name)
    with upstreams.slots.one(), upstreams.turns.of(wheel.origin.upstream, (wheel.project, name)):
        held = _held_metadata(upstreams, wheel, told)
        return held if held is not None else _new_metadata(upstreams, storage, wheel, told)


def _held_metadata(upstreams: Upstreams, wheel: FileRecord, told: Blob | None) -> FileRecord | None:
    """The held metadata file, if it is the one that the upstream tells of now."""
    held = upstreams.held.file(wheel.project, wheel.filename + METADATA_SUFFIX)
    return held if held is not None and (told is None or told.sha256 in {"", held.blob.sha256}) else None


def _new_metadata(upstreams: Upstreams, storage: Storage, wheel: FileRecord, told: Blob) -> FileRecord:
    assert wheel.origin is not None
    name = wheel.filename + METADATA_SUFFIX
    upstream = upstreams.named(wheel.origin.upstream)
    body = None if wheel.facts.get(UNSURE) else _own_metadata(upstream, wheel, told)
    if body is None:
        body = _inner_metadata(upstreams, storage, upstream, wheel)
    url = wheel.origin.url + METADATA_SUFFIX
    digest = hashlib.sha256(body).hexdigest()
    record = replace(
        wheel,
        filename=name,
        identity=name,
        kind=METADATA_KIND,
        blob=Blob("", len(body), digest),
        sidecars={},
        origin=replace(wheel.origin, url=url, sha256=digest),
        facts={},
    )
    return upstreams.keeper.keep(record, io.BytesIO(body), len(body), digest)


def _wanted(upstream: Upstream, project: Project) -> Wanted:
    def check(document: Document) -> None:
        try:
            parse(document, upstream.client.may_fetch)
        except BadPage as error:
            raise UpstreamFailed(upstream.name, f"what it answers for a project: {error}") from None

    url = f"{upstream.settings.url}{project.name}/"
    return Wanted(upstream.name, project, _SIMPLE, url, {"Accept": ACCEPT}, check)


def _offer(upstreams: Upstreams, upstream: Upstream, page: Page) -> Offer:
    def read(document: Document) -> UpstreamPage:
        return parse(document, upstream.client.may_fetch)

    parsed = upstreams.parsed(page.document, read)
    now = upstreams.clock()
    files = () if parsed.record.status is Status.QUARANTINED else parsed.files
    if upstream.settings.minimum_age:
        files = tuple(
            file
            for file in files
            if is_old_enough(
                file.project.name,
                file.version,
                file.uploaded_at,
                upstream.settings,
                now=now,
                normalize=normalize,
            )
        )
    version = (upstream.name, page.document.fetched_at, len(files))
    return Offer(upstream.name, files, parsed.record, version, page.stale)


def _own_metadata(upstream: Upstream, wheel: FileRecord, told: Blob) -> bytes | None:
    """The metadata file that the upstream has; None if it has none after all."""
    assert wheel.origin is not None
    reply = upstream.client.get(wheel.origin.url + METADATA_SUFFIX, {}, limit=MOST_METADATA)
    if reply.status in {404, 410}:
        return None
    if reply.status != 200:
        raise UpstreamFailed(upstream.name, f"it answers {reply.status} for a metadata file")
    if told.sha256 and hashlib.sha256(reply.body).hexdigest() != told.sha256:
        raise UpstreamFailed(upstream.name, "a metadata file does not have the digest that its page tells")
    return reply.body if told.sha256 or _is_metadata_of(wheel, reply.body) else None


def _is_metadata_of(wheel: FileRecord, body: bytes) -> bool:
    """Whether this is the metadata of a wheel, as far as it says itself: some answer anything with a page."""
    try:
        facts = parse_metadata(body)
    except InvalidUpload:
        return False
    named = normalize(str(facts.get("name", ""))) == wheel.project.name
    return named and same_version(str(facts.get("version", "")), wheel.version)


def _inner_metadata(upstreams: Upstreams, storage: Storage, upstream: Upstream, wheel: FileRecord) -> bytes:
    assert wheel.origin is not None
    if upstreams.held.file(wheel.project, wheel.filename) is None:
        with suppress(NoRanges):
            return _remote_metadata(upstream.client, upstream.name, wheel)
    held = upstreams.fetch_in_place(wheel)
    try:
        with storage.open(held.blob.key) as source, Spool.of(source, limit=held.blob.size) as body:
            found = inspect_legacy(wheel.filename, body.rewound(), body.size)
    except (InvalidUpload, MissingBytes):
        raise NotFound(wheel.filename + METADATA_SUFFIX) from None
    if found.metadata_bytes is None:
        raise NotFound(wheel.filename + METADATA_SUFFIX)
    return found.metadata_bytes


def _remote_metadata(client: Client, name: str, wheel: FileRecord) -> bytes:
    """METADATA read out of a wheel that stays where it is.

    :raises NoRanges: that cannot be done
    :raises NotFound: the wheel has none
    """
    assert wheel.origin is not None
    remote = RemoteFile(client, name, wheel.origin.url)
    try:
        with zipfile.ZipFile(remote) as archive:
            wanted = [
                info
                for info in archive.infolist()
                if info.filename.endswith(".dist-info/METADATA") and info.filename.count("/") == 1
            ]
            if len(wanted) != 1 or wanted[0].file_size > MOST_METADATA:
                raise NotFound(wheel.filename + METADATA_SUFFIX)
            with archive.open(wanted[0]) as member:
                return member.read(MOST_METADATA)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError):
        # zipfile raises RuntimeErrors for encryption and for compressions that it does not know
        raise NotFound(wheel.filename + METADATA_SUFFIX) from None
