"""A browser's view of the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pypicloud_like.http.security import SESSION_COOKIE, csrf_token
from tests.http.catalogue.conftest import CatalogueSite
from tests.http.pypi.conftest import services, template, users

__all__ = ["services", "template", "users"]

EVERY_USER_MAINTAINS = {
    "pypi.default_read": "authenticated",
    "pypi.default_write": "authenticated",
    "pypi.allow_delete_groups": "authenticated",
}
"""Settings under which every user may do everything with packages."""


class Browser:
    """Somebody's logged-in browser."""

    def __init__(self, app, services, user: str) -> None:
        self._app = app
        self._secret = services.state.open_session(user)

    @property
    def csrf(self) -> str:
        """What the forms of this session carry."""
        return csrf_token(self._secret)

    def get(self, path: str):
        return self._app.ask("GET", path, headers=self._cookie())

    def read(self, path: str, *, status: int = 200) -> str:
        """The text of a page."""
        answer = self.get(path)
        assert answer.status_int == status, answer
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        return answer.text

    def post(self, path: str, *, csrf: bool = True, **fields: str):
        sent = fields | ({"csrf_token": self.csrf} if csrf else {})
        return self._app.post(path, sent, headers=self._cookie(), expect_errors=True)

    def send(self, path: str, *files: tuple[str, bytes], csrf: str | None = None):
        """A form with files, in the fields that the upload page has."""
        names = ("file", "second", "third", "fourth", "fifth")
        token = self.csrf if csrf is None else csrf
        kind, body = self._app.encode_multipart(
            [("csrf_token", token)], [(name, *file) for name, file in zip(names, files, strict=False)]
        )
        return self._app.ask("POST", path, headers=self._cookie() | {"Content-Type": kind}, body=body)

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": f"{SESSION_COOKIE}={self._secret}"}


@pytest.fixture
def ini() -> dict[str, str]:
    return {}


@pytest.fixture
def site(services, clock) -> CatalogueSite:
    """What is there before somebody looks."""
    return CatalogueSite(services, clock)


@pytest.fixture
def browse(app, services, users) -> Callable[[str], Browser]:
    """Gives a user's browser."""
    return lambda user: Browser(app, services, user)


@pytest.fixture
def ann(browse) -> Browser:
    """The browser of ``ann``."""
    return browse("ann")


@pytest.fixture
def bob(browse) -> Browser:
    """The browser of ``bob``, who owns nothing."""
    return browse("bob")


@pytest.fixture
def boss(browse) -> Browser:
    """The browser of the administrator."""
    return browse("boss")
