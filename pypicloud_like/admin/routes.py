"""All addresses of pypicloud's administration API on one page."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.admin import groups, index, rights, users
from pypicloud_like.admin.description import ADMIN
from pypicloud_like.http.openapi import document
from pypicloud_like.http.routing import route


def includeme(config: Configurator) -> None:
    """``/admin/…``, with and without the last slash."""

    def add(name: str, pattern: str, **views: object) -> None:
        route(config, name, pattern + "{slash:/?}", "api", **views)  # type: ignore[arg-type] # views are views

    add("admin.rebuild", "/admin/rebuild", GET=index.rebuild, POST=index.rebuild)
    add("admin.acl", "/admin/acl.json.gz", GET=index.acl)
    add("admin.register", "/admin/register", POST=users.register)
    add("admin.pending", "/admin/pending_users", GET=users.pending)
    add("admin.token", "/admin/token/{username}", GET=users.registration_token)
    add("admin.users", "/admin/user", GET=users.users)
    add("admin.user", "/admin/user/{username}", GET=users.user, PUT=users.add, DELETE=users.remove)
    add("admin.user.rights", "/admin/user/{username}/permissions", GET=rights.of_user)
    add("admin.user.approve", "/admin/user/{username}/approve", POST=users.approve)
    add("admin.user.admin", "/admin/user/{username}/admin", POST=users.set_admin)
    member = "/admin/user/{username}/group/{group}"
    add("admin.member", member, PUT=groups.add_member, DELETE=groups.remove_member)
    add("admin.groups", "/admin/group", GET=groups.groups)
    add("admin.group", "/admin/group/{group}", GET=groups.group, PUT=groups.add, DELETE=groups.remove)
    add("admin.package", "/admin/package/{project:(?:jsr:@[^/]+/)?[^/]+}", GET=rights.of_package)
    grant = "/admin/package/{project:(?:jsr:@[^/]+/)?[^/]+}/{kind:user|group}/{principal}/{right:read|write}"
    add("admin.grant", grant, PUT=rights.grant, DELETE=rights.revoke)
    document.describe(config, ADMIN)
