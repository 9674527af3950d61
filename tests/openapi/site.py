"""A server that holds something of everything, for requests that are made up."""

from __future__ import annotations

from pathlib import Path

from pypicloud_like.core.model import Project, Right
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.registry.services import Services
from tests.http.catalogue.conftest import CatalogueSite
from tests.http.conftest import PASSWORD, SteppingClock, basic, make_services

INI = {
    "pypi.default_read": "everyone",
    "pypi.default_write": "authenticated",
    "pypi.allow_delete_groups": "authenticated",
    "auth.failures": "100000",
}
CALLERS = {
    "anonymous": {},
    "user": basic("ann"),
    "administrator": basic("boss"),
    "broken": {"Authorization": "Bearer pcl_nonsense"},
}
NAMES = {
    "id": ["1", "2", "3"],
    "key": ["1", "foo", "frameworks"],
    "feature": ["1"],
    "package": ["1", "2", "foo"],
    "project": ["foo", "Foo", "secret", "jsr:@acme/foo", "cargo:foo"],
    "filename": ["foo-1.0-py3-none-any.whl", "secret-1.0-py3-none-any.whl"],
    "version": ["1.0", "1.0.0", "latest-stable", "foo-1.0-py3-none-any.whl"],
    "username": ["bob", "eve", "waiting"],
    "principal": ["bob", "brotatos"],
    "group": ["brotatos", "everyone"],
    "system": ["catalogue", "pypicloud"],
    "crate": ["foo", "Foo", "bar", "foo1"],
    "first": ["fo"],
    "second": ["o1"],
    "login": ["bob", "1", "ann"],
    "keyword": ["async"],
    "category": ["development-tools"],
    "users": ["bob", "eve"],
    "owners": ["bob", "eve"],
    "crate_scopes": ["foo", "ba*"],
}
"""What is there, by the part of an address or body that it may stand for."""


class EverythingSite(CatalogueSite):
    """Nobody may lose what the callers ask with: they are not among the names that are known."""

    def __init__(self, services: Services, clock: SteppingClock) -> None:
        super().__init__(services, clock)
        self.known: dict[str, list[str]] = {}

    def fill(self) -> None:
        """Publish, curate, grant."""
        access = self.services.access
        assert isinstance(access, MutableAccess)
        for name in ("bob", "eve"):
            access.add_user(name, PASSWORD, actor=None)
        access.add_user("boss", PASSWORD, admin=True, actor=None)
        access.add_user("ann", PASSWORD, actor=None)
        access.add_user("waiting", PASSWORD, pending=True, actor=None)
        access.add_group("brotatos", actor=None)
        access.add_member("brotatos", "bob", actor=None)
        self.wheel("foo", "1.0", Summary="A foo", Keywords="async", user="ann")
        self.wheel("secret", "1.0", user="boss")
        access.grant(Project("pypi", "secret"), "user", "bob", Right.READ, actor=None)
        self.crate("foo", "1.0.0", user="ann", keywords=["async"], categories=["development-tools"])
        self.crate("foo1", "1.0.0", user="ann")
        self.crate("bar", "1.0.0", user="boss")
        self.module("@acme/foo", "1.0.0", user="boss")
        self.curate("POST", "grids", {"title": "Frameworks"}, status=201)
        self.curate("PUT", "grids/1/packages/1")
        self.curate("POST", "grids/1/features", {"title": "Async"}, status=201)
        self.known = NAMES


def everything(data: Path, ini: dict[str, str] | None = None) -> EverythingSite:
    """A server over a new folder."""
    clock = SteppingClock()
    site = EverythingSite(make_services(data, INI | (ini or {}), clock), clock)
    site.fill()
    return site
