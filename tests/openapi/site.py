"""A server that holds something of everything, for requests that are made up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pypicloud_like.access.invitations import invitation
from pypicloud_like.core.model import Project, Right, Scope
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.registry.services import Services
from tests.builders import a_crate
from tests.http.cargo.site import announced, dependency, framed
from tests.http.catalogue.conftest import CatalogueSite
from tests.http.conftest import PASSWORD, SteppingClock, basic, make_services
from tests.support.issuer import REPOSITORY, Issuer
from tests.support.jsr import a_package

INI = {
    "pypi.default_read": "everyone",
    "pypi.default_write": "authenticated",
    "pypi.allow_delete_groups": "authenticated",
    "auth.failures": "100000",
}
CALLERS = {
    "anonymous": {},
    "broken": {"Authorization": "Bearer pcl_nonsense"},
    "user": basic("ann"),
    "administrator": basic("boss") | {"X-JSR-Sudo": "true"},
}
"""Who may do most comes last, and may take away what the others need."""
SYSTEMS = (
    "accounts",
    "admin",
    "catalogue",
    "crates",
    "jsr",
    "npm",
    "openapi",
    "operations",
    "publishers",
    "pypi",
    "pypicloud",
)
_EVERYWHERE = {
    "project": ["foo", "Foo", "secret"],
    "filename": ["foo-1.0-py3-none-any.whl", "secret-1.0-py3-none-any.whl"],
    "username": ["bob", "eve", "waiting", "newcomer"],
    "system": ["catalogue", "pypicloud"],
}
_BY_SYSTEM = {
    "admin": {
        "project": ["foo", "secret", "jsr:@acme/foo", "cargo:foo"],
        "principal": ["bob", "brotatos"],
        "group": ["brotatos", "everyone"],
    },
    "catalogue": {
        "id": ["1", "1", "2", "frameworks", "spare", "elsewhere"],
        "key": ["1", "foo", "frameworks"],
        "feature": ["1"],
        "package": ["1", "2", "3"],
        "category": [1, "spare"],
        "slug": ["other", "another"],
        "repo_url": ["https://git.example/x"],
        "documentation_url": ["https://docs.example/x", ""],
        "grid": ["1", "frameworks"],
    },
    "crates": {
        "crate": ["foo", "Foo", "bar", "food"],
        "version": ["1.0.0"],
        "first": ["fo"],
        "second": ["od"],
        "login": ["bob", "1", "ann"],
        "keyword": ["async"],
        "category": ["development-tools"],
        "users": ["bob", "eve"],
        "owners": ["bob", "eve"],
        "crate_scopes": ["foo", "ba*"],
        "expired_at": ["2030-01-01T00:00:00Z"],
    },
    "jsr": {
        "scope": ["acme", "guild", "spare"],
        "package": ["foo", "new"],
        "version": ["1.0.0", "latest"],
        "githubLogin": ["bob", "eve"],
    },
    "accounts": {"username": ["ann", "bob", "newcomer"], "password": [PASSWORD]},
    "npm": {"name": ["acme__foo"]},
    "publishers": {
        "project": ["foo", "cargo:foo", "jsr:@acme/foo", "secret", "new"],
        "issuer": ["ci"],
        "claims": [{"repository": REPOSITORY}, {"repository": REPOSITORY, "ref": "refs/heads/*"}],
        "workflow": ["release.yml"],
        "user": ["bob", "nobody"],
    },
    "pypi": {"version": ["1.0", "latest", "latest-stable"]},
    "pypicloud": {"version": ["1.0", "foo-1.0-py3-none-any.whl"]},
}


class EverythingSite(CatalogueSite):
    """Nobody may lose what the callers ask with: they are not among the names that are known."""

    def __init__(self, services: Services, clock: SteppingClock, issuer: Issuer) -> None:
        super().__init__(services, clock)
        self.issuer = issuer

    def fill(self) -> None:
        """Publish, curate, grant."""
        self._people()
        self.wheel("foo", "1.0", Summary="A foo", Keywords="async", user="ann")
        self.wheel("secret", "1.0", user="boss")
        self.crate("bar", "1.0.0", user="boss")
        self.crate("food", "1.0.0", user="ann")
        self._rich_crate()
        self._modules()
        self.curate("POST", "grids", {"title": "Frameworks"}, status=201)
        self.curate("PUT", "grids/1/packages/1")
        self.curate("POST", "grids/1/features", {"title": "Async"}, status=201)
        self.curate("POST", "categories", {"title": "Spare"}, status=201)
        self.curate("POST", "packages", {"title": "Elsewhere", "category": 1}, status=201)
        assert isinstance(self.services.access, MutableAccess)
        self.services.access.grant(Project("pypi", "secret"), "user", "bob", Right.READ, actor=None)
        for name in ("foo", "cargo:foo"):
            said = json.dumps({"issuer": "ci", "claims": {"repository": REPOSITORY}}).encode()
            answer = self.ask("POST", f"/api/publishers/{name}", user="ann", body=said)
            assert answer.status_int == 201, answer

    def known(self, system: str) -> Mapping[str, Sequence[object]]:
        """What is there now, by the part of an address or body that it may stand for."""
        return _EVERYWHERE | _BY_SYSTEM.get(system, {}) | self._made(system)

    def _made(self, system: str) -> Mapping[str, Sequence[object]]:
        """What has ids that the server gave."""
        services = self.services
        tokens = [each.id for user in ("ann", "boss") for each in services.state.tokens(user)]
        if system == "crates":
            files = services.cache.described(Project("cargo", "foo"))
            versions = [str(version_id(file)) for file in files]
            return {"id": [*tokens, *versions], "jwt": [self.issuer.token()]}
        if system == "accounts":
            return {"token": [invitation(services.secret, "invited", self.clock())]}
        if system == "pypi":
            return {"token": [self.issuer.token()]}
        if system == "publishers":
            return {"id": [each.id for each in services.publishers.every()]}
        if system == "jsr":
            people = [services.people.person(name).uuid for name in ("ann", "bob", "eve")]
            _, asked = services.authorizations.begin("A" * 43 + "=", None)
            tasks = [each.id for each in services.tasks.newest(Project("jsr", "@acme/foo"), limit=1)]
            return {"id": [*tokens, *people, *tasks], "code": [asked.code]}
        return {}

    def _people(self) -> None:
        access = self.services.access
        assert isinstance(access, MutableAccess)
        access.set_registration(True, actor=None)
        access.add_user("boss", PASSWORD, admin=True, actor=None)
        for name in ("ann", "bob", "eve"):
            access.add_user(name, PASSWORD, actor=None)
        access.add_user("waiting", PASSWORD, pending=True, actor=None)
        access.add_group("brotatos", actor=None)
        access.add_member("brotatos", "bob", actor=None)
        for name in ("ann", "boss"):
            self.services.state.add_token(name, "for tests", Scope(frozenset({"read"})), expires_at=None)

    def _rich_crate(self) -> None:
        """One with all that a crate may have."""
        labels = {"keywords": ["async"], "categories": ["development-tools"]}
        said = announced("foo", "1.0.0", **labels, deps=[dependency("bar", "^1")], readme="# Foo")
        built = a_crate(
            "foo",
            "1.0.0",
            package=labels,
            rest='[dependencies.bar]\nversion = "^1"\nregistry-index = "sparse+http://localhost:80/cargo/index/"\n',
        )
        body = framed(json.dumps(said).encode(), built.content)
        answer = self.ask("PUT", "/api/v1/crates/new", user="ann", body=body)
        assert answer.status_int == 200, answer

    def _modules(self) -> None:
        self.module("@acme/bar", "1.0.0", user="ann")
        files = {"mod.js": b'import "jsr:@acme/bar@^1"; import "npm:left-pad@1";'}
        answer = self.ask(
            "POST",
            "/api/scopes/acme/packages/foo/versions/1.0.0?config=/deno.json",
            user="ann",
            body=a_package("@acme/foo", "1.0.0", files, exports="./mod.js"),
            headers={"Content-Encoding": "gzip"},
        )
        assert answer.json["status"] == "success", answer
        self.services.scopes.invite("acme", "bob", inviter="ann")
        for name, creator, invited in (("guild", "boss", "ann"), ("spare", "ann", "bob")):
            answer = self.ask("POST", "/api/scopes", user=creator, body=json.dumps({"scope": name}).encode())
            assert answer.status_int == 200, answer
            self.services.scopes.invite(name, invited, inviter=creator)


def opened(data: Path, issuer: Issuer) -> EverythingSite:
    """A server over a folder, which may be new."""
    clock = SteppingClock()
    return EverythingSite(make_services(data, INI | issuer.ini, clock), clock, issuer)
