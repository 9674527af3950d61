"""Answers that are given again are those that would be worked out, whoever asks and whatever happened since."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from wsgiref.util import FileWrapper

import pytest
from pyramid.router import default_execution_policy

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.core.model import Project, Right, Scope
from pypicloud_like.http import shortcut
from pypicloud_like.http.answers import AT_ONCE
from pypicloud_like.http.shortcut import MOST, SHORTCUT, Shortcut
from pypicloud_like.logs import context
from tests.builders import a_wheel
from tests.http.cargo.site import CargoSite
from tests.http.conftest import PASSWORD, basic
from tests.http.jsr.site import JsrSite
from tests.http.pypi.conftest import services, template, users  # noqa: F401 - fixtures
from tests.http.pypi.site import HTML, JSON

LIST = "/simple/"
PAGE, CRATE, META = "/simple/demo/", "/cargo/index/de/mo/demo", "/@acme/demo/meta.json"
DEMO = Project("pypi", "demo")
EVERYTHING = Scope(frozenset({"read", "write"}))


@pytest.fixture
def ini() -> dict[str, str]:
    return {"pypi.default_read": "authenticated", "log.requests": "none"}


@pytest.fixture
def site(services, users, clock) -> JsrSite:  # noqa: F811 - a fixture
    """A server with a package of each kind, of which everybody may read the first."""
    site = JsrSite(services, clock)
    site.publish(a_wheel("demo", "1.0"))
    CargoSite(services, clock).taken("demo")
    site.done("POST", "scopes", {"scope": "acme"}, user="boss")
    site.done("POST", "scopes/acme/packages", {"package": "demo"}, user="boss")
    site.taken()
    users.grant(DEMO, "group", "everyone", Right.READ, actor=None)
    return site


def policy(site) -> Shortcut:
    return site.client.app.registry[SHORTCUT]


def worked_out(site, *args, **kwargs):
    """The answer without the shortcut."""
    router = site.client.app
    kept, router.execution_policy = router.execution_policy, default_execution_policy
    try:
        return site.raw(*args, **kwargs)
    finally:
        router.execution_policy = kept


def parts(answer):
    return answer.status, sorted(pair for pair in answer.headerlist if pair[0] != "X-Request-Id"), answer.body


def asked_again(site, path=PAGE, **rest) -> bool:
    """Whether the second of two answers, which are equal, came by the shortcut."""
    views = []
    router = site.client.app
    inner = router.invoke_request
    router.invoke_request = lambda request: views.append(request) or inner(request)
    try:
        answers = [site.raw("GET", path, **rest) for _ in range(4)]
    finally:
        del router.invoke_request
    assert len({str(parts(answer)) for answer in answers}) == 1
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 4
    return len(views) < 4


@pytest.mark.parametrize("path", [PAGE, LIST, CRATE, META])
@pytest.mark.parametrize("user", ["boss", "ann"])
def test_pages_are_given_again_to_who_may_read_them(site, path, user):
    assert asked_again(site, path, user=user)
    assert parts(site.raw("GET", path, user=user)) == parts(worked_out(site, "GET", path, user=user))


def test_to_anonymous_and_tokens_and_as_304(site):
    secret, _ = site.services.state.add_token("ann", "test", EVERYTHING, expires_at=None)
    assert asked_again(site)
    assert asked_again(site, headers={"Authorization": f"Bearer {secret}"})
    assert asked_again(site, CRATE, headers={"Authorization": secret})
    assert asked_again(site, headers=basic("__token__", secret))
    tag = site.raw("GET", PAGE).headers["ETag"]
    assert asked_again(site, headers={"If-None-Match": tag})
    assert site.raw("GET", PAGE, headers={"If-None-Match": tag}).status_int == 304


@pytest.mark.parametrize(
    "header",
    [
        {"Cookie": "a=b"},
        {"Origin": "https://app.example"},
        {"Range": "bytes=0-3"},
        {"Accept": ", ".join(["text/html"] * 300)},
        basic("ann", "wrong"),
        {"Authorization": "Bearer nothing"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Strange words of old"},
        {"Authorization": "Basic " + "x" * 10_000},
    ],
)
def test_who_is_always_answered_by_the_views(site, header):
    assert asked_again(site), "the address is known"
    assert not asked_again(site, headers=header)


WHEEL, ARCHIVE = "/api/package/demo/demo-1.0-py3-none-any.whl", "/api/v1/crates/demo/0.1.0/download"
LARGE = WHEEL.replace("-1.0-", "-3.0-")
MANIFEST, MODULE = "/@acme/demo/1.0.0_meta.json", "/@acme/demo/1.0.0/mod.ts"


@pytest.mark.parametrize("wrapper", [False, True])
@pytest.mark.parametrize("path", [WHEEL, f"{WHEEL}.metadata", LARGE, ARCHIVE, MANIFEST, MODULE])
def test_files_are_given_again(site, path, wrapper):
    site.publish(a_wheel("demo", "3.0", files={"data.bin": bytes(AT_ONCE)}, stored=True))
    environ = {"environ": {"wsgi.file_wrapper": FileWrapper}} if wrapper else {}
    assert asked_again(site, path, user="ann", **environ)
    assert parts(site.raw("GET", path, user="ann")) == parts(worked_out(site, "GET", path, user="ann"))


@pytest.mark.parametrize(
    ("path", "project", "version"),
    [
        (WHEEL, DEMO, "1.0"),
        (ARCHIVE, Project("cargo", "demo"), "0.1.0"),
        (MANIFEST, Project("jsr", "@acme/demo"), "1.0.0"),
    ],
)
def test_each_download_is_counted(site, path, project, version):
    def total():
        site.services.downloads.flush()
        return site.services.downloads.totals(project).get(version, 0)

    before = total()
    answer = site.raw("GET", path, user="ann")
    assert asked_again(site, path, user="ann")
    assert total() == before + 5
    for _ in range(3):
        unchanged = site.raw("GET", path, user="ann", headers={"If-None-Match": answer.headers["ETag"]})
        assert unchanged.status_int == 304
    assert total() == before + 5


def test_bytes_that_are_gone_are_for_the_views(site):
    """Few bytes are remembered, more are read each time."""
    site.publish(a_wheel("demo", "3.0", files={"data.bin": bytes(AT_ONCE)}, stored=True))
    assert asked_again(site, WHEEL)
    assert asked_again(site, LARGE)
    for file in site.services.cache.files(DEMO):
        site.services.storage.delete(file.blob.key)
    assert site.raw("GET", LARGE).status_int == worked_out(site, "GET", LARGE).status_int == 503
    assert site.raw("GET", WHEEL).status_int == 200


def test_addresses_that_are_always_answered_by_the_views(site):
    assert asked_again(site)
    assert not asked_again(site, PAGE + "?format=application/vnd.pypi.simple.v1%2Bjson")
    assert not asked_again(site, "/simple/nothing/", user="ann")
    assert site.raw("HEAD", PAGE).body == b""
    assert site.raw("POST", PAGE).status_int == 405


def test_bodies_have_so_much_room_and_no_more(site, monkeypatch):
    size = len(site.raw("GET", PAGE).body)
    monkeypatch.setattr(shortcut, "ROOM", 10 * size)
    for number in range(60):
        site.raw("GET", PAGE, headers={"If-None-Match": f'"{number}"'})
        _generation, kept = policy(site)._given._kept
        assert sum(len(piece) for given in kept.values() for piece in given.body) <= 10 * size
    assert asked_again(site)


def test_memory_is_bounded(site):
    assert asked_again(site)
    for number in range(MOST + 100):
        site.raw("GET", PAGE, headers={"If-None-Match": f'"{number}"'})
    assert asked_again(site)
    _generation, kept = policy(site)._given._kept
    assert 0 < len(kept) <= MOST
    assert PASSWORD not in repr(kept)


def test_what_is_logged_while_a_file_is_read_has_the_id_of_its_request(site):
    site.publish(a_wheel("demo", "3.0", files={"data.bin": bytes(AT_ONCE)}, stored=True))
    assert asked_again(site, LARGE)
    for file in site.services.cache.files(DEMO):
        path = site.services.storage.path(file.blob.key)
        path.write_bytes(path.read_bytes()[:10])
    ids = []

    class Noting(logging.Handler):
        def emit(self, record):
            ids.append(context.request_id.get())

    log, handler = logging.getLogger("pypicloud_like.storage.files"), Noting()
    log.addHandler(handler)
    context.request_id.set("of the request before")
    answer = site.raw("GET", LARGE)
    log.removeHandler(handler)
    assert set(ids) == {answer.headers["X-Request-Id"]}


def test_each_is_counted(site):
    def counted():
        return {key: sum(each.classes) for key, each in site.services.metrics.requests().items()}

    before = counted().get(("/simple/{project}/", "GET", 2), 0)
    assert asked_again(site)
    assert counted()[("/simple/{project}/", "GET", 2)] == before + 4


def test_every_request_is_logged_if_all_are_to_be(services, clock, caplog):  # noqa: F811 - a fixture
    object.__setattr__(services.settings.log, "requests", "all")
    site = JsrSite(services, clock)
    site.publish(a_wheel("demo", "1.0"))
    caplog.set_level("INFO")
    assert not asked_again(site, user="boss")
    assert sum(PAGE in record.getMessage() for record in caplog.records) == 4


class TestRightsOfSettings:
    """Where users stand in the settings, only the state says what became of their tokens."""

    @pytest.fixture
    def ini(self) -> dict[str, str]:
        hashed = Passwords.cheap().hash(PASSWORD)
        return {
            "pypi.auth": "config",
            "user.ann": hashed,
            "pypi.default_read": "authenticated",
            "pypi.default_write": "authenticated",
        }

    def test_a_revoked_token(self, services, clock):  # noqa: F811 - a fixture
        site = JsrSite(services, clock)
        site.publish(a_wheel("demo", "1.0"), user="ann")
        secret, token = services.state.add_token("ann", "test", EVERYTHING, expires_at=None)
        sent = {"Authorization": f"Bearer {secret}"}
        assert asked_again(site, headers=sent)
        services.state.revoke_token("ann", token.id, actor=None)
        assert site.raw("GET", PAGE, headers=sent).status_int == 401


@pytest.mark.promise(115)
def test_a_token_ends_to_the_moment(site, clock):
    secret, _ = site.services.state.add_token(
        "ann", "test", EVERYTHING, expires_at=clock.now + timedelta(minutes=1)
    )
    sent = {"Authorization": f"Bearer {secret}"}
    assert asked_again(site, headers=sent)
    clock.now += timedelta(seconds=59)
    assert site.raw("GET", PAGE, headers=sent).status_int == 200
    clock.now += timedelta(seconds=1)
    assert site.raw("GET", PAGE, headers=sent).status_int == 401


def test_the_last_use_of_a_token_goes_on_being_noted(site, clock):
    secret, _ = site.services.state.add_token("ann", "test", EVERYTHING, expires_at=None)
    for _ in range(2):
        clock.now += timedelta(minutes=5)
        assert asked_again(site, headers={"Authorization": f"Bearer {secret}"})
        site.services.state._uses.finish()
        (token,) = site.services.state.tokens("ann")
        assert token.last_used_at >= clock.now - timedelta(seconds=1)


def test_credentials_that_differ_are_apart(site):
    for password in (PASSWORD, f"{PASSWORD} ", "\udc80", ""):
        header = basic("ann", PASSWORD) if password == PASSWORD else {"Authorization": f"Basic {password}"}
        assert site.raw("GET", META, headers=header).status_int == (200 if password == PASSWORD else 401)


@pytest.mark.promise(111)
def test_a_password_is_verified_as_often_as_before(site, clock, monkeypatch):
    verified = []
    identify = site.services.access.identify
    monkeypatch.setattr(
        site.services.access, "identify", lambda *given: verified.append(given) or identify(*given)
    )
    assert asked_again(site, META, user="ann")
    clock.now += timedelta(seconds=59)
    assert asked_again(site, META, user="ann")
    assert len(verified) == 1
    clock.now += timedelta(seconds=2)
    assert asked_again(site, META, user="ann")
    assert len(verified) == 2


def test_a_blocked_user_is_not_answered_from_memory(site):
    assert asked_again(site, META, user="ann")
    while site.raw("GET", META, headers=basic("ann", "wrong")).status_int != 429:
        pass
    assert site.raw("GET", META, user="ann").status_int == 429


def changes(site):
    """Name → what changes index or rights; each may be repeated."""
    access, state = site.services.access, site.services.state
    numbers = iter(range(1_000))
    secrets = [state.add_token("ann", "test", EVERYTHING, expires_at=None)[0]]

    def revoke():
        state.revoke_token("ann", state.token(secrets[-1]).id, actor=None)
        secrets.append(state.add_token("ann", "test", EVERYTHING, expires_at=None)[0])

    def delete():
        files = site.services.cache.files(DEMO)
        if len(files) > 1:
            site.ask("DELETE", f"/api/package/demo/{files[0].filename}", user="boss")

    def bob():
        access.remove_user("bob", actor=None)
        access.add_user("bob", PASSWORD, actor=None)

    told = {
        "upload": lambda: site.publish(a_wheel("demo", f"2.{next(numbers)}")),
        "delete": delete,
        "yank": lambda: site.ask("POST", "/api/package/demo/1.0/yank", user="boss", body=b""),
        "unyank": lambda: site.ask("DELETE", "/api/package/demo/1.0/yank", user="boss"),
        "yank crate": lambda: site.ask("DELETE", "/api/v1/crates/demo/0.1.0/yank", user="boss"),
        "open": lambda: access.grant(DEMO, "group", "everyone", Right.READ, actor=None),
        "close": lambda: access.revoke(DEMO, "group", "everyone", Right.READ, actor=None),
        "private": lambda: access.grant(DEMO, "user", "boss", Right.READ, actor=None),
        "to ann": lambda: access.grant(DEMO, "user", "ann", Right.READ, actor=None),
        "from ann": lambda: access.revoke(DEMO, "user", "ann", Right.READ, actor=None),
        "revoke": revoke,
        "bob anew": bob,
        "a minute": lambda: setattr(site.clock, "now", site.clock.now + timedelta(seconds=61)),
    }
    return told, secrets


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_answers_are_those_that_would_be_worked_out(site, seed):
    chance = random.Random(seed)
    told, secrets = changes(site)
    tags = ['"none"']
    for _ in range(60):
        if chance.random() < 0.25:
            told[chance.choice(sorted(told))]()
        path = chance.choice([PAGE, PAGE, LIST, CRATE, META])
        headers = {"Accept": chance.choice([JSON, HTML, "text/html", "*/*"])}
        headers |= chance.choice([{}, {"Accept-Encoding": "gzip"}, {"If-None-Match": chance.choice(tags)}])
        headers |= chance.choice(
            [{}, basic("ann"), basic("bob"), {"Authorization": f"Bearer {chance.choice(secrets[-3:])}"}]
        )
        again = [site.raw("GET", path, headers=headers) for _ in range(3)]
        wanted = parts(worked_out(site, "GET", path, headers=headers))
        assert [parts(answer) for answer in again] == [wanted] * 3
        tags += [again[0].headers["ETag"]] if "ETag" in again[0].headers else []
