"""What a page for people tells of a release, in words that all ecosystems share. Each ecosystem gives a
:class:`Presenter` that reads it from its own records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pypicloud_like.core.model import File, FileRecord, Project, ProjectRecord
from pypicloud_like.core.ports import Storage
from pypicloud_like.registry.curate import Facts
from pypicloud_like.upstream.names import Normalize
from pypicloud_like.upstream.upstreams import Upstreams

PRESENTERS = "pypicloud_like.presenters"
"""Where the composition keeps them: ecosystem → :class:`Presenter`."""

MARKDOWN = "text/markdown"
RST = "text/x-rst"
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Readme:
    """A long description as its author wrote it; ``kind`` is one of the media types above."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency. ``group`` says when it is needed, empty for always; ``project`` what it may be here."""

    name: str
    requirement: str
    group: str = ""
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """One release. ``readme`` reads the long description, perhaps from storage, so it is called only where
    nothing made of it is kept; it raises MissingBytes if that is gone. ``links`` are (label, address),
    ``facts`` (label, text), both in the order of showing.
    """

    summary: str
    readme: Callable[[], Readme | None]
    links: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """What to type to get something: for which tool, and the lines."""

    tool: str
    lines: str


class Presenter(Protocol):
    """What the pages ask an ecosystem."""

    @property
    def label(self) -> str:
        """What people call it: ``Python``."""

    def project(self, spelled: str) -> Project:
        """The project that an address means. :raises NotFound: nothing can be called so"""

    def page(self, name: str, version: str | None = None) -> str:
        """The path of the page of a project or a release, percent-encoded."""

    def newest_first(self, versions: Iterable[str]) -> Sequence[str]:
        """Versions in the order of lists."""

    def chosen(self, files: Sequence[File]) -> str:
        """The version that speaks for a project, of whose files there is one at least."""

    def present(
        self, storage: Storage, files: Sequence[FileRecord], record: ProjectRecord | None, /
    ) -> Presented:
        """What there is to say of the release that these files are."""

    def file_page(self, file: File, /) -> str | None:
        """The path of a file to download, percent-encoded; None where there is no single one."""

    def held(self, upstreams: Upstreams, project: Project, /) -> Sequence[FileRecord]:
        """The files held from upstreams that may still be shown, of releases one can look at."""

    @property
    def normalize(self) -> Normalize:
        """The one form of a name's spellings."""

    def install(self, name: str, version: str, base: str, /) -> Sequence[Command]:
        """How to use a release. :param base: the public address of this server"""

    def set_up(self, base: str) -> Sequence[Command]:
        """How to point tools at this server, to install and to publish."""

    @property
    def yank_facts(self) -> Facts:
        """What becomes of a file's facts when it is yanked."""
