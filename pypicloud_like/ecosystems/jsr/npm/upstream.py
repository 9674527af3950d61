"""npm's side of packages of other JSR registries: their packuments with our addresses, their tarballs
verified and kept.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pypicloud_like.core.errors import NotFound, UpstreamFailed
from pypicloud_like.core.model import UNKNOWN_TIME, Action, Blob, FileRecord, Origin, Project, Stamp
from pypicloud_like.core.ports import Document
from pypicloud_like.ecosystems.jsr.errors import Missing
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm.names import npm_name, tarball_path
from pypicloud_like.ecosystems.jsr.upstream import same
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first, version_of
from pypicloud_like.upstream.documents import Wanted
from pypicloud_like.upstream.names import is_old_enough
from pypicloud_like.upstream.upstreams import Upstream, Upstreams

KIND = "npm"
TOLD = "npm"
"""In the facts of a held tarball: what the packument said of the version, and when it was published."""

_SHA512 = "sha512-"
_LARGEST = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """What the first upstream that has a package says of it: its versions, the ones that policies leave out
    not among them. ``key`` changes when it does.
    """

    upstream: Upstream
    told: Mapping[str, Any]
    versions: Mapping[str, Any]
    fetched_at: datetime
    key: tuple[object, ...]
    stale: bool


def offer(upstreams: Upstreams, package: PackageName) -> Offer | None:
    """What upstreams offer of a package, None if none of them has it.

    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    project = package.project
    for upstream in upstreams.allowed(project, same):
        if upstream.settings.npm_url is None:
            continue
        url = f"{upstream.settings.npm_url}{npm_name(package)}"
        headers = {"Accept": "application/json"}
        wanted = Wanted(upstream.name, project, KIND, url, headers, check=_checker(upstream))
        page = upstreams.page(upstream, wanted)
        if page.document.body is None:
            continue
        told = upstreams.parsed(page.document, lambda it: json.loads(it.body or b""))
        versions = _offered(upstreams, upstream, project, told)
        key = (upstream.name, page.document.fetched_at, len(versions))
        return Offer(upstream, told, versions, page.document.fetched_at, key, page.stale)
    return None


def rendered(package: PackageName, root: str, found: Offer) -> bytes:
    """The packument with the addresses of this server.

    :param root: the registry's address here, with its last slash
    """
    return _render(package, root, found.told, found.versions)


def held_packument(upstreams: Upstreams, package: PackageName, root: str) -> bytes:
    """The packument of what is held.

    :raises NotFound: nothing is
    """
    versions: dict[str, Any] = {}
    times: dict[str, str] = {}
    for file in upstreams.held_files(package.project, same):
        told = file.facts.get(TOLD)
        if told is not None:
            versions[file.version] = told["version"]
            times[file.version] = told["time"]
    if not versions:
        raise NotFound(str(package.project))
    return _render(package, root, {"name": npm_name(package), "time": times}, versions)


def tarball(upstreams: Upstreams, package: PackageName, version: str, *, asking: bool) -> FileRecord:
    """The held tarball of a version, fetched and verified now if it is not held yet.

    :param asking: whether an upstream may be asked
    :raises NotFound: there is none
    :raises UpstreamFailed, Unavailable, NoSpace: it cannot be had
    """
    project, filename = package.project, f"npm/{version}.tgz"
    held = upstreams.held_file(project, filename, same)
    if held is not None:
        upstreams.served(held)
        return held
    found = offer(upstreams, package) if asking else None
    told = found.versions.get(version) if found is not None else None
    if found is None or told is None:
        raise Missing("npmNoVersion", f"{package}@{version} is not there")
    with upstreams.slots.one(), upstreams.turns.of(found.upstream.name, (project, filename)):
        held = upstreams.held_file(project, filename, same)
        return held if held is not None else _fetched(upstreams, found, project, version)


def _fetched(upstreams: Upstreams, found: Offer, project: Project, version: str) -> FileRecord:
    told = found.versions[version]
    upstream, url = found.upstream, str(told["dist"]["tarball"])
    reply = upstream.client.get(url, {}, limit=_LARGEST)
    if reply.status != 200:
        raise UpstreamFailed(upstream.name, f"it answers {reply.status} for a tarball")
    digest = base64.b64encode(hashlib.sha512(reply.body).digest()).decode()
    if told["dist"]["integrity"] != _SHA512 + digest:
        raise UpstreamFailed(upstream.name, "a tarball has other bytes than it says")
    sha256 = hashlib.sha256(reply.body).hexdigest()
    time = str(_times(found.told).get(version, ""))
    now = upstreams.clock()
    record = FileRecord(
        project=project,
        identity=f"npm {version}",
        filename=f"npm/{version}.tgz",
        version=version,
        kind=KIND,
        blob=Blob("", len(reply.body), sha256),
        uploaded_at=_moment(time),
        stamp=Stamp(Action.FETCH, None, now),
        display_name=project.name,
        origin=Origin(upstream.name, url, now, sha256),
        facts={TOLD: {"version": told, "time": time}},
    )
    return upstreams.keeper.keep(record, io.BytesIO(reply.body), len(reply.body), sha256)


def _offered(
    upstreams: Upstreams, upstream: Upstream, project: Project, told: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The versions that can be verified and have cooled down."""
    times, now = _times(told), upstreams.clock()
    return {
        version: said
        for version, said in told["versions"].items()
        if version_of(version) is not None
        and _is_verifiable(said)
        and is_old_enough(
            project.name,
            version,
            _moment(times.get(version)),
            upstream.settings,
            now=now,
            normalize=same,
        )
    }


def _render(package: PackageName, root: str, told: Mapping[str, Any], versions: Mapping[str, Any]) -> bytes:
    order = newest_first(versions)
    latest = latest_stable(order) or (order[0] if order else None)
    tags = told.get("dist-tags")
    kept = {tag: at for tag, at in tags.items() if at in versions} if isinstance(tags, dict) else {}
    if latest is not None:
        kept.setdefault("latest", latest)
    times = _times(told)
    return json.dumps(
        {
            **told,
            "dist-tags": kept,
            "versions": {
                version: {
                    **versions[version],
                    "dist": {**versions[version]["dist"], "tarball": root + tarball_path(package, version)},
                }
                for version in reversed(order)
            },
            "time": {
                name: at for name, at in times.items() if name in versions or name in {"created", "modified"}
            },
        },
        separators=(",", ":"),
    ).encode()


def _checker(upstream: Upstream) -> Any:
    def check(document: Document) -> None:
        try:
            told = json.loads(document.body or b"")
        except (ValueError, RecursionError):
            told = None
        versions = told.get("versions") if isinstance(told, dict) else None
        if not isinstance(versions, dict) or not all(isinstance(each, dict) for each in versions.values()):
            raise UpstreamFailed(upstream.name, "its answer for a package is not that of an npm registry")

    return check


def _is_verifiable(said: Mapping[str, Any]) -> bool:
    dist = said.get("dist")
    if not isinstance(dist, dict):
        return False
    integrity, address = dist.get("integrity"), dist.get("tarball")
    return isinstance(integrity, str) and integrity.startswith(_SHA512) and isinstance(address, str)


def _times(told: Mapping[str, Any]) -> Mapping[str, Any]:
    times = told.get("time")
    return times if isinstance(times, dict) else {}


def _moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) and text else UNKNOWN_TIME
        moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
    return max(moment, UNKNOWN_TIME)  # a zero time of some language is none
