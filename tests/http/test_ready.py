"""What load balancers and supervisors are told."""

import threading
import time

import pytest

from pypicloud_like.core.errors import NoSpace, Unavailable

PARTS = {"access": "ok", "state": "ok", "index": "ok", "storage": "ok"}


def part(services, name):
    return services.cache if name == "index" else getattr(services, name)


@pytest.fixture
def release():
    """What hangs, hangs until the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.promise(163)
@pytest.mark.parametrize("path", ["/ready", "/ready/"])
def test_all_is_well_without_a_login(app, path):
    answer = app.ask("GET", path)
    assert answer.status_int == 200
    assert answer.json == {"ready": True, "parts": PARTS}
    assert answer.headers["Cache-Control"] == "no-store"
    assert app.ask("HEAD", path).status_int == 200


@pytest.mark.promise(163)
@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    ("fault", "word"),
    [(Unavailable("x"), "unavailable"), (NoSpace(), "full"), (RuntimeError("/secret/path"), "failed"),
     (OSError("10.0.0.1 refused"), "failed")],
)  # fmt: skip
def test_what_does_not_answer_is_named_by_a_word(app, services, monkeypatch, name, fault, word):
    def fail():
        raise fault from OSError("/secret/path at 10.0.0.1")

    monkeypatch.setattr(part(services, name), "check", fail)
    answer = app.ask("GET", "/ready")
    assert answer.status_int == 503
    assert answer.json == {"ready": False, "parts": PARTS | {name: word}}
    assert answer.headers["Retry-After"] == "5"
    assert "secret" not in answer.text
    assert "10.0.0.1" not in answer.text


@pytest.mark.promise(163)
@pytest.mark.parametrize("name", PARTS)
def test_what_hangs_is_not_waited_for(app, services, monkeypatch, name, release):
    monkeypatch.setattr(part(services, name), "check", lambda: release.wait(30) and None)
    before = threading.active_count()
    for _ in range(3):
        began = time.monotonic()
        answer = app.ask("GET", "/ready")
        assert time.monotonic() - began < 10
        assert (answer.status_int, answer.json["parts"][name]) == (503, "timeout")
    assert threading.active_count() <= before + 1, "whoever asks again shares the question"
    health = app.ask("GET", "/health")
    assert health.status_int == 500
    assert "It does not answer in time" in health.json.values()
    assert app.ask("GET", "/alive").status_int == 200
    release.set()
    deadline = time.monotonic() + 20
    while app.ask("GET", "/ready").status_int != 200:
        assert time.monotonic() < deadline


@pytest.mark.promise(163)
def test_alive_asks_nobody(app, services, monkeypatch):
    def fail():
        raise AssertionError("asked")

    for name in PARTS:
        monkeypatch.setattr(part(services, name), "check", fail)
    answer = app.ask("GET", "/alive")
    assert (answer.status_int, answer.json) == (200, {"alive": True})
