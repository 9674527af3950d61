"""What is known of every package at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pypicloud_like.core.model import UNKNOWN_TIME, FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, package_of
from pypicloud_like.ecosystems.jsr.profile import Profile, profile_of
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first
from pypicloud_like.registry.directory import Directory


@dataclass(frozen=True, slots=True)
class Entry:
    """One package, be it without versions. Versions have the newest first; times are aware."""

    project: Project
    name: PackageName
    profile: Profile
    archived: bool
    latest: str | None
    offered: int
    """How many versions are not yanked."""
    needs: Mapping[str, frozenset[str]]
    """Version → the JSR packages that it depends on (``@scope/name``)."""
    needed: frozenset[str]
    """The JSR packages that any version depends on."""
    dependencies: int
    """How many packages of any registry the newest version depends on."""
    created_at: datetime
    updated_at: datetime
    newest: str | None
    """The version that was published last, and when it was."""
    newest_at: datetime

    @property
    def words(self) -> str:
        """All that a search looks through."""
        return f"{self.name} {self.profile.description}".lower()


def packages_directory() -> Directory[Entry]:
    """A directory of all packages: those that have a version, and those that somebody has made."""
    return Directory(JSR, entry_of)


def entry_of(project: Project, record: ProjectRecord | None, files: Sequence[FileRecord]) -> Entry | None:
    """What stands for a package; None if it is quarantined, or neither has a version nor was made."""
    profile = profile_of(record)
    if (record is not None and record.status is Status.QUARANTINED) or not (files or profile.made_at):
        return None
    by_version = {file.version: file for file in files}
    order = newest_first(by_version)
    offered = [version for version in order if by_version[version].yanked is None]
    newest = max(files, key=lambda file: (file.uploaded_at, file.version), default=None)
    times = [file.uploaded_at for file in files] + ([profile.made_at] if profile.made_at else [])
    stamps = [file.stamp.at for file in files] + ([record.stamp.at] if record is not None else [])
    needs = {version: _needs(by_version[version]) for version in order}
    return Entry(
        project=project,
        name=package_of(project),
        profile=profile,
        archived=record is not None and record.status is Status.ARCHIVED,
        latest=latest_stable(offered),
        offered=len(offered),
        needs=needs,
        needed=frozenset(name for names in needs.values() for name in names),
        dependencies=len(by_version[order[0]].facts.get("dependencies", ())) if order else 0,
        created_at=min(times),
        updated_at=max(stamps),
        newest=newest.version if newest is not None else None,
        newest_at=newest.uploaded_at if newest is not None else UNKNOWN_TIME,
    )


def _needs(file: FileRecord) -> frozenset[str]:
    told: Sequence[Mapping[str, Any]] = file.facts.get("dependencies", ())
    return frozenset(str(each["name"]) for each in told if each["kind"] == "jsr")
