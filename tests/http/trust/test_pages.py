"""Trusted publishers on the pages of administrators, of users and of maintainers."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.http.web.conftest import Browser
from tests.support.issuer import REPOSITORY

ALL, MINE = "/admin/publishers", "/account/publishers"
CLAIMS = f"repository={REPOSITORY}\r\n\r\n environment = release "


@pytest.fixture
def boss(app, services, users) -> Browser:
    return Browser(app, services, "boss")


@pytest.fixture
def ann(app, services, users) -> Browser:
    return Browser(app, services, "ann")


@pytest.fixture
def bob(app, services, users) -> Browser:
    return Browser(app, services, "bob")


def add(who: Browser, path: str = MINE, **said: str):
    form = {"do": "add", "project": "demo", "issuer": "ci", "claims": CLAIMS} | said
    return who.post(path, **form)


class TestAdministrators:
    def test_they_see_all_and_find_some(self, demo, jobs, boss):
        jobs.add("cargo:fresh", user="bob", claims={"environment": "<b>release"})
        page = boss.read(ALL)
        assert f"repository={REPOSITORY}" in page
        assert "environment=&lt;b&gt;release" in page
        assert "to be created" in page
        assert 'href="/project/demo/"' in page
        assert 'href="/crates/fresh"' not in page
        for part, shown in (("bob", "cargo:fresh"), ("RELEASE", "cargo:fresh"), ("pository=acme/d", "demo")):
            assert f'value="{shown}"' in boss.read(f"{ALL}?q={part}")
        assert 'value="demo"' not in boss.read(f"{ALL}?q=bob")
        assert "none of that kind" in boss.read(f"{ALL}?q=zz%00z")

    def test_one_is_added_for_another_user_and_publishes(self, demo, jobs, boss, services):
        answer = add(boss, ALL, user="ann", workflow="release.yml")
        assert answer.status_int == 303
        assert answer.headers["Location"] == f"{ALL}?done=publisher-added"
        made = services.publishers.of_project(demo)[-1]
        assert (made.creator, made.pending) == ("ann", False)
        assert made.claims == {
            "repository": REPOSITORY,
            "environment": "release",
            "job_workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@*",
        }

    def test_one_is_removed_with_its_tokens(self, demo, jobs, boss, services, app):
        secret = jobs.minted()
        (made,) = services.publishers.of_project(demo)
        answer = boss.post(ALL, do="remove", project="demo", publisher=made.id)
        assert answer.headers["Location"] == f"{ALL}?done=publisher-removed"
        assert not services.publishers.of_project(demo)
        assert jobs.upload(secret, "demo", "2.0").status_int == 401
        assert "have ended" in boss.read(f"{ALL}?done=publisher-removed")
        assert boss.post(ALL, do="remove", project="demo", publisher=made.id).status_int == 404

    def test_others_do_not_get_there(self, demo, ann, services):
        (made,) = services.publishers.of_project(demo)
        assert ann.get(ALL).status_int == 403
        assert add(ann, ALL).status_int == 403
        assert ann.post(ALL, do="remove", project="demo", publisher=made.id).status_int == 403
        assert len(services.publishers.every()) == 1


class TestOneself:
    def test_an_owner_adds_one_sees_it_and_removes_it(self, demo, ann, services):
        assert add(ann).headers["Location"] == f"{MINE}?done=publisher-added"
        made = services.publishers.of_project(demo)[-1]
        assert made.claims == {"repository": REPOSITORY, "environment": "release"}
        assert "environment=release</code></li>" in ann.read(MINE)
        ann.post(MINE, do="remove", project="demo", publisher=made.id)
        assert "environment=release</code></li>" not in ann.read(MINE)

    def test_a_name_that_the_first_job_creates(self, jobs, bob, services):
        assert add(bob, project="fresh").status_int == 303
        (made,) = services.publishers.of_creator("bob")
        assert (made.project, made.pending) == (Project(PYPI, "fresh"), True)
        assert "to be created" in bob.read(MINE)
        secret = jobs.minted(environment="release")
        assert jobs.upload(secret, "fresh", "1.0").status_int == 200
        assert "to be created" not in bob.read(MINE)

    def test_nobody_adds_one_to_what_is_not_theirs(self, demo, bob, services, users):
        (made,) = services.publishers.of_project(demo)
        assert add(bob).status_int == 403
        assert bob.post(MINE, do="remove", project="demo", publisher=made.id).status_int == 403
        users.grant(demo, "user", "ann", Right.READ, actor=None)
        assert bob.post(MINE, do="remove", project="demo", publisher=made.id).status_int == 404
        assert add(bob).status_int in {403, 404}
        assert REPOSITORY not in bob.read(MINE)
        assert services.publishers.of_project(demo) == [made]

    def test_only_administrators_name_another_user(self, demo, ann, services):
        answer = add(ann, user="boss")
        assert answer.status_int == 403
        assert "Only an administrator" in answer.text
        assert len(services.publishers.every()) == 1

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"claims": "repository"}, "line 1 must be a name"),
            ({"claims": f"repository={REPOSITORY}\n=x"}, "line 2 must be a name"),
            ({"claims": "repository=a/b\nrepository=c/d"}, "line 2 says again"),
            ({"claims": "repository=acme/*"}, "must be given, without *"),
            ({"claims": "environment=release"}, "must be given"),
            ({"claims": ""}, "claims"),
            ({"claims": "x" * 20_000}, "claims"),
            ({"issuer": "other"}, "issuer"),
            ({"issuer": ""}, "issuer"),
            ({"project": "<script>"}, "not a Python project name"),
            ({"project": ""}, "project"),
            ({"workflow": "../*"}, "workflow"),
        ],
    )
    def test_what_does_not_do_can_be_mended(self, demo, ann, services, said, sentence):
        answer = add(ann, **said)
        assert answer.status_int == 400
        assert 'role="alert"' in answer.text
        assert sentence in answer.text
        assert "<script>" not in answer.text
        if "claims" not in said:
            assert "environment = release" in answer.text, "what was written is still there"
        assert len(services.publishers.every()) == 1

    def test_the_same_again(self, demo, ann):
        add(ann)
        answer = add(ann)
        assert answer.status_int == 409
        assert "already" in answer.text

    def test_a_form_of_another_session(self, demo, ann, services):
        form = {"do": "add", "project": "demo", "issuer": "ci", "claims": CLAIMS}
        assert ann.post(MINE, csrf=False, **form).status_int == 403
        assert len(services.publishers.every()) == 1

    def test_who_is_not_logged_in_is_sent_to_the_login_and_back(self, demo, app):
        answer = app.ask("GET", f"{MINE}?project=demo")
        assert answer.status_int == 302
        assert answer.headers["Location"].endswith("/acct/login?next=/account/publishers%3Fproject%3Ddemo")


class TestMaintainers:
    def test_the_page_of_a_project_shows_and_removes_them(self, demo, jobs, ann, services):
        page = ann.read("/manage/pypi/demo")
        assert f"repository={REPOSITORY}" in page
        assert 'href="/account/publishers?project=demo#add"' in page
        assert 'id="project" name="project" value="demo"' in ann.read("/account/publishers?project=demo")
        (made,) = services.publishers.of_project(demo)
        answer = ann.post("/manage/pypi/demo", do="distrust", publisher=made.id)
        assert "trusted no more" in answer.text
        assert not services.publishers.of_project(demo)
        assert ann.post("/manage/pypi/demo", do="distrust", publisher=made.id).status_int == 404
