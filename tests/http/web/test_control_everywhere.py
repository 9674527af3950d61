"""What holds for all pages for administrators: who sees them, forms of other sessions, their headers."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Scope
from tests.http.conftest import basic

PAGES = (
    "",
    "/users",
    "/users/ann",
    "/groups",
    "/groups/devs",
    "/rights",
    "/rights?project=foo",
    "/scopes",
    "/scopes/acme",
    "/publishers",
    "/index",
    "/storage",
    "/downloads",
    "/upstreams",
    "/confusion",
    "/curation",
    "/curation/clients",
    "/audit",
    "/audit?of=packages",
)
FORMS = {
    "/users": {"do": "registration", "allow": "true"},
    "/users/ann": {"do": "admin", "admin": "true"},
    "/groups": {"do": "add", "group": "ops"},
    "/groups/devs": {"do": "join", "user": "ann"},
    "/rights?project=foo": {"do": "grant", "kind": "user", "name": "ann", "right": "read"},
    "/scopes": {"do": "add", "scope": "other"},
    "/scopes/acme": {"do": "invite", "user": "bob"},
    "/index": {"do": "rebuild"},
    "/upstreams": {"do": "let-go-unused", "days": "1"},
    "/curation": {"do": "add-grid", "title": "Others"},
    "/curation/clients": {"do": "add-feature", "title": "Async"},
}


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


@pytest.fixture
def full(site, users, services):
    """Something of everything."""
    site.wheel("foo", "1.0")
    users.add_group("devs", actor=None)
    services.scopes.add("acme", creator="ann")
    services.curation.add_grid("Clients", slug="clients", actor=None)
    return site


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_administrators_in_person(full, boss, ann, app, services, path):
    answer = boss.get(f"/admin{path}")
    assert answer.status_int == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert " onclick" not in answer.text
    assert boss.get(f"/admin{path.replace('?', '/?') if '?' in path else path + '/'}").status_int == 200
    assert ann.get(f"/admin{path}").status_int == 403
    anonymous = app.ask("GET", f"/admin{path}")
    assert anonymous.status_int == 302
    assert "/acct/login?next=/admin" in anonymous.headers["Location"]
    token, _ = services.state.add_token("boss", "all", Scope(frozenset({"read", "write"})), expires_at=None)
    assert app.ask("GET", f"/admin{path}", headers=basic("__token__", token)).status_int == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_form_is_of_this_session_and_of_an_administrator(full, boss, ann, app, services, users, path):
    def now():
        curated = (
            services.curation.grids(),
            [services.curation.features(grid.id) for grid in services.curation.grids()],
        )
        scopes = services.scopes.some()[0], services.scopes.invites("acme")
        return users.accounts(), users.groups(), users.grants(), users.registration(), curated, scopes

    before, notice = now(), services.state.notice("rebuild")
    fields = FORMS[path]
    assert boss.post(f"/admin{path}", csrf=False, **fields).status_int == 403
    assert boss.post(f"/admin{path}", csrf=False, csrf_token="0" * 64, **fields).status_int == 403
    assert ann.post(f"/admin{path}", **fields).status_int == 403
    assert app.post(f"/admin{path}", fields, expect_errors=True).status_int in {401, 403}
    foreign = {**basic("boss"), "Origin": "https://evil.example"}
    assert app.post(f"/admin{path}", fields, headers=foreign, expect_errors=True).status_int == 403
    assert (now(), services.state.notice("rebuild")) == (before, notice)


@pytest.mark.parametrize("name", ["path", "request", "query", "done", "before", "fault", "status"])
def test_whatever_stands_in_the_address_of_a_form_is_kept_or_left_out(full, boss, name):
    answer = boss.post(f"/admin/users?{name}=1", do="registration", allow="true")
    assert answer.status_int == 303
    kept = "" if name in {"done", "before"} else f"{name}=1&"
    assert answer.headers["Location"].endswith(f"/admin/users?{kept}done=registration-on")


@pytest.mark.parametrize("path", FORMS)
def test_a_button_that_is_none(full, boss, path):
    for fields in ({}, {"do": "x"}, {"do": "__class__"}):
        assert boss.post(f"/admin{path}", **fields).status_int == 400


def test_names_are_shown_as_they_are_and_harm_nobody(boss, services):
    evil = "\"'><script>alert(1)</script>"
    services.state.add_token("boss", evil, Scope(frozenset({"read"})), expires_at=None)
    services.downloads.count(Project(PYPI, evil), evil)
    services.downloads.flush()
    services.scopes.add("acme", creator=evil, description=evil)
    for path in ("", "/users/boss", "/downloads", "/storage", "/scopes", "/scopes/acme", "/audit"):
        assert "<script>alert" not in boss.get(f"/admin{path}").text, path
    for path in (
        "/users?q={}",
        "/storage?q={}",
        "/scopes?q={}",
        "/rights?project={}",
        "/rights?project=foo&user={}",
    ):
        asked = path.format("%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E")
        assert "<script>alert" not in boss.get(f"/admin{asked}").text, path


def test_the_words_of_a_page_cannot_be_put_into_it(boss):
    assert "Call+me" not in boss.read("/admin/users?done=Call+me")
    assert "Call me" not in boss.read("/admin/users?done=Call+me")
