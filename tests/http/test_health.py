"""What a supervisor is told of this server."""

import pytest

from pypicloud_like.core.errors import Unavailable

WELL = {"access": "", "cache": "", "storage": ""}


@pytest.mark.promise(163)
@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_all_is_well_without_a_login(app, path):
    answer = app.ask("GET", path)
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == WELL
    assert app.ask("HEAD", path).status_int == 200


@pytest.mark.promise(163)
@pytest.mark.parametrize("part", ["access", "cache", "storage"])
def test_what_is_ill_is_named(app, services, monkeypatch, part):
    def fail():
        raise Unavailable(part) from OSError("/secret/path: connection to 10.0.0.1 refused")

    monkeypatch.setattr(getattr(services, part), "check", fail)
    answer = app.ask("GET", "/health")
    assert answer.status_int == 500
    told = answer.json
    assert told.pop(part)
    assert set(told.values()) == {""}
    assert "secret" not in answer.text
    assert "10.0.0.1" not in answer.text


def test_a_state_that_cannot_be_reached_is_an_ailment_of_access(app, services, monkeypatch):
    def fail():
        raise Unavailable("state")

    monkeypatch.setattr(services.state, "check", fail)
    answer = app.ask("GET", "/health")
    assert answer.status_int == 500
    assert answer.json == WELL | {"access": "The state is unavailable, try again"}


def test_even_a_fault_of_ours_is_told_in_this_shape_and_without_its_words(app, services, monkeypatch):
    def fail():
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(services.storage, "check", fail)
    answer = app.ask("GET", "/health")
    assert answer.status_int == 500
    assert answer.json["storage"]
    assert answer.json["cache"] == ""
    assert "secret" not in answer.text


def test_it_is_kept_by_nobody(app):
    assert app.ask("GET", "/health").headers["Cache-Control"] == "no-store"


def test_several_ailments_are_all_told(app, services, monkeypatch):
    for part in ("cache", "storage"):
        monkeypatch.setattr(getattr(services, part), "check", lambda: (_ for _ in ()).throw(Unavailable("x")))
    answer = app.ask("GET", "/health")
    assert answer.status_int == 500
    assert answer.json["access"] == ""
    assert answer.json["cache"]
    assert answer.json["storage"]


def test_other_methods_are_refused(app):
    for method in ("POST", "PUT", "DELETE"):
        answer = app.ask(method, "/health")
        assert answer.status_int == 405
        assert answer.headers["Allow"] == "GET, HEAD"
