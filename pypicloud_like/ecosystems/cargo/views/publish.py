"""Publishing: ``PUT /api/v1/crates/new``."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core import moment
from pypicloud_like.core.errors import AlreadyExists, Conflict
from pypicloud_like.core.model import Action, Stamp
from pypicloud_like.ecosystems.cargo import checks, config, drafts
from pypicloud_like.ecosystems.cargo.metadata import README, Crate
from pypicloud_like.ecosystems.cargo.names import CARGO, check_name, project_of
from pypicloud_like.ecosystems.cargo.publish import Body, read_announced, read_body
from pypicloud_like.ecosystems.cargo.shapes import Published, PublishWarnings
from pypicloud_like.ecosystems.cargo.versions import check_version
from pypicloud_like.ecosystems.cargo.views.crates import crates_of
from pypicloud_like.http import answers
from pypicloud_like.http.multiparts import refuse_encoded
from pypicloud_like.http.publishing import require_any_write, require_write
from pypicloud_like.http.urls import base_url
from pypicloud_like.registry.publish import Terms, publish


@moment.one()
def new(request: Request) -> Response:
    """PUT /api/v1/crates/new: after the answer the version is in the index, and cargo need not wait."""
    require_any_write(request, CARGO)
    refuse_encoded(request)
    settings = request.services.settings
    source = request.environ["wsgi.input"]
    with read_body(
        source, request.content_length, limit=settings.limits.file, folder=settings.server.spool_dir
    ) as body:
        crate = _publish(request, body)
    warnings: PublishWarnings = {
        "invalid_categories": checks.invalid_categories(crate),
        "invalid_badges": [],
        "other": checks.warnings_of(crate),
    }
    project = project_of(crate.name)
    reads = request.services.guard.may(request.caller, Act.READ, project)
    told = crates_of(request, [project]) if reads else []  # to write is not to read
    return answers.answer_json(Published(crate=told[0] if told else None, warnings=warnings))


def _publish(request: Request, body: Body) -> Crate:
    services, caller = request.services, request.caller
    own = config.own_indexes(services.settings, base_url(request))
    announced = read_announced(body.json, own)
    check_name(announced.name)
    version = check_version(announced.version)
    project = project_of(announced.name)
    only_new = require_write(request, project)
    archive = body.archive
    crate, _ = drafts.inspect(archive.rewound(), archive.size, announced.name, str(version), own_indexes=own)
    checks.check_agreement(announced, crate)
    checks.check_crate(crate)
    if services.settings.cargo.strict_metadata:
        checks.refuse_what_crates_io_refuses(crate)
    draft = drafts.draft_of(crate, stamp=Stamp(Action.UPLOAD, caller.name, services.clock()))
    judge = drafts.check_spelling(services.cache, draft)
    try:
        done = publish(
            services,
            draft,
            archive,
            sidecars={README: announced.readme.encode()} if announced.readme else {},
            terms=Terms(
                revive=services.settings.access.allow_reuse_of_deleted,
                only_new=only_new,
            ),
            caller=caller,
            judge=judge,
        )
    except AlreadyExists as error:
        raise _taken(crate) from error
    if not done.changed:
        raise _taken(crate)
    return crate


def _taken(crate: Crate) -> Conflict:
    """Even the same bytes: cargo asks the index first, so whoever comes here did not mean a repetition."""
    return Conflict(f"crate version `{crate.version}` is already uploaded")
