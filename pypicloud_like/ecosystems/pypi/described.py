"""A Python project as a catalogue tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, urlsplit

from packaging.version import InvalidVersion, Version

from pypicloud_like.core.model import PYPI, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.registry.described import (
    LONGEST_SUMMARY,
    Described,
    address,
    keywords_of,
    last_release,
    last_upload,
    publishers,
)

_REPOSITORY = frozenset({"source", "repository", "code", "sourcecode", "github", "gitlab"})
_DOCUMENTATION = frozenset({"documentation", "docs"})
_HOMEPAGE = "homepage"
"""Labels of project URLs as PEP 753 normalises them: small letters and digits alone. What is written in a
pyproject.toml has its home page there and no field ``Home-page``.
"""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_FORGES = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht"})


def describe(files: Sequence[FileRecord], record: ProjectRecord | None) -> Described:
    """By the newest release: the highest final version that is not yanked, else the highest of all."""
    chosen = max(files, key=_rank)
    facts = chosen.facts
    urls = _labelled(facts.get("project_urls"))
    home = address(facts.get("home_page")) or urls.get(_HOMEPAGE, "")
    repository = next((urls[label] for label in urls if label in _REPOSITORY), "")
    closed = record is not None and record.status in {Status.DEPRECATED, Status.ARCHIVED}
    return Described(
        title=chosen.display_name,
        version=chosen.version if chosen.yanked is None else None,
        summary=(chosen.summary or "")[:LONGEST_SUMMARY],
        repository=repository or (home if urlsplit(home).hostname in _FORGES else ""),
        documentation=next((urls[label] for label in urls if label in _DOCUMENTATION), None),
        page=f"/project/{quote(chosen.project.name)}/",
        people=publishers(files),
        updated_at=last_upload(files),
        released_at=last_release(files),
        deprecated=closed or chosen.yanked is not None,
        requires=frozenset(_required(facts)),
        keywords=keywords_of(facts.get("keywords")),
    )


def _required(facts: Mapping[str, object]) -> Iterator[Project]:
    """By the name that each requirement begins with: of thousands of projects they are not parsed whole."""
    told = facts.get("requires_dist")
    for text in told if isinstance(told, Sequence) else ():
        match = _NAME.match(str(text))
        if match is not None:
            yield Project(PYPI, normalize(match[0]))


def _rank(file: FileRecord) -> tuple[object, ...]:
    try:
        version = Version(file.version)
    except InvalidVersion:
        return file.yanked is None, False, False, file.version
    return file.yanked is None, True, not version.is_prerelease, version


def _labelled(urls: object) -> dict[str, str]:
    """Label → address, those that are none left out."""
    if not isinstance(urls, Mapping):
        return {}
    found = {
        "".join(char for char in str(label).lower() if char.isalnum()): address(url)
        for label, url in urls.items()
    }
    return {label: url for label, url in found.items() if url}
