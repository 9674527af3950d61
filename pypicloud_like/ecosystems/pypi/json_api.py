"""The JSON API: everything known of a project or of one release, in the shape that PyPI has today.

Addresses are absolute where ``base_url`` is: the public URL with the mount prefix, without a last
slash. Clients of this API expect that; where no public URL is known, the prefix alone gives
path-absolute ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import quote

from pypicloud_like.core.errors import InvalidUpload, NotFound
from pypicloud_like.core.model import UNKNOWN_TIME, Blob, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.pypi.index_shapes import JsonFile, SimpleHashes
from pypicloud_like.ecosystems.pypi.names import SDIST, WHEEL, parse_filename
from pypicloud_like.ecosystems.pypi.releases import (
    Release,
    find_release,
    project_release,
    releases,
    spokesman_of,
)
from pypicloud_like.ecosystems.pypi.simple import METADATA, file_path

_TEXTS = (
    "author",
    "author_email",
    "description",
    "description_content_type",
    "download_url",
    "home_page",
    "license",
    "license_expression",
    "maintainer",
    "maintainer_email",
)
_LISTS = ("license_files", "provides_extra", "requires_dist")
_NO_DOWNLOADS = {"last_day": -1, "last_month": -1, "last_week": -1}


def project_json(
    project: Project,
    record: ProjectRecord | None,
    files: Iterable[FileRecord],
    *,
    base_url: str,
    last_serial: int,
    owners: Iterable[str] = (),
) -> bytes:
    """What ``/pypi/<name>/json`` answers: the release that speaks for the project, and all releases.

    :param record: the project's own record, if it has one
    :param files: its visible files, in any order
    :param owners: user names
    :raises NotFound: the project has no files, or is quarantined
    """
    known = _offered(project, record, files)
    chosen = project_release(known)
    if chosen is None:
        raise NotFound(project.name)
    answer = _answer(project, record, chosen, base_url=base_url, last_serial=last_serial, owners=owners)
    return _json(answer | {"releases": _all_files(known, base_url)})


def version_json(
    project: Project,
    record: ProjectRecord | None,
    version: str,
    files: Iterable[FileRecord],
    *,
    base_url: str,
    last_serial: int,
    owners: Iterable[str] = (),
    with_releases: bool = False,
) -> bytes:
    """What ``/pypi/<name>/<version>/json`` answers, however the version is spelled.

    :param files: the project's visible files, in any order; those of other releases matter for
        ``with_releases``, which adds the map of all releases as PyPI had it before 2022
    :raises NotFound: there is no such release, or the project is quarantined
    """
    known = _offered(project, record, files)
    chosen = find_release(version, known)
    if chosen is None:
        raise NotFound(f"{project.name} {version}")
    answer = _answer(project, record, chosen, base_url=base_url, last_serial=last_serial, owners=owners)
    return _json(answer | {"releases": _all_files(known, base_url)} if with_releases else answer)


def _offered(
    project: Project, record: ProjectRecord | None, files: Iterable[FileRecord]
) -> list[Release[FileRecord]]:
    if record is not None and record.status is Status.QUARANTINED:
        raise NotFound(project.name)
    return releases(files)


def _answer(
    project: Project,
    record: ProjectRecord | None,
    release: Release[FileRecord],
    *,
    base_url: str,
    last_serial: int,
    owners: Iterable[str],
) -> dict[str, Any]:
    return {
        "info": _info(project, record, release, base_url),
        "last_serial": last_serial,
        "ownership": {
            "organization": None,
            "roles": [{"role": "Owner", "user": name} for name in sorted(owners)],
        },
        "urls": [_file(file, base_url) for file in release.files],
        "vulnerabilities": [],
    }


def _info(
    project: Project, record: ProjectRecord | None, release: Release[FileRecord], base_url: str
) -> dict[str, Any]:
    spokesman = spokesman_of(release.files)
    metadata = spokesman.facts
    page = f"{base_url}/project/{quote(project.name, safe='')}/"
    return {
        **{key: _text(metadata.get(key)) for key in _TEXTS},
        **{key: _list(metadata.get(key)) or None for key in _LISTS},
        "bugtrack_url": None,
        "classifiers": _list(metadata.get("classifiers")),
        "docs_url": None,
        "downloads": _NO_DOWNLOADS,
        "dynamic": [name.title() for name in _list(metadata.get("dynamic"))] or None,
        "keywords": _joined(metadata.get("keywords")),
        "name": (record and record.display_name) or spokesman.display_name,
        "package_url": page,
        "platform": _joined(metadata.get("platforms")),
        "project_url": page,
        "project_urls": _map(metadata.get("project_urls")) or None,
        "release_url": f"{page}{quote(release.version, safe='')}/",
        "requires_python": spokesman.requires_python,
        "summary": _text(spokesman.summary) or _text(metadata.get("summary")),
        "version": release.version,
        "yanked": release.is_yanked,
        "yanked_reason": release.yanked_reason,
    }


def _all_files(known: Sequence[Release[FileRecord]], base_url: str) -> dict[str, list[JsonFile]]:
    return {release.version: [_file(file, base_url) for file in release.files] for release in known}


def _file(file: FileRecord, base_url: str) -> JsonFile:
    blob = file.blob
    digests = {"blake2b_256": blob.blake2b_256, "md5": blob.md5, "sha256": blob.sha256}
    metadata = file.sidecars.get(METADATA)
    uploaded = file.uploaded_at.astimezone(UTC) if file.uploaded_at != UNKNOWN_TIME else None
    return {
        "comment_text": "",
        "core-metadata": _hashes(metadata) or True if metadata else False,
        "digests": {name: digest for name, digest in digests.items() if digest},
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": blob.md5,
        "packagetype": file.kind,
        "python_version": _python_version(file),
        "requires_python": file.requires_python,
        "size": blob.size if blob.size >= 0 else None,
        "upload_time": uploaded.strftime("%Y-%m-%dT%H:%M:%S") if uploaded else None,
        "upload_time_iso_8601": time_text(uploaded) if uploaded else None,
        "url": file_path(base_url, file.project.name, file.filename),
        "yanked": file.yanked is not None,
        "yanked_reason": file.yanked or None,
    }


def _hashes(blob: Blob) -> SimpleHashes:
    return {"sha256": blob.sha256} if blob.sha256 else {}


def _python_version(file: FileRecord) -> str:
    """The Python tag of a wheel, ``source`` for an sdist, the version an older kind was built for."""
    if file.kind == SDIST:
        return "source"
    tags = file.filename.rsplit("-", 3)
    if file.kind == WHEEL and len(tags) == 4:
        return tags[1]
    try:
        return parse_filename(file.filename, older_kinds=True).python_version
    except InvalidUpload:
        return "any"


def _text(value: object) -> str | None:
    """A text; None for an empty one and for the word that old tools wrote for it."""
    return value if isinstance(value, str) and value not in {"", "UNKNOWN"} else None


def _list(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _map(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _joined(value: object) -> str | None:
    return _text(value) or ",".join(_list(value)) or None


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8", "replace"
    )
