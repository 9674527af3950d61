"""A project's page as an upstream has it, read with suspicion: JSON (PEP 691, 700, 714, 792) or HTML
(PEP 503, 592, 658).

Nothing of its markup is passed on, only what the standards name. What is not a file of this project at an
address that may be fetched is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.model import (
    UNKNOWN_SIZE,
    UNKNOWN_TIME,
    Action,
    Blob,
    FileRecord,
    Origin,
    Project,
    ProjectRecord,
    Stamp,
    Status,
)
from pypicloud_like.core.ports import Document
from pypicloud_like.ecosystems.pypi.anchors import TooManyTags, read_anchors
from pypicloud_like.ecosystems.pypi.names import WHEEL, normalize, parse_filename
from pypicloud_like.ecosystems.pypi.simple import METADATA

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPES = frozenset({"text/html", "application/vnd.pypi.simple.v1+html", "application/xhtml+xml"})
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"

UNSURE = "unsure"
"""In the facts of a wheel: its upstream does not say that it has the metadata file we offer."""

_MOST_FILES = 100_000
_LONGEST_TEXT = 2000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SUPPORTED = re.compile(r"1\.[0-9]+\Z")

MayFetch = Callable[[str], bool]


class BadPage(ValueError):
    """It is no page of this project that we understand."""


@dataclass(frozen=True, slots=True)
class UpstreamPage:
    """What an upstream offers of a project. The files have their ``origin`` and are not held;
    ``record`` is the project's status there.
    """

    files: tuple[FileRecord, ...]
    record: ProjectRecord


def parse(document: Document, may_fetch: MayFetch) -> UpstreamPage:
    """Read a page.

    :param may_fetch: whether an address is one the upstream may have us fetch
    :raises BadPage: it is none
    """
    kind = document.content_type.partition(";")[0].strip().lower()
    body = document.body or b""
    if kind in {JSON_TYPE, "application/json"}:
        status, entries = _json_entries(body, document.project)
    elif kind in HTML_TYPES:
        status, entries = _html_entries(body, document.project)
    else:
        raise BadPage("it is neither JSON nor HTML")
    files = _files(document, entries, may_fetch)
    return UpstreamPage(tuple(files), _record(document, status))


def _json_entries(body: bytes, project: Project) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    try:
        page = json.loads(body)
        api_version = page["meta"]["api-version"]
        name, files = page["name"], page["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadPage("it is no project page in JSON") from None
    if not isinstance(api_version, str) or not _SUPPORTED.match(api_version):
        raise BadPage("its API version is not known")
    if not isinstance(name, str) or normalize(name) != project.name:
        raise BadPage("it is the page of another project")
    if not isinstance(files, list) or len(files) > _MOST_FILES:
        raise BadPage("its files are no list, or too long a one")
    status = page.get("project-status")
    return status if isinstance(status, dict) else {}, [file for file in files if isinstance(file, dict)]


def _html_entries(body: bytes, project: Project) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    try:
        reader = read_anchors(body.decode("utf-8", "replace"))
    except TooManyTags:
        raise BadPage("its HTML has more tags than any index") from None
    version = reader.metas.get("pypi:repository-version", "1.0")
    if not _SUPPORTED.match(version):
        raise BadPage("its API version is not known")
    found = (_from_anchor(anchor, reader.base) for anchor in reader.anchors)
    entries = [entry for entry in found if entry is not None]
    is_index = "pypi:repository-version" in reader.metas or "links for" in reader.title.lower()
    if not is_index and not any(_parsed(str(entry["filename"]), project) for entry in entries):
        raise BadPage("it is no project page in HTML")
    status = {
        "status": reader.metas.get("pypi:project-status"),
        "reason": reader.metas.get("pypi:project-status-reason"),
    }
    return status, entries


def _from_anchor(anchor: Mapping[str, str], base: str) -> Mapping[str, Any] | None:
    """An anchor in the words of the JSON form, None if its address is none. Its attributes are escaped; the
    parser undid that. No PEP has an upload time there, yet some mirrors tell it.
    """
    try:
        url, fragment = urldefrag(urljoin(base, anchor["href"]) if base else anchor["href"])
        path = urlsplit(url).path
    except ValueError:
        return None
    algorithm, _, digest = fragment.partition("=")
    metadata = anchor.get("data-core-metadata", anchor.get("data-dist-info-metadata"))
    return {
        "filename": unquote(path.rpartition("/")[2]),
        "url": url,
        "hashes": {algorithm: digest},
        "requires-python": anchor.get("data-requires-python"),
        "upload-time": anchor.get("data-upload-time"),
        "yanked": anchor["data-yanked"] or True if "data-yanked" in anchor else False,
        "core-metadata": _metadata_attribute(metadata),
    }


def _metadata_attribute(value: str | None) -> object:
    if value is None or value.lower() == "false":
        return False
    algorithm, _, digest = value.partition("=")
    return {algorithm: digest} if digest else True


def _files(
    document: Document, entries: Iterable[Mapping[str, Any]], may_fetch: MayFetch
) -> Iterator[FileRecord]:
    seen: set[str] = set()
    for entry in entries:
        file = _file(document, entry, may_fetch)
        if file is not None and file.filename not in seen:
            seen.add(file.filename)
            yield file


def _file(document: Document, entry: Mapping[str, Any], may_fetch: MayFetch) -> FileRecord | None:
    filename, address = entry.get("filename"), entry.get("url")
    parsed = _parsed(filename, document.project)
    if parsed is None or not isinstance(address, str):
        return None
    url = _resolved(document.url, address)
    if url is None or not may_fetch(url):
        return None
    digest = _digest(entry.get("hashes"))
    uploaded_at = _time(entry.get("upload-time"))
    size = entry.get("size")
    sidecars, sure = _metadata(entry, is_wheel=parsed.kind == WHEEL)
    return FileRecord(
        project=document.project,
        identity=parsed.identity,
        filename=parsed.filename,
        version=parsed.version,
        kind=parsed.kind,
        blob=Blob("", size if type(size) is int and size >= 0 else UNKNOWN_SIZE, digest),
        uploaded_at=uploaded_at,
        stamp=Stamp(Action.FETCH, None, document.fetched_at),
        display_name=parsed.written_name,
        sidecars=sidecars,
        requires_python=_text(entry.get("requires-python")),
        yanked=_yanked(entry.get("yanked")),
        origin=Origin(document.upstream, url, document.fetched_at, digest or None),
        facts={} if sure else {UNSURE: True},
    )


def _parsed(filename: object, project: Project) -> Any:
    if not isinstance(filename, str):
        return None
    try:
        parsed = parse_filename(filename, project=project.name, older_kinds=True)
    except InvalidUpload:
        return None
    return parsed if parsed.name == project.name else None


def _resolved(base: str, address: str) -> str | None:
    try:
        return urldefrag(urljoin(base, address)).url
    except ValueError:
        return None


def _digest(hashes: object) -> str:
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    return digest.lower() if isinstance(digest, str) and _SHA256.match(digest.lower()) else ""


def _time(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else UNKNOWN_TIME
        moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_TIME
    return max(moment, UNKNOWN_TIME)  # a zero time of some language is none


def _metadata(entry: Mapping[str, Any], *, is_wheel: bool) -> tuple[dict[str, Blob], bool]:
    """The metadata file beside a wheel, and whether the upstream is known to have it: we offer one of
    every wheel.
    """
    if not is_wheel:
        return {}, True
    told = entry.get("core-metadata", entry.get("dist-info-metadata", False))
    return {METADATA: Blob("", UNKNOWN_SIZE, _digest(told))}, bool(told)


def _yanked(value: object) -> str | None:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    return "" if value is True else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT else None


def _record(document: Document, status: Mapping[str, Any]) -> ProjectRecord:
    word, reason = status.get("status"), status.get("reason")
    return ProjectRecord(
        project=document.project,
        stamp=Stamp(Action.FETCH, None, document.fetched_at),
        status=next((item for item in Status if item == word), Status.ACTIVE),
        status_reason=_text(reason) or "",
    )
