"""Headers that make every answer safe to open in a browser."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel


@pytest.fixture
def ini():
    return {"pypi.default_read": "everyone"}


@pytest.mark.promise(137)
@pytest.mark.parametrize(
    "path", ["/", "/acct/login", "/simple/", "/simple/foo/", "/packages/", "/simple/nosuch/"]
)
def test_html_runs_nothing_and_stands_in_nobodys_frame(app, users, path):
    app.upload(*a_wheel("foo", "1.0"))
    answer = app.ask("GET", path, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.promise(138)
def test_files_are_never_shown_by_a_browser(app, users):
    wheel = a_wheel("foo", "1.0")
    app.upload(*wheel)
    answer = app.ask("GET", f"/api/package/foo/{wheel.filename}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
