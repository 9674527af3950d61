"""What the addresses of the JSR side do, for their OpenAPI documents."""

from __future__ import annotations

from typing import Annotated

from pypicloud_like.ecosystems.jsr import asked_shapes as asked
from pypicloud_like.ecosystems.jsr import module_shapes as read
from pypicloud_like.ecosystems.jsr import shapes
from pypicloud_like.ecosystems.jsr.views import (
    authorizations,
    members,
    modules,
    npm,
    packages,
    publish,
    scopes,
    users,
    versions,
)
from pypicloud_like.ecosystems.jsr.views.errors import DIALECT
from pypicloud_like.http.openapi.operations import Content, Operation, System
from pypicloud_like.http.openapi.schemas import Is

_ONE = Is(minProperties=1, maxProperties=1)
"""Of its members there is just one."""
_SCOPE_CHANGE = Annotated[asked.ScopeChange, _ONE]
_INVITE = Annotated[asked.NewInvite, _ONE]
_PACKAGE_CHANGE = Annotated[asked.JsrPackageChange, _ONE]
_DONE = {204: None}
_MODULE = Content({"application/json": read.ModuleMeta, "text/html": None})
_MANIFEST = Content({"application/json": read.ModuleManifest, "text/html": None})
_UPSTREAM = (502, 504)

_SCOPES = {
    scopes.make: Operation("Make a scope", {200: shapes.JsrScope}, (409,), body=asked.NewScope),
    scopes.get: Operation("A scope; more of it for its admins", {200: shapes.JsrFullScope | shapes.JsrScope}),
    scopes.change: Operation("Change a scope", {200: shapes.JsrFullScope}, body=_SCOPE_CHANGE),
    scopes.remove: Operation("Remove an empty scope", _DONE),
    members.listed: Operation("The members of a scope", {200: list[shapes.JsrMember]}, (403,)),
    members.invite: Operation("Invite somebody", {200: shapes.JsrInvite}, (404,), body=_INVITE),
    members.change: Operation("Make an admin of a member", {200: shapes.JsrMember}, body=asked.MemberChange),
    members.remove: Operation("Remove a member, or leave", _DONE),
    members.invites: Operation("The invites of a scope", {200: list[shapes.JsrInvite]}, (403,)),
    members.withdraw: Operation("Withdraw an invite", _DONE),
}

_PACKAGES = {
    packages.listed: Operation("Packages in pages", {200: shapes.JsrPackages}, query=asked.JsrSearch),
    packages.stats: Operation("What came last", {200: shapes.JsrStats}),
    packages.in_scope: Operation("A scope's packages", {200: shapes.JsrPackages}, query=asked.JsrPaging),
    packages.make: Operation("Make a package", {200: shapes.JsrPackage}, (409,), body=asked.NewJsrPackage),
    packages.get: Operation("A package", {200: shapes.JsrPackage}),
    packages.change: Operation("Change a package", {200: shapes.JsrPackage}, body=_PACKAGE_CHANGE),
    packages.remove: Operation("Remove a package without versions", _DONE),
    packages.dependents: Operation(
        "What depends on a package", {200: shapes.JsrDependents}, query=asked.DependentPaging
    ),
    versions.listed: Operation("The versions of a package", {200: list[shapes.JsrPublishedVersion]}),
    versions.get: Operation("A version, or `latest`", {200: shapes.JsrVersion}),
    versions.change: Operation(
        "Yank a version, or not", {200: shapes.JsrVersion}, body=asked.JsrVersionChange
    ),
    versions.remove: Operation("Delete a version", _DONE),
    versions.dependencies: Operation("What a version depends on", {200: list[shapes.JsrDependency]}),
    publish.new: Operation(
        "Publish a version: a gzipped tarball",
        {200: shapes.JsrTask, 400: shapes.JsrDuplicate},
        (409,),
        asked.PublishQuery,
        body=Content({"application/x-tar": None, "application/octet-stream": None}),
    ),
    publish.status: Operation("How publishing went", {200: shapes.JsrTask}),
}

_PEOPLE = {
    users.me: Operation("Yourself", {200: shapes.JsrMyself}, (403,)),
    users.my_scopes: Operation("Your scopes", {200: list[shapes.JsrScope]}, (403,)),
    users.my_membership: Operation("Your membership of a scope", {200: shapes.JsrMember}, (403,)),
    users.my_invites: Operation("Your invites", {200: list[shapes.JsrInvite]}, (403,)),
    users.accept: Operation("Become a member", {200: shapes.JsrMember}),
    users.decline: Operation("Decline an invite", _DONE),
    users.tokens: Operation("Your tokens", {200: list[shapes.JsrToken]}, (403,)),
    users.make_token: Operation("Make a token", {200: shapes.JsrMadeToken}, body=asked.NewJsrToken),
    users.end_token: Operation("End a token", _DONE),
    users.user: Operation("A user", {200: shapes.JsrUser}),
    users.scopes_of: Operation("The scopes of a user", {200: list[shapes.JsrScope]}),
    authorizations.begin: Operation(
        "Ask for a token that a person approves",
        {200: shapes.JsrAuthorization},
        body=asked.NewAuthorization,
    ),
    authorizations.details: Operation("What is asked for", {200: shapes.JsrAuthorizationDetails}),
    authorizations.approve: Operation("Approve it", _DONE),
    authorizations.deny: Operation("Deny it", _DONE),
    authorizations.exchange: Operation(
        "Fetch the token once it is approved", {200: shapes.JsrExchanged}, (404,), body=asked.Exchange
    ),
}

_MODULES = {
    modules.module: (
        Operation(
            "The versions of a package, as deno reads them",
            {200: _MODULE, 304: None},
            _UPSTREAM,
            at="/@{scope}/{package}/meta.json",
        ),
        Operation(
            "The files of a version with their digests",
            {200: _MANIFEST, 304: None},
            _UPSTREAM,
            at="/@{scope}/{package}/{version}_meta.json",
        ),
    ),
}

JSR = System(
    name="jsr",
    title="JSR",
    about="The API of JSR 1.0 below `/api`, and what deno reads of packages. Administrators are ordinary"
    " users of scopes until they send `X-JSR-Sudo: true`. The files themselves are not described.",
    operations={**_SCOPES, **_PACKAGES, **_PEOPLE, **_MODULES},
    apart={modules.elsewhere: "always not found"},
    errors={DIALECT: shapes.JsrError},
    parameters={
        "scope": "The name of a scope, without its `@`.",
        "package": "The name of a package.",
        "version": "A version.",
        "id": "An id, which is a UUID.",
        "code": "What the program shows.",
    },
)

NPM = System(
    name="npm",
    title="JSR packages for npm",
    about="The registry for npm, pnpm and yarn at `/npm/`: packages of JSR as `@jsr/scope__name`.",
    operations={
        npm.root: Operation("That here is a registry", {200: read.NpmRegistry}),
        npm.whoami: Operation("Whose token it is", {200: read.NpmWhoami}),
        npm.packument: Operation(
            "A package with all versions that npm can use",
            {200: read.NpmPackument, 304: None},
            (*_UPSTREAM, 507),
        ),
    },
    apart={npm.tarball: "a file", npm.older_tarball: "a file"},
    errors={npm.DIALECT: read.NpmError},
    parameters={"name": "The scope, two underscores, and the name of the package."},
)
