"""Order of files and releases, and which release speaks for a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import File, FileRecord, Project
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.pypi.names import parse_version, sort_key

F = TypeVar("F", bound=File)

LATEST = "latest"
LATEST_STABLE = "latest-stable"
LATEST_UNSTABLE = "latest-unstable"
LATEST_WORDS = frozenset({LATEST, LATEST_STABLE, LATEST_UNSTABLE})
"""Words that stand for a version in addresses; no PEP 440 version can be spelled like one."""


@dataclass(frozen=True, slots=True)
class Release(Generic[F]):
    """One version and its files, by file name."""

    version: str
    files: Sequence[F]

    @property
    def is_yanked(self) -> bool:
        """Whether every file of it is yanked (PEP 592 yanks files; people yank releases)."""
        return all(file.yanked is not None for file in self.files)

    @property
    def yanked_reason(self) -> str | None:
        """The first reason given, if it is yanked with a reason."""
        if not self.is_yanked:
            return None
        return next((file.yanked for file in self.files if file.yanked), None)

    @property
    def is_final(self) -> bool:
        """Neither a pre-release nor a development release; post and local releases are final."""
        parsed = parse_version(self.version)
        return parsed is not None and not parsed.is_prerelease

    @property
    def is_legacy(self) -> bool:
        """Whether the version is older than PEP 440 and does not parse."""
        return parse_version(self.version) is None


def ordered(files: Iterable[F]) -> list[F]:
    """Files by version (PEP 440, legacy versions first), then by file name; ascending."""
    listed = list(files)
    ranks = _ranks(file.version for file in listed)
    return sorted(listed, key=lambda file: (ranks[file.version], file.filename))


def releases(files: Iterable[F]) -> list[Release[F]]:
    """The releases that have these files, oldest version first."""
    grouped: dict[str, list[F]] = {}
    for file in files:
        grouped.setdefault(file.version, []).append(file)
    ranks = _ranks(grouped)
    return [
        Release(version, sorted(grouped[version], key=lambda file: file.filename))
        for version in sorted(grouped, key=lambda version: (ranks[version], version))
    ]


def project_release(known: Sequence[Release[F]]) -> Release[F] | None:
    """The release that speaks for its project: not yanked before yanked, final before pre-release
    before legacy, then the highest. None if there is no release.

    :param known: as :func:`releases` gives them
    """
    # max() keeps the first of equals: the last of the list is the highest
    return max(
        reversed(known),
        key=lambda release: (not release.is_yanked, release.is_final, not release.is_legacy),
        default=None,
    )


def named_release(word: str, known: Sequence[Release[F]]) -> Release[F] | None:
    """The release that one of :data:`LATEST_WORDS` stands for; yanked ones never do.

    ``latest`` is the highest final release, else the highest pre-release, else the highest legacy one;
    ``latest-stable`` the highest final release; ``latest-unstable`` the highest of final and
    pre-releases. None if there is no such release, or the word is none of these.

    :param known: as :func:`releases` gives them
    """
    live = [release for release in known if not release.is_yanked]
    if word == LATEST:
        return project_release(live)
    if word == LATEST_STABLE:
        return _highest(release for release in live if release.is_final)
    if word == LATEST_UNSTABLE:
        return _highest(release for release in live if not release.is_legacy)
    return None


def find_release(wanted: str, known: Sequence[Release[F]]) -> Release[F] | None:
    """The release of a version, however it is spelled: ``1.0.0`` finds ``1.0``.

    The exact spelling comes first; where several stored spellings mean the same version, only the
    exact one is found.
    """
    for release in known:
        if release.version == wanted:
            return release
    version = parse_version(wanted)
    same = [release for release in known if version is not None and parse_version(release.version) == version]
    return same[0] if len(same) == 1 else None


def spokesman_of(files: Sequence[FileRecord]) -> FileRecord:
    """The file whose metadata is its release's: the first that was uploaded with any.

    :param files: those of a release, of which there is one at least
    """
    return min(files, key=lambda file: (not file.facts, file.uploaded_at, file.filename))


def meant(cache: Cache, project: Project, word: str) -> Sequence[File]:
    """The files that a version, however it is spelled, or a file name stands for.

    :raises NotFound: there are none
    """
    files = cache.files(project)
    release = find_release(word, releases(files))
    found = release.files if release else [file for file in files if file.filename == word]
    if not found:
        raise NotFound(f"{project.name} {word}")
    return found


def _highest(ascending: Iterable[Release[F]]) -> Release[F] | None:
    last = None
    for release in ascending:
        last = release
    return last


def _ranks(versions: Iterable[str]) -> dict[str, int]:
    """Each version's place in the order, the same for spellings of one version."""
    distinct = list(dict.fromkeys(versions))
    # Comparing parsed versions is the slow part. So they are sorted once, not with every file, and by
    # one part of their key after the other: whole keys would compare each pair of versions twice.
    for part in (2, 1, 0):
        distinct.sort(key=lambda version: _sort_key(version)[part])
    ranks: dict[str, int] = {}
    rank, last = 0, None
    for version in distinct:
        key = _sort_key(version)
        rank += key != last
        ranks[version], last = rank, key
    return ranks


_sort_key = lru_cache(maxsize=8192)(sort_key)
"""Pages of a project are rendered again and again with the versions it had before."""
