"""Crates of other registries, for source replacement: their index lines byte for byte, their archives kept.

Policies leave lines out and never change one, so what a lock file says of a crate stays true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from pypicloud_like.core.errors import NotFound, RegistryError, UpstreamFailed
from pypicloud_like.core.model import (
    UNKNOWN_SIZE,
    UNKNOWN_TIME,
    Action,
    Blob,
    FileRecord,
    Origin,
    Project,
    Stamp,
)
from pypicloud_like.core.ports import Document
from pypicloud_like.ecosystems.cargo.names import CARGO, index_path, is_valid_name, normalize
from pypicloud_like.upstream.documents import Page, Wanted
from pypicloud_like.upstream.names import is_old_enough
from pypicloud_like.upstream.upstreams import Upstream, Upstreams

MIRROR_PATH = "/cargo/mirror"
KIND = "crate"
LINE = "line"
"""In the facts of a held crate: its line of the index, so that an offline site can list it."""

_CONFIG = Project(CARGO, "config.json")
"""Stands for an upstream's configuration; no crate can be called so."""
_CHECKSUM = re.compile(r"[0-9a-f]{64}\Z")
_MARKERS = ("{crate}", "{version}", "{prefix}", "{lowerprefix}", "{sha256-checksum}")


@dataclass(frozen=True, slots=True)
class Line:
    """One version as its line tells it; ``raw`` is the line, its end included."""

    raw: bytes
    name: str
    version: str
    checksum: str
    published_at: datetime
    yanked: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What the first upstream that has a crate says of it. ``key`` changes when the lines do."""

    upstream: Upstream
    lines: Sequence[Line]
    fetched_at: datetime
    key: tuple[object, ...]
    stale: bool


def offer(upstreams: Upstreams, project: Project, name: str) -> Offer | None:
    """The lines of a crate, None if no upstream has it.

    :param name: as the client spells it: upstreams know one spelling
    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    for upstream in upstreams.allowed(project, normalize):
        page = upstreams.page(upstream, _wanted(upstream, project, name))
        if page.document.body is not None:
            return _offer(upstreams, upstream, page)
    return None


def held_lines(upstreams: Upstreams, project: Project, name: str) -> bytes:
    """The lines of what is held of a crate, oldest first; nothing if nothing is."""
    known = upstreams.held_files(project, normalize)
    held = [file for file in known if file.display_name.lower() == name.lower()]
    ordered = sorted(held, key=lambda file: (file.uploaded_at, file.filename))
    return b"".join(str(file.facts[LINE]).encode() for file in ordered if LINE in file.facts)


def is_as_told(upstreams: Upstreams, held: FileRecord, name: str) -> bool:
    """Whether a held archive is the one that the index tells of. While that cannot be asked, it is."""
    try:
        found = offer(upstreams, held.project, name)
    except RegistryError:
        return True
    lines = found.lines if found is not None else ()
    return all(line.checksum == held.blob.sha256 for line in lines if line.version == held.version)


def wanted_file(upstreams: Upstreams, project: Project, name: str, version: str) -> FileRecord:
    """The archive of one version, as its line and its upstream's configuration tell it.

    :raises NotFound: it is not offered
    :raises UpstreamFailed, Unavailable: it cannot be told
    """
    found = offer(upstreams, project, name)
    line = next((line for line in found.lines if line.version == version), None) if found else None
    if found is None or line is None:
        raise NotFound(f"crate `{name}` version `{version}`")
    return FileRecord(
        project=project,
        identity=version,
        filename=filename_of(line.name, version),
        version=version,
        kind=KIND,
        blob=Blob("", UNKNOWN_SIZE, line.checksum),
        uploaded_at=line.published_at,
        stamp=Stamp(Action.FETCH, None, found.fetched_at),
        display_name=line.name,
        yanked="" if line.yanked else None,
        origin=Origin(found.upstream.name, _address(upstreams, found, line), found.fetched_at, line.checksum),
        facts={LINE: line.raw.decode()},
    )


def filename_of(name: str, version: str) -> str:
    """What the archive of a version is called."""
    return f"{name}-{version}.crate"


def parse_lines(body: bytes, name: str) -> tuple[Line, ...]:
    """The lines of an index file.

    :raises ValueError: it is no index file of this crate
    """
    return tuple(_line(raw, name) for raw in body.splitlines(keepends=True) if raw.strip())


def _line(raw: bytes, name: str) -> Line:
    data = json.loads(raw.decode("utf-8"))  # of bytes it would guess another encoding
    if not isinstance(data, dict):
        raise ValueError("a line is no JSON object")  # noqa: TRY004 - whatever is wrong with the bytes
    found, version, checksum = data.get("name"), data.get("vers"), data.get("cksum")
    if not isinstance(found, str) or not is_valid_name(found) or found.lower() != name.lower():
        raise ValueError("a line is of another crate")
    if not isinstance(version, str) or not isinstance(checksum, str) or not _CHECKSUM.match(checksum):
        raise ValueError("a line has no version or no checksum")
    ended = raw if raw.endswith(b"\n") else raw + b"\n"
    return Line(ended, found, version, checksum, _time(data.get("pubtime")), data.get("yanked") is True)


def _time(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else UNKNOWN_TIME
        moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
    return max(moment, UNKNOWN_TIME)  # a zero time of some language is none


def _wanted(upstream: Upstream, project: Project, name: str) -> Wanted:
    def check(document: Document) -> None:
        try:
            parse_lines(document.body or b"", name)
        except (ValueError, RecursionError) as error:
            raise UpstreamFailed(upstream.name, f"what it answers for a crate: {error}"[:200]) from None

    url = upstream.settings.url + index_path(name)
    return Wanted(upstream.name, project, f"index {name.lower()}", url, check=check)


def _offer(upstreams: Upstreams, upstream: Upstream, page: Page) -> Offer:
    document = page.document
    name = document.kind.removeprefix("index ")
    lines = upstreams.parsed(document, lambda it: parse_lines(it.body or b"", name))
    if upstream.settings.minimum_age:
        lines = tuple(line for line in lines if _is_old_enough(upstreams, upstream, document.project, line))
    key = (upstream.name, document.fetched_at, len(lines))
    return Offer(upstream, lines, document.fetched_at, key, page.stale)


def _is_old_enough(upstreams: Upstreams, upstream: Upstream, project: Project, line: Line) -> bool:
    return is_old_enough(
        project.name,
        line.version,
        line.published_at,
        upstream.settings,
        now=upstreams.clock(),
        normalize=normalize,
    )


def _address(upstreams: Upstreams, found: Offer, line: Line) -> str:
    """Where the upstream has the archive: its ``dl`` with markers filled in, or with the usual path (Cargo
    reference, "Index configuration").
    """
    template = _download_template(upstreams, found.upstream)
    if not any(marker in template for marker in _MARKERS):
        template += "/{crate}/{version}/download"
    prefix = index_path(line.name).rpartition("/")[0]
    written = {
        "{crate}": line.name,
        "{version}": quote(line.version, safe=""),
        "{prefix}": prefix,
        "{lowerprefix}": prefix.lower(),
        "{sha256-checksum}": line.checksum,
    }
    for marker, value in written.items():
        template = template.replace(marker, value)
    return template


def _download_template(upstreams: Upstreams, upstream: Upstream) -> str:
    def check(document: Document) -> None:
        if _dl_of(document) is None:
            raise UpstreamFailed(upstream.name, "its configuration does not say where archives are")

    url = f"{upstream.settings.url}config.json"
    document = upstreams.page(upstream, Wanted(upstream.name, _CONFIG, "config", url, check=check)).document
    template = _dl_of(document)
    if template is None:  # it has no configuration at all, or what is kept was taken as it came
        raise UpstreamFailed(upstream.name, "its configuration does not say where archives are")
    return template.rstrip("/")


def _dl_of(document: Document) -> str | None:
    try:
        template = json.loads(document.body or b"")["dl"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return template if isinstance(template, str) else None
