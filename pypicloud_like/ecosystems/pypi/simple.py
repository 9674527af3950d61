"""The pages of the simple repository API as bytes, HTML and JSON.

They follow PEP 503, 592, 629, 658, 691, 700, 714, 740 and 792.

All functions are pure. ``prefix`` is the path this server is mounted at, percent-encoded, without a
last slash, and empty at the root of its host. Links are path-absolute, so that one rendering serves
every address of the page. Files are given visible ones only, in any order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlsplit

from pypicloud_like.core.model import UNKNOWN_TIME, File, Listing, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.pypi.releases import ordered
from pypicloud_like.settings.parse import is_loopback

API_VERSION = "1.4"
"""The highest version with all of whose rules both forms comply; HTML is frozen at it (PEP 833)."""

METADATA = "metadata"
PROVENANCE = "provenance"
"""The names of the sidecars of a file."""


def file_path(prefix: str, name: str, filename: str) -> str:
    """The path-absolute address of a file. It never carries a query, to which clients could not
    append ``.metadata``.
    """
    return f"{prefix}/api/package/{quote(name, safe='')}/{quote(filename, safe='')}"


def absolute_base(public_url: str, prefix: str) -> str:
    """The address that paths below the mount point are appended to.

    :param public_url: scheme and host, with the mount prefix or without
    """
    return public_url if public_url.endswith(prefix) else public_url + prefix


def render_project_html(
    project: Project,
    record: ProjectRecord | None,
    files: Iterable[File],
    *,
    prefix: str,
    last_serial: int,
    public_url: str | None = None,
    direct: bool = False,
) -> bytes:
    """The page of a project: one anchor per file and line, in the order of version and file name.

    :param record: the project's own record; a quarantined project offers no files (PEP 792)
    :param last_serial: the serial of the project's last change, told in a closing comment
    :param public_url: where clients reach this server. Provenance is only linked when it is known and
        secure: its address has to be absolute (PEP 740)
    :param direct: link what an upstream has where it lies there, not through this server
    """
    status = record.status if record else Status.ACTIVE
    metas = f'<meta name="pypi:project-status" content="{status.value}">\n'
    if record and record.status_reason:
        metas += f'<meta name="pypi:project-status-reason" content="{_attribute(record.status_reason)}">\n'
    start = _attribute(file_path(prefix, project.name, ""))
    provenance = _provenance_start(public_url, prefix, project)
    shown = () if status is Status.QUARANTINED else ordered(files)
    lines = [_anchor(file, start, provenance, direct=direct) for file in shown]
    return _html(f"Links for {escape(project.name)}", metas, lines, f"<!--SERIAL {last_serial}-->\n")


def render_project_json(
    project: Project,
    record: ProjectRecord | None,
    files: Iterable[File],
    *,
    prefix: str,
    last_serial: int,
    public_url: str | None = None,
    direct: bool = False,
) -> bytes:
    """The same as :func:`render_project_html` as JSON. Optional keys without a value are left out: for
    some of them null makes installers drop the whole page.
    """
    status: dict[str, str] = {"status": (record.status if record else Status.ACTIVE).value}
    if record and record.status_reason:
        status["reason"] = record.status_reason
    start = _quoted(file_path(prefix, project.name, ""))[1:-1]
    provenance = _provenance_start(public_url, prefix, project)
    shown = [] if status["status"] == Status.QUARANTINED else ordered(files)
    head = {
        "meta": {"api-version": API_VERSION, "_last-serial": last_serial},
        "name": project.name,
        "project-status": status,
        "versions": list(dict.fromkeys(file.version for file in shown)),
    }
    objects = ",".join([_file_json(file, start, provenance, direct=direct) for file in shown])
    return _utf8(f'{_quoted(head)[:-1]},"files":[{objects}]}}')


def render_list_html(listings: Iterable[Listing], prefix: str) -> bytes:
    """The list of projects, in the order given."""
    start = _attribute(f"{prefix}/simple/")
    lines = [
        f'<a href="{start}{quote(listing.project.name, safe="")}/">{escape(listing.display_name)}</a><br>'
        for listing in listings
    ]
    return _html("Simple index", "", lines, "")


def render_list_json(listings: Iterable[Listing], last_serial: int) -> bytes:
    """The list of projects, in the order given, each with the serial that mirrors compare."""
    head = {"meta": {"api-version": API_VERSION, "_last-serial": last_serial}}
    objects = ",".join(
        [
            f'{{"name":{_quoted(listing.display_name)},"_last-serial":{listing.serial}}}'
            for listing in listings
        ]
    )
    return _utf8(f'{_quoted(head)[:-1]},"projects":[{objects}]}}')


def render_packages_html(files: Iterable[File], prefix: str) -> bytes:
    """All files of many projects on one flat page by file name, for tools that look no further (pypicloud).

    :param files: visible files of projects that are not quarantined
    """
    starts: dict[str, str] = {}
    lines = []
    for file in sorted(files, key=lambda file: (file.filename, file.project.name)):
        name = file.project.name
        start = starts.get(name)
        if start is None:
            start = starts[name] = _attribute(file_path(prefix, name, ""))
        lines.append(_anchor(file, start, None))
    return _html("All packages", "", lines, "")


def _anchor(file: File, start: str, provenance: str | None, *, direct: bool = False) -> str:
    blob = file.blob
    attributes = ""
    if file.requires_python:
        attributes += f' data-requires-python="{_attribute(file.requires_python)}"'
    if file.yanked is not None:
        attributes += f' data-yanked="{_attribute(file.yanked)}"'
    metadata = file.sidecars.get(METADATA)
    if metadata is not None:
        told = f"sha256={metadata.sha256}" if metadata.sha256 else "true"
        attributes += f' data-core-metadata="{told}"'
    if provenance is not None and PROVENANCE in file.sidecars:
        attributes += f' data-provenance="{_attribute(_provenance_url(provenance, file))}"'
    href = f"{start}{quote(file.filename, safe='')}"
    if direct and file.origin is not None:
        href = _attribute(file.origin.url)
    if blob.sha256:
        href += f"#sha256={blob.sha256}"
    return f'<a href="{href}"{attributes}>{escape(file.filename)}</a><br>'


def _file_json(file: File, start: str, provenance: str | None, *, direct: bool = False) -> str:
    """A file's object as text: several times as fast as encoding a dictionary, for pages of thousands.

    :param start: what its address begins with, escaped for JSON
    """
    blob = file.blob
    # an empty text would be taken for "not yanked" by some installers
    yanked = "false" if file.yanked is None else _quoted(file.yanked) if file.yanked else "true"
    optional = ""
    if file.requires_python:
        optional += f',"requires-python":{_quoted(file.requires_python)}'
    metadata = file.sidecars.get(METADATA)
    if metadata is not None:
        told = f'{{"sha256":"{metadata.sha256}"}}' if metadata.sha256 else "true"
        optional += f',"core-metadata":{told}'
    if provenance is not None and PROVENANCE in file.sidecars:
        optional += f',"provenance":{_quoted(_provenance_url(provenance, file))}'
    if file.origin is None:
        told = f'"size":{blob.size},"upload-time":"{_time_text(file.uploaded_at)}",'
    else:
        told = _as_told(file)
    hashes = f'"sha256":"{blob.sha256}"' if blob.sha256 else ""
    if direct and file.origin is not None:
        address = _quoted(file.origin.url)
    else:
        address = f'"{start}{quote(file.filename, safe="")}"'
    return (
        f'{{"filename":{_quoted(file.filename)},"url":{address},'
        f'"hashes":{{{hashes}}},{told}"yanked":{yanked}{optional}}}'
    )


def _as_told(file: File) -> str:
    """Size and time of a file of an upstream; what it does not tell is left out."""
    size = f'"size":{file.blob.size},' if file.blob.size >= 0 else ""
    is_timed = file.uploaded_at != UNKNOWN_TIME
    return size + (f'"upload-time":"{_time_text(file.uploaded_at)}",' if is_timed else "")


def _provenance_start(public_url: str | None, prefix: str, project: Project) -> str | None:
    """What the provenance addresses of a project begin with; None where none may be told."""
    if public_url is None or not _is_secure(public_url):
        return None
    return f"{absolute_base(public_url, prefix)}/integrity/{quote(project.name, safe='')}"


def _provenance_url(start: str, file: File) -> str:
    return f"{start}/{quote(file.version, safe='')}/{quote(file.filename, safe='')}/provenance"


def _is_secure(url: str) -> bool:
    """Whether an address is a secure origin: https, or this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def _time_text(moment: datetime) -> str:
    """``2026-11-01T09:30:00.123456Z``; the fraction is left out when zero (PEP 700 allows both)."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat()[:-6] + "Z"


def _attribute(text: str) -> str:
    """Any text inside double quotes. Line breaks become references: an anchor has one line, and a
    parser would turn a carriage return into a line feed.
    """
    escaped = escape(text)
    if "\n" in escaped or "\r" in escaped:
        escaped = escaped.replace("\n", "&#10;").replace("\r", "&#13;")
    return escaped


def _html(title: str, metas: str, lines: list[str], tail: str) -> bytes:
    body = "\n".join([*lines, ""])
    page = (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta name="pypi:repository-version" content="{API_VERSION}">\n'
        f"{metas}<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n{tail}"
    )
    return _utf8(page)


def _utf8(text: str) -> bytes:
    """A lone surrogate has no UTF-8, and as an escape it would make strict readers refuse the page."""
    return text.encode("utf-8", "replace")


_quoted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Any value as JSON text."""
