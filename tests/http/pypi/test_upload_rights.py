"""Who may upload what, with which credentials, and what the others are told."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Scope
from pypicloud_like.ecosystems.pypi.views import upload
from tests.builders import a_wheel
from tests.http.conftest import PASSWORD, basic
from tests.http.pypi.site import form, part, refused

WHEEL = a_wheel("foo", "1.0")
FOO, BAR = Project(PYPI, "foo"), Project(PYPI, "bar")
PATHS = ["/simple/", "/legacy/", "/pypi/", "/", "/api/package/foo/" + WHEEL.filename]


def token(site, *actions, user="boss", projects=None, lifetime=None):
    expires = site.clock() + timedelta(seconds=lifetime) if lifetime else None
    return site.services.state.add_token(user, "ci", Scope(frozenset(actions), projects), expires_at=expires)


def send(site, headers=None, *, user=None, built=WHEEL, path="/legacy/"):
    return site.send([part("content", built.content, built.filename)], user=user, headers=headers, path=path)


@pytest.mark.promise(172)
@pytest.mark.parametrize("path", PATHS)
def test_without_credentials(shared, path):
    with shared.unchanged():
        answer = send(shared, path=path)
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


@pytest.mark.parametrize("path", PATHS)
def test_without_credentials_the_body_is_not_looked_at(shared, path):
    answer = shared.ask(
        "POST", path, body=b"x" * 100_000, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    refused(answer, 401)


@pytest.mark.parametrize("path", PATHS)
def test_with_credentials_that_are_not_enough(shared, path):
    with shared.unchanged():
        refused(send(shared, user="ann", path=path), 403)


@pytest.mark.promise(116)
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + "A" * 4000,
        "Basic Ym9zcw==",
        "Basic Ym9zczo=",
        "Basic OnB3",
        "Basic /////w==",
        "Bearer",
        "Bearer x",
        "Bearer " + "x" * 5000,
        "token nonsense",
        "Digest username=boss",
        "Negotiate YII=",
        "boss:correct",
        "\xff\xfe",
        "Basic " + "A" * 100_000,
    ],
)
def test_broken_credentials_never_count_as_none(shared, header):
    with shared.unchanged():
        answer = send(shared, {"Authorization": header})
        assert answer.status_int in {400, 401, 429}
        if answer.status_int == 401:
            assert "WWW-Authenticate" in answer.headers


class TestOpenToAll:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_write": "everyone", "pypi.default_read": "everyone"}

    def test_anonymous_uploads_are_possible_where_switched_on(self, site):
        assert send(site).status_int == 200
        assert site.services.cache.file(FOO, WHEEL.filename).uploader is None

    @pytest.mark.parametrize("header", ["Basic Ym9zczp3cm9uZw==", "Bearer x", "Basic !!!", "Digest x"])
    def test_but_wrong_credentials_are_refused_all_the_same(self, site, header):
        with site.unchanged():
            refused(send(site, {"Authorization": header}), 401)

    def test_and_a_project_with_grants_is_closed_to_the_others(self, site):
        site.services.access.grant(FOO, "user", "ann", Right.WRITE, actor=None)
        with site.unchanged():
            refused(send(site), 401)
            refused(send(site, user="bob"), 403)
        assert send(site, user="ann").status_int == 200


def test_a_wrong_password_is_refused(shared):
    with shared.unchanged():
        refused(send(shared, basic("boss", "wrong")), 401)


@pytest.mark.parametrize("name", ["__token__", "boss", "anything"])
def test_a_token_as_password(site, name):
    secret, _ = token(site, "write", "create")
    assert send(site, basic(name, secret)).status_int == 200
    assert site.indexed("foo") == {WHEEL.filename: WHEEL.sha256}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_a_token_on_its_own(site, scheme):
    secret, _ = token(site, "write", "create")
    assert send(site, {"Authorization": f"{scheme} {secret}"}).status_int == 200


def test_a_revoked_token_is_dead_at_once(site):
    secret, minted = token(site, "write", "create")
    assert send(site, basic("__token__", secret)).status_int == 200
    site.services.state.revoke_token("boss", minted.id, actor="boss")
    with site.unchanged():
        refused(send(site, basic("__token__", secret), built=a_wheel("foo", "1.1")), 401)


def test_an_expired_token_is_dead(site):
    secret, _ = token(site, "write", "create", lifetime=60)
    site.clock.now += timedelta(seconds=61)
    with site.unchanged():
        refused(send(site, basic("__token__", secret)), 401)


def test_a_token_does_no_more_than_its_scope(site):
    secret, _ = token(site, "read", projects=frozenset({FOO}))
    for actions, projects, expected in (
        ({"read"}, None, 403),
        ({"write"}, None, 403),
        ({"write", "create"}, frozenset({BAR}), 403),
        ({"write", "create"}, frozenset({FOO}), 200),
    ):
        secret, _ = token(site, *actions, projects=projects)
        assert send(site, basic("__token__", secret)).status_int == expected


def test_a_token_never_does_more_than_its_owner(site):
    secret, _ = token(site, "write", "create", "admin", user="ann")
    with site.unchanged():
        refused(send(site, basic("__token__", secret)), 403)


class TestNewNames:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_create_groups": "authenticated"}

    def test_whoever_publishes_a_name_first_owns_it(self, site):
        site.publish(WHEEL, user="ann")
        assert site.services.state.owners(FOO) == ["ann"]
        site.publish(a_wheel("foo", "1.1"), user="ann")
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "1.2"), user="bob"), 403)
            refused(site.upload(a_wheel("Foo", "1.2"), user="bob"), 403)

    def test_a_refused_upload_does_not_make_an_owner(self, site):
        with site.unchanged():
            refused(site.upload(WHEEL, user="ann", sha256_digest="0" * 64), 400)
            refused(site.upload(WHEEL, user="ann", name="other"), 400)
        assert site.services.state.owned("ann") == frozenset()

    def test_what_a_crash_left_without_an_owner_finds_its_publisher_again(self, site, monkeypatch):
        state = type(site.services.state)
        with monkeypatch.context() as broken:
            broken.setattr(state, "add_owner", lambda *_args, **_rest: 1 / 0)
            assert site.upload(WHEEL, user="ann").status_int == 500
        assert site.services.state.owners(FOO) == []
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "1.1"), user="bob"), 403)
        site.publish(a_wheel("foo", "1.1"), user="ann")
        assert site.services.state.owners(FOO) == ["ann"]

    def test_but_not_for_ever_since_names_of_users_may_be_given_again(self, site, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(type(site.services.state), "add_owner", lambda *_args, **_rest: None)
            site.publish(WHEEL, user="ann")
        site.clock.now += timedelta(days=1)
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "1.1"), user="ann"), 403)
            refused(site.upload(WHEEL, user="ann"), 403)

    def test_and_not_for_a_newer_account_of_that_name(self, site, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(type(site.services.state), "add_owner", lambda *_args, **_rest: None)
            site.publish(WHEEL, user="ann")
        access = site.services.access
        access.remove_user("ann", actor=None)
        access.add_user("ann", PASSWORD, actor=None)
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "1.1"), user="ann"), 403)

    def test_a_deleted_project_is_not_up_for_grabs(self, site):
        site.publish(WHEEL, user="ann")
        site.ask("DELETE", f"/api/package/foo/{WHEEL.filename}", user="ann")
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "2.0"), user="bob"), 403)

    @pytest.mark.promise(123)
    def test_a_form_that_names_ones_own_project_does_not_open_anothers(self, site):
        site.publish(WHEEL, user="ann")
        site.publish(a_wheel("bobs", "1.0"), user="bob")
        with site.unchanged():
            refused(site.upload(a_wheel("foo", "2.0"), user="bob", name="bobs"), 400)
            refused(
                site.upload(a_wheel("foo", "2.0"), user="bob", path="/api/package/bobs/bobs-2.0.tar.gz"), 400
            )


@pytest.mark.promise(141)
def test_a_page_of_another_site_cannot_make_a_browser_upload(shared):
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Referer": "https://evil.example/x"},
    ):
        with shared.unchanged():
            refused(send(shared, {**basic("boss"), **headers}), 403)


@pytest.mark.promise(120)
def test_credentials_never_come_back(shared):
    kind, body = form([part("content", b"x", "foo-1.0.whl")])
    for headers in (basic("boss"), basic("boss", "wrong-Secret"), {"Authorization": "Bearer some-Secret"}):
        sent = {**headers, "Content-Type": kind}
        answer = shared.ask("POST", "/legacy/", body=body, headers=sent)
        shown = answer.text + str(answer.headers) + answer.status
        for secret in ("wrong-Secret", "some-Secret", headers["Authorization"].split()[1], "correct horse"):
            assert secret not in shown


def test_a_right_that_is_lost_while_a_slow_body_comes_in_does_not_hold(site, monkeypatch):
    assert send(site, user="boss").status_int == 200
    access = site.services.access
    access.grant(FOO, "user", "ann", Right.WRITE, actor=None)
    read = upload.read_multipart

    def slowly(*args, **more):
        form = read(*args, **more)
        other = threading.Thread(
            target=access.revoke, args=(FOO, "user", "ann", Right.WRITE), kwargs={"actor": None}
        )
        other.start()
        other.join()
        time.sleep(0.06)
        return form

    newer = a_wheel("foo", "2.0")
    monkeypatch.setattr(upload, "read_multipart", slowly)
    refused(send(site, user="ann", built=newer), 403)
    monkeypatch.undo()
    access.grant(FOO, "user", "ann", Right.WRITE, actor=None)
    assert send(site, user="ann", built=newer).status_int == 200
