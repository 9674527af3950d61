"""Who may say which jobs publish a project, and what they may say."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Scope
from tests.builders import a_wheel
from tests.http.conftest import basic
from tests.support.issuer import AUDIENCE, REPOSITORY


@pytest.fixture
def private(demo, users, jobs):
    """The project, which bob may not see."""
    users.grant(demo, "user", "ann", Right.WRITE, actor=None)
    users.grant(demo, "user", "ann", Right.READ, actor=None)
    return demo


def test_what_is_told_of_one(jobs, demo):
    (told,) = jobs.publishers("GET", "/demo").json["publishers"]
    made = told.pop("created_at")
    assert made.startswith("2026-01-02T03:04:05")
    assert told.pop("id")
    assert told == {
        "project": "demo",
        "issuer": "ci",
        "claims": {"repository": REPOSITORY},
        "pinned": {},
        "user": "ann",
        "pending": False,
        "last_used_at": None,
    }


def test_ones_own_and_the_issuers(jobs, demo):
    jobs.add("fresh", user="bob")
    told = jobs.publishers("GET", "").json
    assert told["issuers"] == [
        {
            "name": "ci",
            "url": jobs.issuer.url,
            "audience": AUDIENCE,
            "kind": "github",
            "identity": ["repository"],
        }
    ]
    assert [each["project"] for each in told["publishers"]] == ["demo"]
    everything = jobs.publishers("GET", "", user="boss").json["publishers"]
    assert [each["project"] for each in everything] == ["demo", "fresh"]


def test_a_workflow_is_a_claim(jobs, demo):
    made = jobs.add("demo", workflow="release.yml")
    assert made["claims"] == {
        "repository": REPOSITORY,
        "job_workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@*",
    }


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"issuer": "ci"},
        {"issuer": "other", "claims": {"repository": REPOSITORY}},
        {"issuer": 1, "claims": {"repository": REPOSITORY}},
        {"issuer": "ci", "claims": {}},
        {"issuer": "ci", "claims": []},
        {"issuer": "ci", "claims": {"environment": "release"}},
        {"issuer": "ci", "claims": {"repository": "acme/*"}},
        {"issuer": "ci", "claims": {"repository": "*"}},
        {"issuer": "ci", "claims": {"repository": 1}},
        {"issuer": "ci", "claims": {"repository": ""}},
        {"issuer": "ci", "claims": {"repository": "a\nb"}},
        {"issuer": "ci", "claims": {"repository": "\ud800"}},
        {"issuer": "ci", "claims": {"repository": "x" * 501}},
        {"issuer": "ci", "claims": {"repository": REPOSITORY, "aud": "x"}},
        {"issuer": "ci", "claims": {"repository": REPOSITORY, "": "x"}},
        {"issuer": "ci", "claims": {"repository": REPOSITORY, "ref": "******"}},
        {"issuer": "ci", "claims": {"repository": REPOSITORY} | {f"c{number}": "x" for number in range(20)}},
        {"issuer": "ci", "claims": {"repository": REPOSITORY}, "workflow": "*.yml"},
        {"issuer": "ci", "claims": {"repository": REPOSITORY}, "workflow": "/x.yml"},
        {"issuer": "ci", "claims": {"repository": REPOSITORY}, "workflow": 7},
        {"issuer": "ci", "claims": {"environment": "x"}, "workflow": "x.yml"},
    ],
)
def test_what_is_too_little_or_wrong(jobs, demo, said):
    answer = jobs.publishers("POST", "/demo", said)
    assert answer.status_int == 400, answer.text
    assert answer.json["error"] == "invalid_request"
    assert len(jobs.services.publishers.of_project(demo)) == 1


def test_the_same_again(jobs, demo):
    said = {"issuer": "ci", "claims": {"repository": REPOSITORY}}
    assert jobs.publishers("POST", "/demo", said).status_int == 409


def test_an_administrator_may_let_jobs_act_for_others(jobs, demo):
    made = jobs.add("demo", user="boss", claims={"ref": "x"})
    assert made["user"] == "boss"
    said = {"issuer": "ci", "claims": {"repository": REPOSITORY, "ref": "y"}, "user": "ann"}
    assert jobs.publishers("POST", "/demo", said, user="boss").json["user"] == "ann"
    assert jobs.publishers("POST", "/demo", said | {"user": "boss"}).status_int == 403
    assert jobs.publishers("POST", "/demo", said | {"user": "nobody"}, user="boss").status_int == 400
    assert jobs.publishers("POST", "/demo", said | {"user": "bob"}, user="boss").status_int == 403


@pytest.mark.promise(177)
def test_others_may_neither_see_nor_change(jobs, demo):
    said = {"issuer": "ci", "claims": {"repository": REPOSITORY, "ref": "x"}}
    publisher = jobs.services.publishers.of_project(demo)[0].id
    for user, status in (("bob", 403), (None, 401)):
        assert jobs.publishers("GET", "/demo", user=user).status_int == status
        assert jobs.publishers("POST", "/demo", said, user=user).status_int == status
        assert jobs.publishers("DELETE", f"/demo/{publisher}", user=user).status_int == status


@pytest.mark.promise(177)
def test_who_writes_by_default_does_not_manage(jobs, demo, users):
    users.grant(demo, "group", "everyone", Right.WRITE, actor=None)
    users.grant(demo, "group", "everyone", Right.READ, actor=None)
    assert jobs.publishers("GET", "/demo", user="bob").status_int == 403


@pytest.mark.promise(122, 177)
def test_a_private_project_is_like_an_unknown_one(jobs, private):
    publisher = jobs.services.publishers.of_project(private)[0].id
    for method, path in (("GET", ""), ("DELETE", f"/{publisher}"), ("DELETE", "/x")):
        there = jobs.publishers(method, f"/demo{path}", user="bob")
        nowhere = jobs.publishers(method, f"/nowhere{path}", user="bob")
        assert (there.status_int, there.json["error"]) == (404, "not_found")
        assert there.text.replace("demo", "nowhere") == nowhere.text
        assert jobs.publishers(method, f"/demo{path}", user=None).status_int == 401
        assert jobs.publishers(method, f"/nowhere{path}", user=None).status_int == 401


def test_an_unknown_name_is_nobodys_to_list(jobs):
    assert jobs.publishers("GET", "/nowhere").status_int == 404
    assert jobs.publishers("GET", "/nowhere", user="boss").status_int == 404


def test_pending_ones_are_seen_by_who_made_them(jobs):
    made = jobs.add("fresh")
    assert len(jobs.publishers("GET", "/fresh").json["publishers"]) == 1
    assert len(jobs.publishers("GET", "/fresh", user="boss").json["publishers"]) == 1
    assert jobs.publishers("GET", "/fresh", user="bob").status_int == 404
    assert jobs.publishers("DELETE", f"/fresh/{made['id']}", user="bob").status_int == 404
    assert jobs.publishers("DELETE", f"/fresh/{made['id']}").status_int == 204
    assert jobs.publishers("GET", "/fresh").status_int == 404


def test_one_that_came_too_late_can_be_taken_back(jobs):
    made = jobs.add("fresh")
    assert jobs.app.upload(*a_wheel("fresh", "1.0"), user="bob").status_int == 200
    assert [each["id"] for each in jobs.publishers("GET", "/fresh", user="bob").json["publishers"]] == [
        made["id"]
    ]
    assert jobs.publishers("DELETE", f"/fresh/{made['id']}").status_int == 204


def test_one_of_another_project(jobs, demo):
    made = jobs.add("fresh")
    assert jobs.publishers("DELETE", f"/demo/{made['id']}").status_int == 404
    assert len(jobs.services.publishers.every()) == 2


class TestWithoutCreating:
    @pytest.fixture
    def ini(self, issuer):
        return {**issuer.ini, "pypi.default_read": "authenticated", "auth.failures": "100000"}

    def test_who_may_not_create_a_name_does_not_learn_whether_it_is_there(self, jobs, users):
        assert jobs.app.upload(*a_wheel("secret", "1.0")).status_int == 200
        users.grant(Project(PYPI, "secret"), "user", "bob", Right.READ, actor=None)
        said = {"issuer": "ci", "claims": {"repository": REPOSITORY}}
        there, nowhere = (jobs.publishers("POST", f"/{name}", said) for name in ("secret", "nowhere"))
        assert there.status_int == 403
        assert (there.status, there.text) == (nowhere.status, nowhere.text)


@pytest.mark.promise(128, 177)
@pytest.mark.parametrize("acts", [{"read", "write", "create"}, {"read", "owners"}])
def test_tokens_need_to_be_for_owners(jobs, demo, acts):
    secret, _ = jobs.services.state.add_token("ann", "x", Scope(frozenset(acts)), expires_at=None)
    said = {"issuer": "ci", "claims": {"repository": REPOSITORY, "ref": "x"}}
    answer = jobs.publishers("POST", "/demo", said, user=None, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_int == (201 if "owners" in acts else 403)


@pytest.mark.promise(139)
def test_a_page_of_another_site_changes_nothing(jobs, demo):
    said = {"issuer": "ci", "claims": {"repository": REPOSITORY, "ref": "x"}}
    headers = {**basic("ann"), "Origin": "https://evil.example"}
    assert jobs.publishers("POST", "/demo", said, user=None, headers=headers).status_int == 403


def test_other_ecosystems_and_spellings(jobs, demo):
    assert jobs.add("Fresh_Name")["project"] == "fresh-name"
    assert jobs.add("cargo:fresh")["project"] == "cargo:fresh"
    assert jobs.add("jsr:@acme/fresh")["project"] == "jsr:@acme/fresh"
    assert len(jobs.publishers("GET", "/jsr:@acme/fresh").json["publishers"]) == 1
    for name in ("a b", "npm:x", "cargo:", "demo*", "%00"):
        assert jobs.publishers("POST", f"/{name}", {}).status_int == 400, name
