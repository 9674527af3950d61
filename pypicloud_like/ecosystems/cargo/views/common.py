"""What several views of the cargo side ask."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request

from pypicloud_like.core.errors import LoginRequired, NotFound
from pypicloud_like.core.model import FileRecord, Project, Status
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.cargo.directory import Entry
from pypicloud_like.ecosystems.cargo.names import requested, shown
from pypicloud_like.ecosystems.cargo.versions import identity_of
from pypicloud_like.registry.directory import Directory
from pypicloud_like.registry.semver import is_version, parse

DIRECTORY = "pypicloud_like.cargo.directory"


def requested_crate(request: Request) -> Project:
    """The crate that the address names, in whatever spelling.

    :raises NotFound: no crate can be called so
    """
    return requested(request.matchdict["crate"])


def requested_version(request: Request, project: Project) -> FileRecord:
    """The very version that the address names, with its build metadata.

    :raises NotFound: there is none, or none is offered; of a crate that is not there it says no more than
        of one that the caller may not read
    """
    text: str = request.matchdict["version"]
    cache: Cache = request.services.cache
    if is_version(text):
        identity = identity_of(parse(text))
        file = cache.snapshot(project, [identity]).files.get(identity)
        if file is not None and not file.deleted and file.version == text and is_offered(cache, project):
            return file
    what = f"crate `{project.name}` version `{shown(text)}`" if cache.exists(project) else str(project)
    raise NotFound(what)


def require_login(request: Request) -> str:
    """The caller's name.

    :raises LoginRequired: they are anonymous
    """
    name: str | None = request.caller.name
    if name is None:
        raise LoginRequired
    return name


def every_crate(request: Request) -> Sequence[Entry]:
    """What is known of every crate at a glance, by name."""
    directory: Directory[Entry] = request.registry[DIRECTORY]
    return directory.entries(request.services.cache)


def is_offered(cache: Cache, project: Project) -> bool:
    """Whether anything of the crate may be handed out."""
    record = cache.record(project)
    return record is None or record.status is not Status.QUARANTINED
