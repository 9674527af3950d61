"""Project status: what archived, quarantined and deprecated mean, and who may say so."""

from __future__ import annotations

import json
from html import unescape

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel
from tests.http.pypi.site import refused

WHEEL, NEXT = a_wheel("foo", "1.0"), a_wheel("foo", "1.1")


def put(site, status, reason=None, user="boss", name="foo"):
    body = {"status": status} | ({} if reason is None else {"reason": reason})
    return site.ask(
        "PUT",
        f"/api/project/{name}/status",
        user=user,
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )


@pytest.fixture
def full(site):
    site.publish(WHEEL)
    return site


@pytest.fixture(scope="module")
def standing(shared):
    shared.publish(WHEEL)
    return shared


def test_a_new_project_is_active(full):
    assert full.page("foo")["project-status"] == {"status": "active"}
    assert full.ask("GET", "/api/project/foo/status", user="ann").json == {"status": "active", "reason": ""}


@pytest.mark.parametrize("status", ["archived", "deprecated", "active"])
def test_a_status_with_a_reason_stands_in_both_forms(full, status):
    reason = 'use "bar" <instead> & more'
    assert put(full, status, reason).json == {"status": status, "reason": reason}
    page = full.page("foo")
    assert page["project-status"] == {"status": status, "reason": reason}
    assert "project-status" not in page["meta"]
    html = unescape(full.html("foo"))
    assert f'<meta name="pypi:project-status" content="{status}">' in html
    assert f'<meta name="pypi:project-status-reason" content="{reason}">' in html
    assert len(page["files"]) == 1


def test_an_archived_project_keeps_its_files_and_takes_no_others(full):
    put(full, "archived")
    with full.unchanged():
        refused(full.upload(NEXT), 403, "archived")
        assert full.upload(WHEEL).status_int == 200
    assert full.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="ann").body == WHEEL.content
    put(full, "active")
    full.publish(NEXT)
    assert full.page("foo")["versions"] == ["1.0", "1.1"]


def test_a_quarantined_project_offers_nothing_and_takes_nothing(full):
    assert put(full, "quarantined", "looks bad").status_int == 200
    page = full.page("foo")
    assert page["files"] == []
    assert page["versions"] == []
    assert page["project-status"]["status"] == "quarantined"
    assert "<a " not in full.html("foo")
    for path in (
        f"/api/package/foo/{WHEEL.filename}",
        f"/api/package/foo/{WHEEL.filename}.metadata",
        "/pypi/foo/json",
        "/pypi/foo/1.0/json",
        "/pypi/foo/latest/json",
        "/rss/project/foo/releases.xml",
    ):
        assert full.ask("GET", path, user="ann").status_int == 404, path
    for path in ("/simple/", "/packages/", "/rss/updates.xml", "/rss/packages.xml", "/api/package/"):
        assert "foo" not in full.ask("GET", path, user="ann").text, path
    assert full.ask("GET", "/api/package/foo/", user="ann").json["packages"] == []
    with full.unchanged():
        refused(full.upload(NEXT), 403, "quarantined")
    put(full, "active")
    assert full.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="ann").body == WHEEL.content


def test_writers_may_archive_but_only_administrators_quarantine(full):
    full.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.WRITE, actor=None)
    full.services.access.grant(Project(PYPI, "foo"), "user", "ann", Right.READ, actor=None)
    assert put(full, "archived", user="ann").status_int == 200
    assert put(full, "quarantined", user="ann").status_int == 403
    assert put(full, "quarantined").status_int == 200
    assert put(full, "active", user="ann").status_int == 403
    assert full.page("foo")["project-status"]["status"] == "quarantined"


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("bob", 403)])
def test_others_may_not(standing, user, status):
    with standing.unchanged():
        assert put(standing, "archived", user=user).status_int == status


@pytest.mark.parametrize("status", ["Archived", "gone", "", "active ", None, 5, ["active"], "\ud800"])
def test_other_words_are_refused(standing, status):
    with standing.unchanged():
        assert put(standing, status).status_int == 400


@pytest.mark.parametrize("reason", ["\ud800", "a\0b", "x" * 1001, 7])
def test_a_reason_that_is_no_short_text_is_refused(standing, reason):
    with standing.unchanged():
        assert put(standing, "archived", reason).status_int == 400


def test_a_project_that_is_not_there_has_no_status(site):
    with site.unchanged():
        assert put(site, "archived", name="nothing").status_int == 404
        assert site.ask("GET", "/api/project/nothing/status", user="ann").status_int == 404
        assert put(site, "archived", name="-bad-").status_int == 404


def test_a_project_without_files_can_be_archived_for_good(full):
    full.ask("DELETE", f"/api/package/foo/{WHEEL.filename}", user="boss")
    assert put(full, "archived").status_int == 200
    with full.unchanged():
        refused(full.upload(NEXT), 403)


def test_the_same_status_again_changes_nothing(full):
    put(full, "archived", "x")
    with full.unchanged():
        assert put(full, "archived", "x").status_int == 200


def test_a_token_that_may_only_upload_does_not_change_the_status(full):
    from pypicloud_like.core.model import Scope

    for actions, expected in (({"write"}, 403), ({"yank"}, 200)):
        secret, _ = full.services.state.add_token("boss", "ci", Scope(frozenset(actions)), expires_at=None)
        answer = full.ask(
            "PUT", "/api/project/foo/status?status=archived", headers={"Authorization": f"Bearer {secret}"}
        )
        assert answer.status_int == expected
