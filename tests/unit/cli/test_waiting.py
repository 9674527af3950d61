"""What a server says while what it depends on is away, and how that ends."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest

from pypicloud_like.cli import waiting
from pypicloud_like.cli.waiting import Waiting
from pypicloud_like.core.errors import ConfigurationError, Unavailable


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(waiting, "_PAUSE", 0.02)


def ask(app, path, method="GET"):
    told = []
    body = b"".join(app({"PATH_INFO": path, "REQUEST_METHOD": method}, lambda *given: told.extend(given)))
    return told[0], dict(told[1]), body


def served(_environ, start_response):
    start_response("200 OK", [])
    return [b"served"]


def test_what_can_be_made_is_served_itself():
    assert Waiting(lambda: served).begin() is served


def test_until_it_can_be_made(caplog):
    there = threading.Event()
    made = threading.Event()

    def make():
        if not there.is_set():
            raise Unavailable("database") from OSError("no\nroute")
        made.set()
        return served

    here = Waiting(make)
    app = here.begin()
    status, headers, body = ask(app, "/simple/")
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
    assert body == b"The server is starting. The database is unavailable, try again\n"
    assert ask(app, "/simple/", "HEAD")[2] == b""
    told = json.loads(ask(app, "/cargo/index/config.json")[2])
    assert told["error"] == "unavailable"
    assert ask(app, "/alive")[0] == "200 OK"
    assert ask(app, "/ready/")[0] == "503 Service Unavailable"
    status, _, body = ask(app, "/health")
    assert status.startswith("500")
    assert json.loads(body)["cache"] == "The database is unavailable, try again"
    there.set()
    assert made.wait(20)
    while ask(app, "/simple/")[2] != b"served":
        pass
    here.end()
    assert "(no route)" in caplog.text


def test_what_can_never_be_made_ends_the_process(monkeypatch):
    tries = iter([Unavailable("database"), ConfigurationError(["too new"])])
    ended = threading.Event()
    signals = []
    monkeypatch.setattr(os, "kill", lambda *given: (signals.append(given), ended.set()))

    def make():
        raise next(tries)

    here = Waiting(make)
    here.begin()
    assert ended.wait(20)
    assert signals == [(os.getpid(), signal.SIGTERM)]
    with pytest.raises(ConfigurationError, match="too new"):
        here.end()


def test_a_wrong_setting_ends_the_start_at_once():
    def make():
        raise ConfigurationError(["no such backend"])

    with pytest.raises(ConfigurationError):
        Waiting(make).begin()


def test_a_stop_meanwhile():
    def make():
        raise Unavailable("database")

    here = Waiting(make)
    here.begin()
    here.end()
    assert not here._thread.is_alive()
