"""One server as tests of the cargo side see it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from pypicloud_like.core.model import Scope
from pypicloud_like.ecosystems.cargo.names import index_path
from tests.builders import a_crate
from tests.http.conftest import basic
from tests.http.pypi.site import Site

NEW = "/api/v1/crates/new"


def framed(metadata: bytes, archive: bytes) -> bytes:
    """The body of a publish."""
    return struct.pack("<I", len(metadata)) + metadata + struct.pack("<I", len(archive)) + archive


def announced(name: str = "demo", version: str = "0.1.0", **more: Any) -> dict[str, Any]:
    """What cargo says beside the archive of a crate without dependencies."""
    return {
        "name": name,
        "vers": version,
        "deps": [],
        "features": {},
        "authors": [],
        "description": "A demo",
        "documentation": None,
        "homepage": None,
        "readme": None,
        "readme_file": None,
        "keywords": [],
        "categories": [],
        "license": "MIT",
        "license_file": None,
        "repository": None,
        "badges": {},
        "links": None,
        "rust_version": None,
    } | more


def dependency(name: str = "other", requirement: str = "^1", **more: Any) -> dict[str, Any]:
    """One dependency as cargo announces it."""
    return {
        "optional": False,
        "default_features": True,
        "name": name,
        "features": [],
        "version_req": requirement,
        "target": None,
        "kind": "normal",
    } | more


class CargoSite(Site):
    """Requests as cargo makes them."""

    def send(self, metadata: Mapping[str, Any] | bytes, archive: bytes, *, user="boss", headers=None):  # type: ignore[override] # another protocol's
        """Publish whatever this is."""
        raw = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
        return self.put(framed(raw, archive), user=user, headers=headers)

    def put(self, body: bytes, *, user: str | None = "boss", headers=None):
        """Send a raw body to where crates are published. cargo sends no Content-Type."""
        sent = {**(basic(user) if user else {}), **(headers or {})}
        return self.client.request(NEW, method="PUT", body=body, headers=sent, expect_errors=True)

    def new(
        self,
        name: str = "demo",
        version: str = "0.1.0",
        *,
        user: str | None = "boss",
        headers=None,
        said: Mapping[str, Any] | None = None,
        **built: Any,
    ):
        """Publish a crate; ``said`` is said beside it, the rest is for ``a_crate``."""
        crate = a_crate(name, version, **built)
        return self.send(announced(name, version, **(said or {})), crate.content, user=user, headers=headers)

    def taken(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Publish a crate that has to be taken."""
        answer = self.new(*args, **kwargs)
        assert answer.status_int == 200, answer
        return answer.json

    def index(self, name: str = "demo", *, user: str | None = "boss", headers=None):
        """A crate's index file."""
        return self.ask("GET", f"/cargo/index/{index_path(name)}", user=user, headers=headers)

    def lines(self, name: str = "demo", *, user: str | None = "boss") -> Sequence[dict[str, Any]]:
        """The lines of a crate's index file."""
        answer = self.index(name, user=user)
        assert answer.status_int == 200, answer
        assert answer.body.endswith(b"\n")
        return [json.loads(line) for line in answer.body.decode().removesuffix("\n").split("\n")]

    def line(self, name: str = "demo", version: str = "0.1.0") -> dict[str, Any]:
        """The line of one version."""
        (found,) = [line for line in self.lines(name) if line["vers"] == version]
        return found

    @staticmethod
    def json(data: Any) -> bytes:
        """A JSON body."""
        return json.dumps(data).encode()

    @staticmethod
    def sent(user: str | None, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        """The headers of a user's request."""
        return {**(basic(user) if user else {}), "Content-Type": "application/json", **(headers or {})}

    def token(self, user: str, *actions: str, projects=None) -> dict[str, str]:
        """The header of a new token, as cargo sends it: without a scheme."""
        scope = Scope(frozenset(actions), projects)
        secret, _ = self.services.state.add_token(user, "test", scope, expires_at=None)
        return {"Authorization": secret}


def detail(answer, status: int, *words: str) -> str:
    """Assert a refusal in cargo's way with these words in it, and give its sentence."""
    assert answer.status_int == status, answer
    assert answer.content_type == "application/json"
    sentence = answer.json["errors"][0]["detail"]
    for word in words:
        assert word in sentence, sentence
    assert "Traceback" not in answer.text
    return sentence
