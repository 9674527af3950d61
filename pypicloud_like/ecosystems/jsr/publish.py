"""Publishing a version: the tarball is looked into, rule by rule, while the client waits, and kept whole or
not at all. Every attempt is a task whose state and outcome can be asked for later.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from pypicloud_like.core.errors import AlreadyExists, Forbidden
from pypicloud_like.core.model import Action, Blob, Caller, FileRecord, Project, Stamp, Status
from pypicloud_like.core.ports import PublishingTask, TaskStatus
from pypicloud_like.ecosystems.jsr import checks, metadata
from pypicloud_like.ecosystems.jsr.dependencies import Use, local_path, requirements, uses
from pypicloud_like.ecosystems.jsr.errors import Failed, Refused, Taken
from pypicloud_like.ecosystems.jsr.exports import Exports, check_files, path_of, read_exports
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.paths import check_case, check_folders, check_secrets
from pypicloud_like.ecosystems.jsr.scopes import make_scope
from pypicloud_like.ecosystems.jsr.tarball import Files, read_tarball
from pypicloud_like.registry.publish import CLOSED, Terms, publish
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool
from pypicloud_like.settings.model import JsrSettings

log = logging.getLogger(__name__)

_FABRICATED = uuid.UUID("0b8c59f2-6d0f-4b3c-9a4a-6f0e7a2f5d11")
"""The namespace of the ids of tasks that are known by their outcome alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be published, as the client says. ``only_new``: see
    :class:`~pypicloud_like.registry.publish.Terms`.
    """

    package: PackageName
    version: str
    config_path: str
    only_new: bool = False
    new_scope: bool = False


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found in a tarball that may be published. ``manifest`` are the bytes of the version's
    ``_meta.json``.
    """

    files: Files
    manifest: bytes
    facts: Mapping[str, object]


class Duplicate(Refused):
    """The version is published, or about to be. ``task`` is the attempt that did it."""

    def __init__(self, task: PublishingTask) -> None:
        done = task.status is TaskStatus.SUCCESS
        super().__init__(
            "duplicateVersionPublish",
            f"{task.project.name}@{task.version} is {'already published' if done else 'being published now'}",
        )
        self.task = task


def publish_version(services: Services, order: Order, tarball: Spool, caller: Caller) -> PublishingTask:
    """Publish what is in ``tarball``; the task as it is at the end, which may be a failure that the
    publisher can mend.

    Rights have been checked.

    :raises Duplicate: the version is there, was deleted, or another request publishes it now
    :raises Refused: the package takes no versions
    :raises Unavailable, NoSpace: it cannot be stored; nothing is published, and the same request may be sent
        again
    """
    project = order.package.project
    refuse_closed(services, project)
    refuse_standing(services, project, order.version)
    task, is_mine = services.tasks.begin(project, order.version, user=caller.name)
    if not is_mine:
        raise Duplicate(task)
    try:
        services.tasks.advance(task.id, TaskStatus.PROCESSING)
        changed = _process(services, order, tarball, caller)
    except Failed as failed:
        return services.tasks.advance(task.id, TaskStatus.FAILURE, error=(failed.error_code, failed.sentence))
    except BaseException:
        _give_up(services, task)
        raise
    if not changed:
        error = ("duplicateVersionPublish", "Another request has published this version first")
        services.tasks.advance(task.id, TaskStatus.FAILURE, error=error)
        refuse_standing(services, project, order.version)
    return services.tasks.advance(task.id, TaskStatus.SUCCESS)


def refuse_closed(services: Services, project: Project) -> None:
    """:raises Refused: the package is archived or quarantined"""
    record = services.cache.record(project)
    if record is not None and record.status in CLOSED:
        word = "archived" if record.status is Status.ARCHIVED else "quarantined"
        raise Refused("packageArchived", f"The package {project.name} is {word}: it takes no new versions")


def refuse_standing(services: Services, project: Project, version: str) -> None:
    """A version's number is used once, be the version deleted meanwhile or not.

    :raises Duplicate: this one is used
    """
    file = services.cache.snapshot(project, [version]).files.get(version)
    if file is None or (file.deleted and services.settings.access.allow_reuse_of_deleted):
        return
    done = [
        task
        for task in services.tasks.newest(project, version=version, limit=20)
        if task.status is TaskStatus.SUCCESS
    ]
    raise Duplicate(done[0] if done else task_of(file))


def task_of(file: FileRecord) -> PublishingTask:
    """The task of a version of which no attempt is remembered: attempts are not part of what a rebuild
    restores.
    """
    name = f"{file.project}@{file.version}"
    at = file.uploaded_at
    task_id = str(uuid.uuid5(_FABRICATED, name))
    return PublishingTask(
        task_id, file.project, file.version, file.uploader, TaskStatus.SUCCESS, None, at, at
    )


def inspect(tarball: Spool, order: Order, rules: JsrSettings) -> Inspected:
    """Look into a tarball.

    :raises Failed: it is not one that may be published as this
    """
    files = read_tarball(tarball.rewound(), tarball.size, limit=rules.package_size)
    check_case(files)
    check_folders(files)
    check_secrets(files, rules.refused_files)
    config = checks.read_config(files, order.config_path)
    checks.check_name(config, order.package)
    checks.check_version(config, order.version)
    exports = read_exports(config.get("exports"))
    check_files(exports, files)
    licence = checks.license_of(config, files)
    found = checks.check_graph(uses(files, exports, config))
    _check_modules(found, exports, files)
    needed = [each for each in requirements(found) if each.name != str(order.package)]
    checks.check_needed(needed)
    told = metadata.facts(files, exports, needed, config_path=order.config_path, licence=licence)
    return Inspected(files, metadata.render_manifest(files, exports), told)


def _check_modules(found: list[Use], exports: Exports, files: Files) -> None:
    reached = [path for use in found if (path := local_path(use, files)) is not None]
    checks.check_common_js([*map(path_of, exports.values()), *reached])
    checks.check_directives(found)
    checks.check_assertions(found)
    checks.check_external(found)
    checks.check_requirements(found)


def _process(services: Services, order: Order, tarball: Spool, caller: Caller) -> bool:
    """Whether this very attempt published the version.

    :raises Failed: it is not fit to be published
    """
    rules = services.settings.jsr
    seen = inspect(tarball, order, rules)
    if order.new_scope:
        _make_scope(services, order.package, caller)
    now = services.clock()
    draft = FileRecord(
        project=order.package.project,
        identity=order.version,
        filename=metadata.pack_name(order.version),
        version=order.version,
        kind=metadata.KIND,
        blob=Blob("", 0, ""),
        uploaded_at=now,
        stamp=Stamp(Action.UPLOAD, caller.name, now),
        display_name=str(order.package),
        uploader=caller.name,
        facts=seen.facts,
    )
    with Spool(limit=rules.package_size, folder=services.settings.server.spool_dir) as pack:
        for body in seen.files.values():
            pack.write(body)
        try:
            done = publish(
                services,
                draft,
                pack,
                sidecars={metadata.MANIFEST: seen.manifest},
                terms=Terms(revive=services.settings.access.allow_reuse_of_deleted, only_new=order.only_new),
                caller=caller,
            )
        except AlreadyExists:
            return False
        except Forbidden as error:  # it was archived, or somebody else took the name, meanwhile
            code = "actorNotAuthorized" if order.only_new else "packageArchived"
            raise Failed(code, str(error)) from error
    return done.changed


def _make_scope(services: Services, package: PackageName, caller: Caller) -> None:
    """Make the scope of its first version.

    :raises Failed: somebody else was first, or it cannot be made
    """
    account = caller.account
    assert account is not None  # asked for before
    try:
        make_scope(services, package.scope, creator=account)
    except (Refused, Taken) as error:
        mine = services.scopes.member(package.scope, account.name)
        if mine is None:
            raise Failed(error.error_code, str(error)) from error


def _give_up(services: Services, task: PublishingTask) -> None:
    """The attempt ends by a fault of ours. Had the change been made all the same, the next one is told so."""
    error = ("internalServerError", "The server could not finish this; publish it again")
    try:
        services.tasks.advance(task.id, TaskStatus.FAILURE, error=error)
    except Exception:
        log.exception("the publishing task %s could not be ended", task.id)
