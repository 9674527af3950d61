"""The tools of these tests find what they look for."""

from __future__ import annotations

import json

import pytest
from pyramid.response import Response

from tests.openapi.site import CALLERS
from tests.support.described import Documents, hold
from tests.support.need import lacking

PATH = "/api/v4/"
ROOT = dict.fromkeys(("packages", "search", "grids", "categories"), "/x")


def answer(told, *, status=200, kind="application/json"):
    return Response(json.dumps(told).encode(), status=status, content_type=kind)


@pytest.fixture
def documents(app) -> Documents:
    try:
        import jsonschema_rs  # noqa: F401
    except ModuleNotFoundError:
        lacking("jsonschema_rs")
    return Documents(app.app.registry)


def test_what_is_described_has_no_fault(documents):
    assert list(documents.faults("GET", PATH, answer(ROOT))) == []
    assert list(documents.faults("HEAD", PATH, Response(status=200))) == []
    assert list(documents.faults("GET", "/nothing/of/ours", answer({}, status=418))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        answer(ROOT | {"more": 1}),
        answer(ROOT | {"grids": None}),
        answer({}),
        answer([]),
        answer(ROOT, status=201),
        answer({"detail": "x"}, status=418),
        answer(ROOT, kind="text/html"),
    ],
)
def test_anything_else_has_one(app, documents, wrong):
    assert list(documents.faults("GET", PATH, wrong))
    with pytest.raises(AssertionError, match="not as described"):
        hold(app.app.registry, "GET", PATH, wrong)


@pytest.mark.parametrize("wrong", [answer({}), answer({"detail": "x"}, status=500), answer(ROOT, status=418)])
def test_asking_finds_it_too(app, documents, wrong):
    from tests.openapi.asking import exercise, operations

    (operation,) = [
        each for each in operations(app.app, "catalogue") if (each.method, each.path) == ("get", PATH)
    ]

    def lying(environ, start_response):
        return wrong(environ, start_response)

    lying.registry = app.app.registry
    found = exercise(
        lying, operation, CALLERS["anonymous"], {}, examples=2, seed=1, told=lambda _status: None
    )
    assert found
    assert PATH in found
