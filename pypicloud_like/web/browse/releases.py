"""What a project's page is made of: its releases, ours or held from an upstream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import (
    UNKNOWN_TIME,
    Caller,
    File,
    FileRecord,
    Project,
    ProjectRecord,
    Status,
)
from pypicloud_like.registry.presented import Presenter
from pypicloud_like.registry.serve import Answer, answer_for
from pypicloud_like.registry.services import Services

_FROM_UPSTREAM = frozenset({Answer.FETCH, Answer.HELD, Answer.MERGED})


@dataclass(frozen=True, slots=True)
class Release:
    """One version and its files. ``yanked`` is None, or the reason, if every file is yanked."""

    version: str
    files: Sequence[File]

    @property
    def yanked(self) -> str | None:
        """The first reason that is given."""
        reasons = [file.yanked for file in self.files if file.yanked is not None]
        if len(reasons) < len(self.files):
            return None
        return next(filter(None, reasons), "")

    @property
    def since(self) -> datetime | None:
        """When its first file came; None if nobody told."""
        first = min(file.uploaded_at for file in self.files)
        return None if first == UNKNOWN_TIME else first

    @property
    def size(self) -> int:
        """Bytes of all files of which the size is known."""
        return sum(max(file.blob.size, 0) for file in self.files)


@dataclass(frozen=True, slots=True)
class Shown:
    """A project as one caller sees it. ``releases`` have the newest first; ``held`` says that they come from
    an upstream.
    """

    project: Project
    name: str
    releases: Sequence[Release]
    chosen: Release
    record: ProjectRecord | None
    held: bool

    @property
    def origin(self) -> str:
        """The upstream that the files shown come from, empty for ours."""
        return next((file.origin.upstream for file in self.chosen.files if file.origin is not None), "")

    @property
    def fetched_at(self) -> datetime | None:
        """When the newest of the files shown was fetched."""
        times = [file.origin.fetched_at for file in self.chosen.files if file.origin is not None]
        return max(times, default=None)


def shown(
    services: Services, caller: Caller, presenter: Presenter, project: Project, version: str | None
) -> Shown:
    """What somebody who may read the project sees, at a version or the one that speaks for it.

    :raises NotFound: there is no such project or version here, or it is quarantined and not theirs
    """
    record = services.cache.record(project)
    hidden = record is not None and record.status is Status.QUARANTINED
    if hidden and not services.guard.may(caller, Act.YANK, project):
        raise NotFound(str(project))
    ours = services.cache.files(project)
    files: Sequence[File] = ours or _held(services, caller, presenter, project)
    if not files:
        raise NotFound(str(project))  # in the words in which one is refused that they may not know of
    grouped: dict[str, list[File]] = {}
    for file in files:
        grouped.setdefault(file.version, []).append(file)
    releases = [
        Release(each, sorted(grouped[each], key=lambda file: file.filename))
        for each in presenter.newest_first(grouped)
    ]
    wanted = presenter.chosen(files) if version is None else version
    chosen = next((each for each in releases if each.version == wanted), None)
    if chosen is None:
        raise NotFound(f"{project.name} {wanted}")
    name = (record and record.display_name) or chosen.files[0].display_name
    return Shown(project, name, releases, chosen, record, held=not ours)


def described(services: Services, found: Shown) -> Sequence[FileRecord]:
    """The files of the release that is shown, with their facts."""
    if found.held:
        return [file for file in found.chosen.files if isinstance(file, FileRecord)]
    return services.cache.described(found.project, found.chosen.version)


def _held(services: Services, caller: Caller, presenter: Presenter, project: Project) -> Sequence[FileRecord]:
    """What is held of an upstream, where it would be handed out."""
    upstreams = services.upstreams
    if upstreams is None or answer_for(services, caller, project, presenter.normalize) not in _FROM_UPSTREAM:
        return ()
    return presenter.held(upstreams, project)
