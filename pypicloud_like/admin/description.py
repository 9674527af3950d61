"""What the administration API does, for its OpenAPI document."""

from __future__ import annotations

from pypicloud_like.admin import groups, index, rights, shapes, users
from pypicloud_like.http.openapi.operations import PARAMS, Content, Operation, System

_ADMIN = (403, 409)
"""Not an administrator; or the access backend cannot be changed here, or not like that."""

ADMIN = System(
    name="admin",
    title="Administration",
    about="pypicloud's administration API: users, groups, rights, rebuilding. Everything here is for"
    " administrators, and every address may end with a slash.",
    operations={
        index.rebuild: Operation(
            "Make the index anew from what storage holds",
            {200: shapes.Rebuilt},
            (*_ADMIN, 413, 415),
            shapes.RebuildTerms,
        ),
        index.acl: Operation(
            "Users, groups and grants, with password hashes",
            {200: Content({"application/gzip": None})},
            (403,),
        ),
        users.register: Operation(
            "Turn registration on or off",
            {200: None},
            _ADMIN,
            body=shapes.RegistrationMark,
            kinds=PARAMS,
        ),
        users.pending: Operation("Users who wait for approval", {200: list[str]}, _ADMIN),
        users.registration_token: Operation(
            "Invite somebody: with the token they may register", {200: shapes.Invitation}, _ADMIN
        ),
        users.users: Operation("All approved users", {200: list[shapes.Listed]}, (403,)),
        users.user: Operation("A user; null if unknown", {200: shapes.User | None}, (403,)),
        users.add: Operation("Add an approved user", {200: None}, _ADMIN, body=shapes.NewUser, kinds=PARAMS),
        users.remove: Operation("Remove a user, or refuse a newcomer", {200: None}, _ADMIN),
        users.approve: Operation("Approve a newcomer", {200: None}, _ADMIN),
        users.set_admin: Operation(
            "Make somebody an administrator, or no longer",
            {200: None},
            _ADMIN,
            body=shapes.AdminMark,
            kinds=PARAMS,
        ),
        rights.of_user: Operation("What a user was explicitly granted", {200: list[shapes.Granted]}, (403,)),
        rights.of_package: Operation("Who may do what with a project", {200: shapes.PackageGrants}, (403,)),
        rights.grant: Operation("Grant a right; the project need not exist", {200: None}, _ADMIN),
        rights.revoke: Operation("Take a right back", {200: None}, _ADMIN),
        groups.groups: Operation("All groups", {200: list[str]}, (403,)),
        groups.group: Operation("A group's members and rights", {200: shapes.Group}, (403,)),
        groups.add: Operation("Make a group", {200: None}, _ADMIN),
        groups.remove: Operation("Remove a group", {200: None}, _ADMIN),
        groups.add_member: Operation("Put a user into a group", {200: None}, _ADMIN),
        groups.remove_member: Operation("Take a user out of a group", {200: None}, _ADMIN),
    },
    parameters={
        "username": "The name of a user.",
        "group": "The name of a group.",
        "project": "A Python project; of others the ecosystem comes first: `cargo:serde`, `jsr:@std/path`.",
        "kind": "Whether the principal is a user or a group.",
        "principal": "The name of a user or group.",
        "right": "What is granted.",
    },
)
