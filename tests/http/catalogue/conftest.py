"""Servers for the catalogue, with something of each ecosystem to publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.http.conftest import SteppingClock
from tests.http.pypi.conftest import opened, services, template, users
from tests.http.pypi.site import Site
from tests.support.jsr import MOD, a_package

__all__ = ["services", "template", "users"]


class CatalogueSite(Site):
    """Requests as the catalogue's clients and its curators make them."""

    def read(self, path: str = "", *, user: str | None = "ann", status: int = 200, **headers: str):
        """What an address of the API answers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.ask("GET", f"/api/v4/{path}", user=user, headers=sent)
        assert answer.status_int == status, answer
        assert answer.headers["Content-Type"] == "application/json"
        return json.loads(answer.body)

    def titles(self, user: str | None = "ann") -> list[str]:
        """Of all packages that a user sees."""
        return [each["title"] for each in self.read("packages/", user=user)["results"]]

    def search(self, words: str, user: str | None = "ann") -> list[str]:
        """The titles that a search finds."""
        return [each["title"] for each in self.read(f"search/?q={words}", user=user)]

    def curate(self, method: str, path: str, said=None, *, user: str | None = "boss", status: int = 200):
        """A call of an administrator."""
        body = json.dumps(said).encode() if said is not None else b""
        headers = {"Content-Type": "application/json"}
        rest = {"body": body} if method != "DELETE" else {}
        answer = self.ask(method, f"/admin/catalogue/{path}", user=user, headers=headers, **rest)
        assert answer.status_int == status, answer
        return answer.json if answer.body and status < 300 else None

    def wheel(self, name: str = "foo", version: str = "1.0", *, user: str = "ann", **metadata: str) -> None:
        """Publish a Python package; ``_`` in a field stands for its hyphen."""
        fields = {key.replace("_", "-"): value for key, value in metadata.items()}
        self.publish(a_wheel(name, version, metadata=fields), user=user)

    def crate(self, name: str = "foo", version: str = "1.0.0", *, user: str = "ann", **package: Any) -> None:
        """Publish a crate."""
        said = announced(name, version, **package)
        body = framed(json.dumps(said).encode(), a_crate(name, version, package=package).content)
        answer = self.ask("PUT", "/api/v1/crates/new", user=user, body=body)
        assert answer.status_int == 200, answer

    def module(
        self, name: str = "@acme/foo", version: str = "1.0.0", *, user: str = "ann", **files: str
    ) -> None:
        """Publish a JSR package; ``_`` in the name of a file stands for its dot."""
        contents = {"mod.ts": MOD} | {path.replace("_", "."): text for path, text in files.items()}
        scope, _, package = name.removeprefix("@").partition("/")
        path = f"/api/scopes/{scope}/packages/{package}/versions/{version}?config=/deno.json"
        answer = self.ask(
            "POST",
            path,
            user=user,
            body=a_package(name, version, contents),
            headers={"Content-Encoding": "gzip"},
        )
        assert answer.json["status"] == "success", answer


INI = {"pypi.default_read": "everyone", "pypi.default_write": "authenticated"}


@pytest.fixture
def ini() -> dict[str, str]:
    return INI


@pytest.fixture
def site(services, clock) -> CatalogueSite:
    """A server of the test's own with an administrator ``boss`` and users ``ann`` and ``bob``."""
    return CatalogueSite(services, clock)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, template) -> Iterator[CatalogueSite]:
    """A server of the module's own, for tests that read what they find."""
    clock = SteppingClock()
    for behind in opened(template, tmp_path_factory.mktemp("shared") / "data", INI, clock):
        yield CatalogueSite(behind, clock)
