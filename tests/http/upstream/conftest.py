"""A server in front of a scripted upstream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from pypicloud_like.core.model import PYPI, Project
from tests.http.conftest import PASSWORD, Client, SteppingClock, make_services
from tests.support.upstream import Upstream

OPEN = {
    "pypi.default_read": "everyone",
    "pypi.default_write": "authenticated",
    "pypi.cache_update": "everyone",
}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The upstream, empty."""
    with Upstream() as running:
        yield running


class Site:
    """One server: its HTTP side, and what lies behind it."""

    def __init__(self, folder, ini, clock: SteppingClock) -> None:
        self.clock = clock
        self.services = make_services(folder, ini, clock)
        self.client = Client(self.services)
        self.client.relayed = ("/@", "/npm/")
        self.ask = self.client.ask
        self.upload = self.client.upload

    def get(self, path: str, *, user: str | None = None, **headers: str):
        """One GET; ``_`` in a header stands for its hyphen."""
        return self.ask("GET", path, user=user, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def send(self, method: str, path: str, *, user: str, **fields: str):
        """One request with a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(method, path, user=user, body=urlencode(fields).encode(), headers=kind)

    def page(self, name: str, *, user: str | None = None):
        """A project page as JSON."""
        answer = self.get(f"/simple/{name}/", user=user, Accept="application/vnd.pypi.simple.v1+json")
        assert answer.status_int == 200, answer
        return answer.json

    def filenames(self, name: str, *, user: str | None = None) -> set[str]:
        """The files that its page lists."""
        return {file["filename"] for file in self.page(name, user=user)["files"]}

    def add_users(self) -> None:
        """An administrator and a user."""
        self.services.access.add_user("boss", PASSWORD, admin=True, actor=None)
        self.services.access.add_user("ann", PASSWORD, actor=None)

    def wait_for(self, name: str, filename: str) -> None:
        """Until a file that was downloaded is held."""
        deadline = time.monotonic() + 20
        while self.services.upstreams.held.file(Project(PYPI, name), filename) is None:
            assert time.monotonic() < deadline, "it is not held"
            time.sleep(0.02)


@pytest.fixture
def open_site(tmp_path, upstream) -> Iterator[Callable[..., Site]]:
    """Makes servers over one data folder; ``mode`` and more keys of the .ini file."""
    opened: list[Site] = []
    clock = SteppingClock()

    def make(mode: str = "cache", **ini: str) -> Site:
        given = OPEN | {
            "pypi.fallback": mode,
            "pypi.fallback_base_url": upstream.url,
            "server.data": str(tmp_path),
        }
        site = Site(tmp_path, given | {key.replace("__", "."): value for key, value in ini.items()}, clock)
        opened.append(site)
        if len(opened) == 1:
            site.add_users()
        return site

    yield make
    for site in opened:
        site.services.close()


@pytest.fixture
def site(open_site) -> Site:
    """In the mode ``cache``."""
    return open_site()
