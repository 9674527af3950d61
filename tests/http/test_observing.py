"""Each request has an id: in its answer, in errors that are not the client's, and in the log."""

import json
import logging
import re

import pytest

from pypicloud_like.cli.proxies import mind_proxies
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.logs import context
from pypicloud_like.logs.lines import JsonLines
from tests.builders import a_wheel
from tests.http.conftest import Client

MADE = re.compile(r"[0-9a-f]{16}\Z")


@pytest.fixture
def behind(services):
    """The application as ``serve`` runs it, behind a proxy at 10.0.0.1."""
    client = Client(services)
    client.app = mind_proxies(client.app, trusted=["10.0.0.1"], count=1)
    return client


@pytest.fixture
def events(services):
    """What the log of ``pypicloud_like`` would have, as objects."""
    found = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(json.loads(JsonLines().format(record)))
    logger = logging.getLogger("pypicloud_like")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(level)
    context.request_id.set("")


def broken(*_args, **_rest):
    raise RuntimeError("/secret/path password=hunter2")


def away(*_args, **_rest):
    raise Unavailable("database")


def number(answer):
    (found,) = answer.headers.getall("X-Request-Id")
    return found


@pytest.mark.promise(161)
def test_every_answer_has_an_id_of_its_own(app, users):
    asked = [("GET", "/"), ("GET", "/health"), ("GET", "/nothing/at/all"), ("PUT", "/simple/"), ("GET", "/static/no"),
             ("GET", "/simple/foo/"), ("GET", "/api/v1/crates"), ("GET", "/%00"), ("OPTIONS", "/")]  # fmt: skip
    numbers = [number(app.ask(method, path)) for method, path in asked]
    assert all(MADE.match(one) for one in numbers)
    assert len(set(numbers)) == len(asked)


def test_a_trusted_proxy_gives_the_id(behind):
    answer = behind.get("/", headers={"X-Request-Id": "from-the_proxy.1"}, extra_environ={"REMOTE_ADDR": "10.0.0.1"})  # fmt: skip
    assert number(answer) == "from-the_proxy.1"


@pytest.mark.promise(143, 161)
def test_nobody_else_does(app, behind):
    for client in (app, behind):
        assert MADE.match(number(client.ask("GET", "/", headers={"X-Request-Id": "mine"})))


@pytest.mark.promise(161)
@pytest.mark.parametrize("odd", ["", "a" * 65, "a b", "a\tb", "ä", "<b>", "a,b", 'a"b', "a;b", "a%0d"])
def test_nor_is_one_taken_that_is_not_plain(behind, odd):
    answer = behind.get("/", headers={"X-Request-Id": odd}, extra_environ={"REMOTE_ADDR": "10.0.0.1"})
    assert MADE.match(number(answer))


@pytest.mark.promise(160, 161)
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/simple/foo/", {}),
        ("/simple/foo/", {"Accept": "application/json"}),
        ("/simple/foo/", {"Accept": "text/html"}),
        ("/api/package/foo/", {}),
        ("/cargo/index/fo/ob/foobar", {}),
        ("/@acme/foo/meta.json", {}),
    ],
)
@pytest.mark.parametrize("fault", [broken, away])
def test_errors_that_are_not_the_clients_name_it(
    app, users, services, monkeypatch, events, path, headers, fault
):
    monkeypatch.setattr(services.guard, "require", fault)
    monkeypatch.setattr(services.guard, "may", fault)
    answer = app.ask("GET", path, user="ann", headers=headers)
    assert answer.status_int == (503 if fault is away else 500)
    assert f"(request {number(answer)})" in answer.text
    assert "secret" not in answer.text
    told = [event for event in events if event["level"] == "ERROR"]
    assert [event["request_id"] for event in told] == [number(answer)]
    assert "hunter2" not in json.dumps(events)


def test_errors_of_the_client_do_not(app, users):
    answer = app.ask("GET", "/simple/nothing/", user="ann")
    assert answer.status_int == 404
    assert number(answer) not in answer.text


def requests_in(events):
    return [event for event in events if event.get("event") == "request"]


def test_changes_are_logged(app, users, events):
    answer = app.upload(*a_wheel("foo", "1.0"))
    app.ask("GET", "/simple/foo/", user="ann")
    (event,) = requests_in(events)
    assert event["request_id"] == number(answer)
    assert event | {"method": "POST", "path": "/simple/", "status": 200, "user": "boss"} == event
    assert event["client"] == "127.0.0.1"
    assert event["milliseconds"] > 0
    assert event["message"].startswith("POST /simple/ 200 ")


class TestAll:
    @pytest.fixture
    def ini(self):
        return {"log.requests": "all"}

    @pytest.mark.promise(160)
    def test_all_requests_are_logged_and_queries_never(self, app, users, events):
        app.ask("GET", "/simple/foo/?password=hunter2&token=abc", user="ann")
        app.ask("GET", "/acct/login")
        assert [(event["path"], event["status"]) for event in requests_in(events)] == [
            ("/simple/foo/", 404),
            ("/acct/login", 200),
        ]
        assert "hunter2" not in json.dumps(events)

    @pytest.mark.promise(159)
    def test_addresses_cannot_forge_events(self, app, events):
        app.ask("GET", "/a%0d%0a2026-01-01%20INFO%20forged%1b%5b2J")
        (event,) = requests_in(events)
        assert event["path"] == "/a%0D%0A2026-01-01%20INFO%20forged%1B%5B2J"
        assert event["message"].isprintable()

    def test_an_agent_of_any_letters(self, app, events):
        app.ask("GET", "/", headers={"User-Agent": 'x"\\ \x1b[31m' + "y" * 500})
        (event,) = requests_in(events)
        assert len(event["agent"]) == 200


class TestNone:
    @pytest.fixture
    def ini(self):
        return {"log.requests": "none"}

    def test_only_what_failed_is_logged(self, app, users, services, events, monkeypatch):
        app.upload(*a_wheel("foo", "1.0"))
        assert requests_in(events) == []
        monkeypatch.setattr(services.guard, "may", away)
        monkeypatch.setattr(services.guard, "require", away)
        app.ask("GET", "/simple/foo/", user="ann")
        assert [event["status"] for event in requests_in(events)] == [503]
