"""What owners and jobs send to the application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pypicloud_like.registry.services import Services
from tests.builders import a_wheel
from tests.http.conftest import Client
from tests.support.issuer import REPOSITORY, Issuer

MINT = "/_/oidc/mint-token"
TOKENS = "/api/v1/trusted_publishing/tokens"


@dataclass
class Jobs:
    """The application, and the issuer whose jobs come to it."""

    app: Client
    services: Services
    issuer: Issuer

    def publishers(self, method: str, path: str, said: Any = None, *, user: str | None = "ann", headers=None):
        """A request of somebody who manages publishers."""
        return self.app.ask(
            method,
            f"/api/publishers{path}",
            user=user,
            body=json.dumps(said).encode() if said is not None else b"",
            headers={"Content-Type": "application/json", **(headers or {})},
        )

    def add(self, project: str, *, user: str = "ann", claims: Mapping[str, str] | None = None, **more: Any):
        """A new publisher, as JSON."""
        said = {"issuer": "ci", "claims": {"repository": REPOSITORY, **(claims or {})}, **more}
        answer = self.publishers("POST", f"/{project}", said, user=user)
        assert answer.status_int == 201, answer.text
        return answer.json

    def mint(self, token: str | None = None, *, path: str = MINT, **claims: Any):
        """The answer to a job that wants to publish Python projects."""
        body = json.dumps({"token": token or self.issuer.token(**claims)}).encode()
        return self.app.ask("POST", path, body=body)

    def minted(self, **claims: Any) -> str:
        """The token that a job gets."""
        answer = self.mint(**claims)
        assert answer.status_int == 200, answer.text
        return answer.json["token"]

    def refused(self, token: str | None = None, **claims: Any) -> str:
        """The code by which a job is refused."""
        answer = self.mint(token, **claims)
        assert answer.status_int == 422, answer.text
        assert answer.json["message"] == "Token request failed"
        (error,) = answer.json["errors"]
        assert error["description"]
        return error["code"]

    def exchange(self, token: str | None = None, *, method: str = "POST", **claims: Any):
        """The answer to a job that wants to publish crates."""
        body = json.dumps({"jwt": token or self.issuer.token(**claims)}).encode()
        return self.app.ask(method, TOKENS, body=body, headers={"Content-Type": "application/json"})

    def upload(self, secret: str, project: str, version: str):
        """An upload of a job."""
        filename, body = a_wheel(project, version)
        kind, data = self.app.encode_multipart([(":action", "file_upload")], [("content", filename, body)])
        headers = {"Content-Type": kind, "Authorization": f"Bearer {secret}"}
        return self.app.ask("POST", "/legacy/", body=data, headers=headers)

    def audited(self, action: str) -> list[Any]:
        """The audit's events of a kind, oldest first."""
        events = self.services.state.audit_events(limit=1000)
        return [event for event in reversed(events) if event.action == action]
