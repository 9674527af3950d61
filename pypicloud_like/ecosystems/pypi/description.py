"""What the addresses of the Python side do, for their OpenAPI documents."""

from __future__ import annotations

from pypicloud_like.ecosystems.pypi import index_shapes, shapes
from pypicloud_like.ecosystems.pypi.views import (
    explaining,
    files,
    json_api,
    oidc,
    packages,
    projects,
    root,
    simple,
    upload,
    various,
)
from pypicloud_like.http.openapi.operations import JSON, MULTIPART, PARAMS, Content, Operation, System

FILE = Content({"application/octet-stream": None, "text/plain": None})
_UPLOADED = (404, 409)
_UPSTREAM = (502, 504)

PACKAGES = System(
    name="pypicloud",
    title="Packages",
    about="pypicloud's package API with what was added to it: lists, uploads, deletion, yanks, project"
    " status, fetching from upstreams, and why somebody sees what they see.",
    operations={
        packages.list_packages: Operation(
            "The packages you may read",
            {200: shapes.PackageNames | shapes.PackageSummaries},
            query=shapes.Verbosity,
        ),
        packages.list_files: Operation(
            "The files of a package; an unknown one has none", {200: shapes.PackageFiles}, _UPSTREAM
        ),
        files.download: Operation(
            "Download a file, or `.metadata` beside it",
            {200: FILE, 206: FILE, 302: None, 304: None, 416: None},
            _UPSTREAM,
        ),
        upload.upload_named: Operation(
            "Upload a file",
            {200: shapes.PackageFile},
            _UPLOADED,
            body=shapes.UploadForm,
            kinds=(MULTIPART,),
        ),
        packages.delete_file: Operation("Delete a file", {200: None}),
        packages.fetch: Operation(
            "Hold what some requirements need", {200: shapes.Fetched}, body=shapes.FetchRequest, kinds=PARAMS
        ),
        projects.yank: Operation(
            "Yank a release, or one file by its name",
            {200: shapes.Yanked},
            body=shapes.Reason,
            kinds=PARAMS,
            optional=True,
        ),
        projects.unyank: Operation("Take a yank back", {200: shapes.Unyanked}),
        projects.status: Operation("The status of a project", {200: shapes.ProjectStatus}),
        projects.set_status: Operation(
            "Archive, deprecate, or put under quarantine",
            {200: shapes.ProjectStatus},
            body=shapes.NewStatus,
            kinds=PARAMS,
        ),
        projects.mixed: Operation("Whether an upstream's files are shown beside ours", {200: shapes.Mixed}),
        projects.set_mixed: Operation(
            "Show an upstream's files beside ours, or no longer",
            {200: shapes.Mixed},
            body=shapes.MixedMark,
            kinds=PARAMS,
        ),
        explaining.explain: Operation(
            "Why somebody sees a project, or does not", {200: shapes.Explanation}, (403,), shapes.About
        ),
        explaining.confusion: Operation(
            "Names of ours that an upstream has too", {200: shapes.Confusion}, (403, 404), shapes.Asked
        ),
        explaining.upstreams: Operation(
            "The upstreams, and what is held of them", {200: shapes.Upstreams}, (403, 404)
        ),
        explaining.pin: Operation("Never let go of what is held of a project", {200: shapes.Pinned}),
        explaining.unpin: Operation("Take that back", {200: shapes.Pinned}),
    },
    parameters={
        "project": "The name of a project, in any spelling.",
        "filename": "The name of a file.",
        "version": "A version, or the name of a file.",
    },
)

_PAGE = {200: index_shapes.PROJECT, 301: None, 302: None, 304: None}
_RELEASE = {200: index_shapes.JsonRelease, 301: None, 302: None, 304: None, 307: None}
_PROJECT = {200: index_shapes.JsonProject, 301: None, 302: None, 304: None}

INDEX = System(
    name="pypi",
    title="Python index",
    about="What installers and uploaders use: the simple API as HTML and JSON, PyPI's JSON API, the legacy"
    " upload form, provenance. A project has one spelling here; others are redirected to it.",
    operations={
        simple.project_list: Operation(
            "The projects you may read",
            {200: index_shapes.LIST, 304: None},
            (406, *_UPSTREAM),
            index_shapes.SimpleFormat,
        ),
        simple.project: Operation(
            "The files of a project", _PAGE, (406, *_UPSTREAM), index_shapes.SimpleFormat
        ),
        root.project: Operation(
            "The files of a project, if it is ours", _PAGE, (406,), index_shapes.SimpleFormat
        ),
        json_api.project: Operation("A project in PyPI's JSON", _PROJECT, _UPSTREAM),
        root.project_json: Operation("A project in PyPI's JSON, if it is ours", _PROJECT),
        json_api.version: Operation("A release in PyPI's JSON", _RELEASE, _UPSTREAM),
        upload.upload: Operation(
            "Upload a file", {200: shapes.PackageFile}, _UPLOADED, body=shapes.UploadForm, kinds=(MULTIPART,)
        ),
        upload.upload_or_search: Operation(
            "Upload a file, or search by XML-RPC",
            {200: Content({JSON: shapes.PackageFile, "text/xml": None})},
            _UPLOADED,
            body=Content({MULTIPART: shapes.UploadForm, "text/xml": None}),
        ),
        oidc.audience: Operation(
            "What a job is to ask its issuer for", {200: shapes.OidcAudience, 403: shapes.Message}
        ),
        oidc.mint: Operation(
            "An upload token for a job that shows its identity token",
            {200: shapes.OidcMinted},
            (422,),
            body=shapes.OidcToken,
        ),
        oidc.burn: Operation(
            "Give an upload token back: it ends", {202: shapes.Nothing}, (422,), body=shapes.OidcToken
        ),
        files.provenance: Operation(
            "Who published a file, and how",
            {200: index_shapes.PROVENANCE, 206: index_shapes.PROVENANCE, 304: None, 416: None},
        ),
    },
    apart={
        simple.add_slash: "a redirect to the address with its last slash",
        root.add_slash: "the same",
        simple.project_html: "a page that is HTML only, for uploaders that look before they upload",
        simple.all_files: "a page that is HTML only",
        various.updates_feed: "a feed",
        various.packages_feed: "a feed",
        various.releases_feed: "a feed",
    },
    errors={oidc.DIALECT: shapes.OidcRefused},
    parameters={
        "project": "The name of a project, in any spelling.",
        "version": "A version, or `latest`, `latest-stable`, `latest-unstable`.",
        "filename": "The name of a file.",
    },
)
