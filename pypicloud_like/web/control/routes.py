"""All addresses of the pages for administrators. The JSON API of pypicloud lies beside them."""

from __future__ import annotations

from pyramid.config import Configurator

from pypicloud_like.http.routing import route
from pypicloud_like.web.control import (
    audit,
    comparison,
    curation,
    downloads,
    groups,
    home,
    index,
    publishers,
    rights,
    scopes,
    storage,
    upstreams,
    users,
)
from pypicloud_like.web.control.figures import FIGURES, Figures
from pypicloud_like.web.pages import DIALECT


def include_control(config: Configurator) -> None:
    """``/admin/…``, with and without the last slash."""
    config.registry[FIGURES] = Figures()
    for name, path, views in (
        ("home", "", {"GET": home.home}),
        ("users", "/users", {"GET": users.users, "POST": users.change_users}),
        ("user", "/users/{username}", {"GET": users.user, "POST": users.change_user}),
        ("groups", "/groups", {"GET": groups.groups, "POST": groups.change_groups}),
        ("group", "/groups/{group}", {"GET": groups.group, "POST": groups.change_group}),
        ("rights", "/rights", {"GET": rights.rights, "POST": rights.change_rights}),
        ("scopes", "/scopes", {"GET": scopes.scopes, "POST": scopes.change_scopes}),
        ("scope", "/scopes/{scope}", {"GET": scopes.scope, "POST": scopes.change_scope}),
        ("publishers", "/publishers", {"GET": publishers.publishers, "POST": publishers.change_publishers}),
        ("index", "/index", {"GET": index.index, "POST": index.change_index}),
        ("progress", "/index/progress", {"GET": index.progress}),
        ("storage", "/storage", {"GET": storage.storage}),
        ("downloads", "/downloads", {"GET": downloads.overview}),
        ("upstreams", "/upstreams", {"GET": upstreams.upstreams, "POST": upstreams.change_upstreams}),
        ("confusion", "/confusion", {"GET": upstreams.confusion}),
        ("curation", "/curation", {"GET": curation.curation, "POST": curation.change_curation}),
        (
            "comparison",
            "/curation/{grid}",
            {"GET": comparison.comparison, "POST": comparison.change_comparison},
        ),
        ("audit", "/audit", {"GET": audit.audit}),
    ):
        route(config, f"control.{name}", f"/admin{path}{{slash:/?}}", DIALECT, **views)
