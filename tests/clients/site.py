"""A live server with one user, as the client tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import LiveServer

USER = "ann"
PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Site:
    """A server with one user, and what clients need to know of it."""

    server: LiveServer
    token: str
    user: str = USER
    password: str = PASSWORD

    @property
    def index(self) -> str:
        return f"{self.server.url}/simple/"

    @property
    def legacy(self) -> str:
        return f"{self.server.url}/legacy/"

    @property
    def index_with_login(self) -> str:
        return self.index.replace("://", f"://{self.user}:{self.password.replace(' ', '%20')}@")

    def yank(self, project: str, version: str, reason: str = "") -> None:
        answer = self.server.request(
            f"/api/package/{project}/{version}/yank",
            method="POST",
            auth=(self.user, self.password),
            headers={"Content-Type": "application/json"},
            body=b'{"reason": "%s"}' % reason.encode(),
        )
        assert answer.status == 200, answer.text

    def page(self, project: str) -> dict:
        """A project page as JSON."""
        answer = self.server.request(
            f"/simple/{project}/",
            auth=(self.user, self.password),
            headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        )
        assert answer.status == 200, answer.text
        return answer.json

    def filenames(self, project: str) -> set[str]:
        return {file["filename"] for file in self.page(project)["files"]}


def started(folder: Path, environ: Mapping[str, str] | None = None, /, **options: str) -> Iterator[Site]:
    """A server on loopback with one user; ``__`` in an option stands for its dot. ``environ`` is added to its
    environment.
    """
    named = {key.replace("__", "."): value for key, value in options.items()}
    with LiveServer(folder / "data", options=named, environ=environ or {}) as live:
        live.add_user(USER, PASSWORD, admin=True)
        yield Site(live, live.add_token(USER))


def twine_upload(site: Site, *files: Path, user: str = "__token__", password: str | None = None) -> list[str]:
    """The command that uploads these files."""
    return [
        "twine",
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
        f"--repository-url={site.legacy}",
        f"--username={user}",
        f"--password={password or site.token}",
        *map(str, files),
    ]
