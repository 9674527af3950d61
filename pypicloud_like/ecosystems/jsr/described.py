"""A JSR package as a catalogue tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pypicloud_like.core.model import FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.jsr.names import JSR
from pypicloud_like.ecosystems.jsr.profile import LONGEST_DESCRIPTION, profile_of
from pypicloud_like.ecosystems.jsr.versions import latest_stable, newest_first
from pypicloud_like.registry.described import Described, last_release, last_upload, publishers


def describe(files: Sequence[FileRecord], record: ProjectRecord | None) -> Described:
    """By what is said of the package; versions say nothing of it."""
    profile = profile_of(record)
    offered = [file.version for file in files if file.yanked is None]
    newest = latest_stable(offered) or next(iter(newest_first(offered)), None)
    closed = record is not None and record.status in {Status.DEPRECATED, Status.ARCHIVED}
    project = files[0].project
    return Described(
        title=project.name,
        version=newest,
        summary=profile.description[:LONGEST_DESCRIPTION],
        repository=profile.repository_url,
        documentation=None,
        page=f"/{project.name}",
        people=publishers(files),
        updated_at=last_upload(files),
        released_at=last_release(files),
        deprecated=closed or not offered,
        requires=frozenset(_required(files, newest)),
    )


def _required(files: Sequence[FileRecord], newest: str | None) -> Iterator[Project]:
    for file in files:
        for each in file.facts.get("dependencies", ()) if file.version == newest else ():
            if each["kind"] == JSR:
                yield Project(JSR, str(each["name"]))
