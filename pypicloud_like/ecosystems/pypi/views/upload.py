"""Uploads: the legacy form of twine and all others, and pypicloud's way of naming the file in the URL."""

from __future__ import annotations

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act
from pypicloud_like.core import moment
from pypicloud_like.core.errors import InvalidRequest, InvalidUpload
from pypicloud_like.core.model import PYPI, Action, Project, Stamp
from pypicloud_like.ecosystems.pypi.checks import Claims, check_claimed_name, check_upload
from pypicloud_like.ecosystems.pypi.drafts import draft_of, sidecars_of
from pypicloud_like.ecosystems.pypi.names import normalize, parse_filename
from pypicloud_like.ecosystems.pypi.provenance import provenance_of
from pypicloud_like.ecosystems.pypi.simple import PROVENANCE
from pypicloud_like.ecosystems.pypi.views.packages import file_json
from pypicloud_like.ecosystems.pypi.views.search import search
from pypicloud_like.ecosystems.pypi.views.simple import requested_project
from pypicloud_like.http import answers
from pypicloud_like.http.multiparts import Form, SentFile, read_multipart
from pypicloud_like.http.publishing import require_any_write, require_write
from pypicloud_like.http.urls import prefix
from pypicloud_like.registry.publish import Terms, publish


@moment.one()
def upload(request: Request) -> Response:
    """POST /simple/ and its aliases: ``:action=file_upload`` with the file as ``content``."""
    with _form(request) as form:
        action = form.get(":action") or request.GET.get(":action") or "file_upload"
        if action != "file_upload":
            raise InvalidRequest(":action", f"Unknown action '{action[:40]}'")
        sent = _content(form)
        return _publish(request, _project(form, sent), form, sent)


def upload_or_search(request: Request) -> Response:
    """POST /pypi/: an upload, or XML-RPC for the client that still searches."""
    if request.content_type in {"text/xml", "application/xml"}:
        return search(request)
    return upload(request)


@moment.one()
def upload_named(request: Request) -> Response:
    """POST /api/package/{project}/{filename}: the part's own file name counts (pypicloud)."""
    project = requested_project(request)
    require_write(request, project)
    with _form(request) as form:
        return _publish(request, project, form, _content(form))


def _form(request: Request) -> Form:
    """Read the form, unless nobody without credentials could upload anything."""
    require_any_write(request, PYPI)
    settings = request.services.settings
    limits = settings.limits
    # signatures are no longer served, but some clients still send them
    files = {"content": limits.file, "gpg_signature": limits.form_field}
    return read_multipart(request, limits, settings.server.spool_dir, files=files)


def _content(form: Form) -> SentFile:
    sent = form.files.get("content")
    if sent is None:
        raise InvalidRequest("", "Missing argument 'content': the form has no file")
    return sent


def _project(form: Form, sent: SentFile) -> Project:
    """The project of the form's ``name``, else of the file name."""
    name = form.get("name")
    if name is None:
        return Project(PYPI, parse_filename(sent.filename).name)
    check_claimed_name(Claims(name=name))
    return Project(PYPI, normalize(name))


def _publish(request: Request, project: Project, form: Form, sent: SentFile) -> Response:
    services, caller = request.services, request.caller
    only_new = require_write(request, project)
    spool = sent.spool
    found = check_upload(
        sent.filename,
        spool.rewound(),
        spool.size,
        claims=Claims.from_form({name: values[-1] for name, values in form.fields.items()}),
        digests={"md5": spool.md5, "sha256": spool.sha256, "blake2b_256": spool.blake2b_256},
        strict_sdist_names=services.settings.pypi.strict_sdist_names,
    )
    if found.project != project.name:
        raise InvalidUpload("name", f"the file belongs to {found.project!r}, not to {project.name!r}")
    stamp = Stamp(Action.UPLOAD, caller.name, services.clock())
    draft = draft_of(found, sent.filename, stamp=stamp)
    done = publish(
        services,
        draft,
        spool,
        sidecars={**sidecars_of(found), **_provenance(form, sent, caller.name)},
        terms=Terms(
            overwrite=services.guard.may(caller, Act.OVERWRITE, project),
            revive=services.settings.access.allow_reuse_of_deleted,
            only_new=only_new,
        ),
        caller=caller,
    )
    told = file_json(done.record, prefix(request))
    if found.warnings:
        told["warnings"] = list(found.warnings)
    return answers.answer_json(told)


def _provenance(form: Form, sent: SentFile, publisher: str | None) -> dict[str, bytes]:
    attestations = form.get("attestations")
    if attestations is None:
        return {}
    return {
        PROVENANCE: provenance_of(
            attestations, filename=sent.filename, sha256=sent.spool.sha256, publisher=publisher
        )
    }
