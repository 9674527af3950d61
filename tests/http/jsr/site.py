"""One server as tests of the JSR side see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from pypicloud_like.core.model import Project, Scope
from tests.http.conftest import basic
from tests.http.pypi.site import Site
from tests.support.jsr import a_package

DEMO = "@acme/demo"


def version_path(name: str, version: str) -> str:
    """Where a version is published."""
    scope, _, package = name.removeprefix("@").partition("/")
    return f"/api/scopes/{scope}/packages/{package}/versions/{version}"


class JsrSite(Site):
    """Requests as deno makes them."""

    def post(
        self,
        body: bytes,
        *,
        name: str = DEMO,
        version: str = "1.0.0",
        query: str = "config=%2Fdeno.json",
        user: str | None = "boss",
        headers: Mapping[str, str] | None = None,
    ):
        """Send a tarball to where versions are published. deno sends no Content-Type."""
        sent = {"Content-Encoding": "gzip", **(basic(user) if user else {}), **(headers or {})}
        sent = {key: value for key, value in sent.items() if value}
        path = version_path(name, version) + (f"?{query}" if query else "")
        return self.client.request(path, method="POST", body=body, headers=sent, expect_errors=True)

    def new(
        self, name: str = DEMO, version: str = "1.0.0", files=None, *, user: str | None = "boss", **more: Any
    ):
        """Publish a package made for the purpose."""
        return self.post(a_package(name, version, files, **more), name=name, version=version, user=user)

    def taken(self, name: str = DEMO, version: str = "1.0.0", files=None, **more: Any) -> dict[str, Any]:
        """Publish what has to be taken; the task."""
        answer = self.new(name, version, files, **more)
        assert answer.status_int == 200, answer
        assert answer.json["status"] == "success", answer.json
        return answer.json

    def failed(self, body: bytes, **more: Any) -> str:
        """Publish what has to fail as a task; its code. Nothing is left of it."""
        with self.unchanged():
            answer = self.post(body, **more)
        assert answer.status_int == 200, answer
        assert answer.json["status"] == "failure", answer.json
        assert answer.json["error"]["message"]
        return answer.json["error"]["code"]

    def get(
        self, path: str, *, user: str | None = None, headers: Mapping[str, str] | None = None, **rest: Any
    ):
        """What deno fetches; it accepts anything."""
        return self.ask("GET", path, user=user, headers={"Accept": "*/*", **(headers or {})}, **rest)

    def api(
        self, method: str, path: str, said: Any = None, *, user: str | None = "ann", headers=None, **more: Any
    ):
        """A call of the management API. ``said`` is sent as JSON."""
        sent = {"Content-Type": "application/json"} if said is not None else {}
        body = json.dumps(said).encode() if said is not None else b""
        rest = {"body": body} if method not in {"GET", "DELETE"} else {}
        return self.ask(method, f"/api/{path}", user=user, headers=sent | dict(headers or {}), **rest, **more)

    def done(self, method: str, path: str, said: Any = None, **more: Any) -> Any:
        """The same, which has to succeed; what it tells."""
        answer = self.api(method, path, said, **more)
        assert answer.status_int in {200, 204}, answer
        return answer.json if answer.status_int == 200 else None

    def join(self, scope: str, user: str, *, by: str = "ann") -> str:
        """Make somebody a member of a scope; their id."""
        invite = self.done("POST", f"scopes/{scope}/members", {"githubLogin": user}, user=by)
        self.done("POST", f"user/invites/{scope}", user=user)
        return invite["targetUser"]["id"]

    def meta(self, name: str = DEMO, *, user: str | None = "boss") -> dict[str, Any]:
        """``meta.json`` of a package."""
        answer = self.get(f"/{name}/meta.json", user=user)
        assert answer.status_int == 200, answer
        return json.loads(answer.body)

    def manifest(self, version: str = "1.0.0", name: str = DEMO) -> bytes:
        """The bytes of ``<version>_meta.json``."""
        answer = self.get(f"/{name}/{version}_meta.json", user="boss")
        assert answer.status_int == 200, answer
        return answer.body

    def record(self, version: str = "1.0.0", name: str = DEMO):
        """What the index has of a version."""
        return self.services.cache.snapshot(Project("jsr", name), [version]).files[version]

    def token(self, user: str, *actions: str, projects: list[str] | None = None) -> dict[str, str]:
        """The header of a token for these acts."""
        reach = frozenset(Project("jsr", name) for name in projects) if projects is not None else None
        secret, _ = self.services.state.add_token(
            user, "test", Scope(frozenset(actions), reach), expires_at=None
        )
        return {"Authorization": f"Bearer {secret}"}

    @contextmanager
    def unchanged(self):
        """What is done inside leaves no trace in storage or index."""
        before = self.stored(), self.records(), self.services.cache.serial()
        yield
        assert (self.stored(), self.records(), self.services.cache.serial()) == before


def refused(answer, status: int, code: str) -> str:
    """Assert a clean refusal in JSR's words, and give its sentence."""
    assert answer.status_int == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.body)
    assert told["code"] == code, told
    assert told["message"]
    assert "Traceback" not in told["message"]
    return told["message"]
