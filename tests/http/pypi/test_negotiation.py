"""Which representation of an index page a client gets."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import HTML, JSON

PIP = f"{JSON}, {HTML}; q=0.1, text/html; q=0.01"
UV = f"{JSON}, {HTML};q=0.2, text/html;q=0.01"
POETRY = f"{JSON}, */*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
LATEST = "application/vnd.pypi.simple.latest"
PATHS = ["/simple/", "/simple/foo/"]

WANTED = {
    PIP: JSON,
    UV: JSON,
    POETRY: JSON,
    JSON: JSON,
    HTML: HTML,
    None: "text/html",
    "": "text/html",
    "*/*": "text/html",
    "text/html": "text/html",
    "text/*": "text/html",
    BROWSER: "text/html",
    "application/*": HTML,
    f"{JSON};q=0.2, text/html;q=0.9": "text/html",
    f"text/html;q=0.2, {JSON};q=0.9": JSON,
    f"{JSON};q=0, */*": "text/html",
    f"{LATEST}+json": JSON,
    f"{LATEST}+html": HTML,
    f"{LATEST}+json, text/html;q=0.5": JSON,
    "nonsense": "text/html",
    ";;;,,,": "text/html",
    "image/png": "text/html",
    "application/json": "text/html",
}


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(a_wheel("foo", "1.0"))
    return shared


def got(answer) -> str:
    return answer.headers["Content-Type"].partition(";")[0]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", WANTED)
def test_the_type_that_is_asked_for(full, path, accept):
    headers = {} if accept is None else {"Accept": accept}
    answer = full.ask("GET", path, user="ann", headers=headers)
    assert answer.status_int == 200
    assert got(answer) == WANTED[accept]
    assert "Accept" in [name.strip() for name in answer.headers["Vary"].split(",")]
    assert (answer.body[:1] == b"{") == (WANTED[accept] == JSON)


@pytest.mark.parametrize("path", PATHS)
def test_a_version_yet_to_come_is_refused(full, path):
    answer = full.ask("GET", path, user="ann", headers={"Accept": "application/vnd.pypi.simple.v2+json"})
    assert answer.status_int == 406
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("wish", "type_"), [(JSON, JSON), (HTML, HTML), ("text/html", "text/html"), (f"{LATEST}+json", JSON)]
)
@pytest.mark.parametrize("escaped", [True, False])
def test_the_query_wins_over_the_header(full, path, wish, type_, escaped):
    wish = wish.replace("+", "%2B") if escaped else wish
    answer = full.ask("GET", f"{path}?format={wish}", user="ann", headers={"Accept": "text/html"})
    assert got(answer) == type_


@pytest.mark.parametrize(
    "wish", ["json", "", "*/*", "application/json", f"{JSON},text/html", f"{JSON};q=1", "a" * 3000]
)
def test_an_unknown_wish_in_the_query_is_ignored(full, wish):
    answer = full.ask(
        "GET", f"/simple/foo/?format={wish.replace('+', '%2B')}", user="ann", headers={"Accept": JSON}
    )
    assert answer.status_int == 200
    assert got(answer) == JSON


@pytest.mark.promise(35)
def test_not_modified_names_what_it_depends_on_too(full):
    first = full.ask("GET", "/simple/foo/", user="ann")
    again = full.ask("GET", "/simple/foo/", user="ann", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_int == 304
    assert again.headers["Vary"] == first.headers["Vary"]
    assert "Accept" in again.headers["Vary"]


def test_no_page_is_labelled_plain_json(full):
    for accept in (*WANTED, "application/json"):
        for path in PATHS:
            answer = full.ask("GET", path, user="ann", headers={"Accept": accept or "*/*"})
            assert got(answer) != "application/json"


class TestStrict:
    @pytest.fixture
    def ini(self):
        return {"pypi.not_acceptable": "406"}

    @pytest.mark.parametrize(
        "accept", ["image/png", "application/json", "application/vnd.pypi.simple.v2+json"]
    )
    def test_a_setting_refuses_what_cannot_be_given(self, site, accept):
        answer = site.ask("GET", "/simple/", user="ann", headers={"Accept": accept})
        assert answer.status_int == 406
        assert JSON in answer.text
