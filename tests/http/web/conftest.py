"""A browser's view of the server."""

from __future__ import annotations

import pytest

from pypicloud_like.http.security import SESSION_COOKIE, csrf_token


class Browser:
    """Somebody's logged-in browser."""

    def __init__(self, app, services, user: str) -> None:
        self._app = app
        self._secret = services.state.open_session(user)

    def get(self, path: str):
        return self._app.ask("GET", path, headers=self._cookie())

    def post(self, path: str, *, csrf: bool = True, **fields: str):
        sent = fields | ({"csrf_token": csrf_token(self._secret)} if csrf else {})
        return self._app.post(path, sent, headers=self._cookie(), expect_errors=True)

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": f"{SESSION_COOKIE}={self._secret}"}


@pytest.fixture
def ann(app, services, users) -> Browser:
    """The browser of ``ann``."""
    return Browser(app, services, "ann")
