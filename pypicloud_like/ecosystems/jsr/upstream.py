"""Packages of other JSR registries: what they answer is passed on unchanged, because its digests stand in the
lock files of users; files are verified against the manifest of their version before anybody sees them.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pypicloud_like.core.errors import NotFound, UpstreamFailed
from pypicloud_like.core.model import (
    UNKNOWN_TIME,
    Action,
    Blob,
    FileRecord,
    Origin,
    Project,
    Stamp,
)
from pypicloud_like.core.ports import Document
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.metadata import KIND
from pypicloud_like.ecosystems.jsr.modules import Part
from pypicloud_like.ecosystems.jsr.versions import latest_stable, version_of
from pypicloud_like.upstream.documents import Wanted
from pypicloud_like.upstream.names import is_old_enough
from pypicloud_like.upstream.upstreams import Upstream, Upstreams

LISTED = "listed"
"""In the facts of a held manifest: what ``meta.json`` said of the version, so that an offline site can."""

_MANIFEST = "_meta.json"
_CHECKSUM = re.compile(r"sha256-[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the first upstream that has a package says of it. ``body`` are the bytes of ``meta.json``, ``key``
    changes when they do.
    """

    upstream: Upstream
    body: bytes
    versions: Mapping[str, Any]
    fetched_at: datetime
    key: tuple[object, ...]
    stale: bool


def same(name: str) -> str:
    """The normal form of a name: JSR has one spelling of each."""
    return name


def offer(upstreams: Upstreams, project: Project) -> Offer | None:
    """``meta.json`` of a package, None if no upstream has it. Policies leave versions out.

    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    for upstream in upstreams.allowed(project, same):
        url = f"{_address(upstream, project)}/meta.json"
        page = upstreams.page(
            upstream, Wanted(upstream.name, project, "meta", url, check=_checker(upstream, _is_package))
        )
        document = page.document
        if document.body is None:
            continue
        told = upstreams.parsed(document, lambda it: json.loads(it.body or b""))
        versions = _old_enough(upstreams, upstream, project, told["versions"])
        whole = len(versions) == len(told["versions"])
        body = document.body if whole else _rendered(told, versions)
        key = (upstream.name, document.fetched_at, len(versions))
        return Offer(upstream, body, versions, document.fetched_at, key, page.stale)
    return None


def held_package(upstreams: Upstreams, project: Project) -> bytes:
    """``meta.json`` of what is held of a package.

    :raises NotFound: nothing is
    """
    versions = {file.version: dict(file.facts.get(LISTED, {})) for file in held_manifests(upstreams, project)}
    if not versions:
        raise NotFound(str(project))
    scope, _, name = project.name.removeprefix("@").partition("/")
    return _rendered({"scope": scope, "name": name}, versions)


def held_manifests(upstreams: Upstreams, project: Project) -> Sequence[FileRecord]:
    """What is held of the manifests of a package's versions."""
    held = upstreams.held_files(project, same)
    return [file for file in held if file.filename.endswith(_MANIFEST)]


def manifest(upstreams: Upstreams, project: Project, version: str, *, asking: bool) -> FileRecord:
    """The held ``<version>_meta.json``, fetched now if it is not held yet.

    :param asking: whether an upstream may be asked
    :raises NotFound: there is none
    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    held = upstreams.held_file(project, version + _MANIFEST, same)
    if held is not None:
        return held
    found = offer(upstreams, project) if asking else None
    if found is None:
        raise NotFound(str(project))
    if version not in found.versions:
        raise Missing("packageVersionNotFound", f"{project.name} has no version {version}")
    upstream = found.upstream
    url = f"{_address(upstream, project)}/{version}{_MANIFEST}"
    wanted = Wanted(
        upstream.name, project, f"manifest {version}", url, check=_checker(upstream, _is_manifest)
    )
    body = upstreams.page(upstream, wanted).document.body
    if body is None:
        raise Missing("packageVersionNotFound", f"{project.name} has no version {version}")
    listed = found.versions[version]
    digest = hashlib.sha256(body).hexdigest()
    record = _record(project, version, version + _MANIFEST, listed, Blob("", len(body), digest))
    origin = Origin(upstream.name, url, found.fetched_at, digest)
    return upstreams.keeper.keep(_with(record, origin, {LISTED: listed}), io.BytesIO(body), len(body), digest)


def file(upstreams: Upstreams, manifest: FileRecord, part: Part, *, asking: bool) -> FileRecord:
    """The held file of a version, fetched and verified now if it is not held yet.

    :param manifest: what is held of the version's manifest
    :param part: the file as the manifest has it
    :raises NotFound: it is not held, and no upstream may be asked
    :raises UpstreamFailed, Unavailable: it cannot be had
    """
    project, version = manifest.project, manifest.version
    filename = version + part.path
    held = upstreams.held_file(project, filename, same)
    if held is not None and held.blob.sha256 == part.sha256:
        upstreams.served(held)
        return held
    if not asking:
        raise Missing("packagePathNotFound", f"{project.name}@{version}{part.path} is not held here")
    assert manifest.origin is not None
    upstream = upstreams.named(manifest.origin.upstream)
    url = f"{_address(upstream, project)}/{quote(version, safe='+')}{quote(part.path)}"
    origin = Origin(upstream.name, url, upstreams.clock(), part.sha256)
    record = _record(project, version, filename, {}, Blob("", part.size, part.sha256))
    # as old as its version, by which policies judge
    return upstreams.fetch(_with(replace(record, uploaded_at=manifest.uploaded_at), origin, {}))


def _address(upstream: Upstream, project: Project) -> str:
    return upstream.settings.url + project.name


def _record(
    project: Project, version: str, filename: str, listed: Mapping[str, Any], blob: Blob
) -> FileRecord:
    published = _time(listed.get("createdAt"))
    return FileRecord(
        project=project,
        identity=filename,
        filename=filename,
        version=version,
        kind=KIND,
        blob=blob,
        uploaded_at=published,
        stamp=Stamp(Action.FETCH, None, published),
        display_name=project.name,
        yanked="" if listed.get("yanked") else None,
    )


def _with(record: FileRecord, origin: Origin, facts: Mapping[str, Any]) -> FileRecord:
    return replace(record, origin=origin, facts=facts, stamp=Stamp(Action.FETCH, None, origin.fetched_at))


def _checker(upstream: Upstream, is_fine: Callable[[Any], bool]) -> Callable[[Document], None]:
    """Refuses what is no such document: it is never kept."""

    def check(document: Document) -> None:
        try:
            fine = is_fine(json.loads(document.body or b""))
        except (ValueError, RecursionError):
            fine = False
        if not fine:
            raise UpstreamFailed(
                upstream.name, "what it answers for a package is not what JSR registries say"
            )

    return check


def _is_package(told: Any) -> bool:
    versions = told.get("versions") if isinstance(told, dict) else None
    return isinstance(versions, dict) and all(isinstance(each, dict) for each in versions.values())


def _is_manifest(told: Any) -> bool:
    files = told.get("manifest") if isinstance(told, dict) else None
    return isinstance(files, dict) and all(_is_file(path, said) for path, said in files.items())


def _is_file(path: str, said: Any) -> bool:
    if not isinstance(said, dict) or not path.startswith("/") or not path.isprintable():
        return False
    size, checksum = said.get("size"), said.get("checksum")
    return type(size) is int and size >= 0 and isinstance(checksum, str) and bool(_CHECKSUM.match(checksum))


def _old_enough(
    upstreams: Upstreams, upstream: Upstream, project: Project, versions: Mapping[str, Any]
) -> Mapping[str, Any]:
    if not upstream.settings.minimum_age:
        return versions
    now = upstreams.clock()
    return {
        version: listed
        for version, listed in versions.items()
        if is_old_enough(
            project.name,
            version,
            _time(listed.get("createdAt")),
            upstream.settings,
            now=now,
            normalize=same,
        )
    }


def _rendered(told: Mapping[str, Any], versions: Mapping[str, Any]) -> bytes:
    offered = [
        version
        for version, listed in versions.items()
        if not listed.get("yanked") and version_of(version) is not None
    ]
    changed = {**told, "latest": latest_stable(offered), "versions": dict(versions)}
    return json.dumps(changed, separators=(",", ":")).encode()


def _time(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else UNKNOWN_TIME
        moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
    return max(moment, UNKNOWN_TIME)  # a zero time of some language is none
