"""The descriptions as documents: nothing is forgotten, nothing is invented, and anybody may read them."""

from __future__ import annotations

import html
import json

import pytest
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request

from pypicloud_like.http.openapi.document import described, systems, undescribed
from tests.openapi.samples import sample
from tests.openapi.site import SYSTEMS
from tests.support.need import lacking


def test_every_route_is_described_once_or_said_to_be_no_json(app):
    assert undescribed(app.app.registry) == []


def test_what_is_said_to_be_no_json_is_none(app):
    known = systems(app.app.registry).values()
    apart = {view for system in known for view in system.apart}
    dialects = {dialect for system in known for dialect in system.apart_dialects}
    for route in app.app.registry["pypicloud_like.routes"].values():
        if "GET" in route.views and (route.views["GET"] in apart or route.dialect in dialects):
            answer = app.ask("GET", sample(route.pattern), headers={"Accept": "application/json"})
            assert answer.status_int >= 300 or answer.content_type != "application/json", route.name


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_described_path_leads_to_its_view(app, name):
    registry = app.app.registry
    mapper = registry.getUtility(IRoutesMapper)
    found = list(described(registry, systems(registry)[name]))
    assert found
    for each in found:
        request = Request.blank(sample(each.path), method=each.method)
        request.registry = registry
        assert mapper(request)["route"].name == each.route.name, each.path
    ids = [each.id for each in found]
    assert len(ids) == len(set(ids))
    assert all(one.isidentifier() for one in ids)


def test_the_index_lists_them_all(app):
    answer = app.ask("GET", "/openapi/index.json")
    listed = {each["name"]: each["url"] for each in answer.json["systems"]}
    assert tuple(listed) == SYSTEMS
    for name, url in listed.items():
        assert url == f"http://localhost:80/openapi/{name}.json"


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_description_is_an_openapi_document(app, name):
    answer = app.ask("GET", f"/openapi/{name}.json")
    assert answer.content_type == "application/json"
    document = answer.json
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://localhost:80"}]
    referred = set(_references(document))
    assert referred == {f"#/components/schemas/{each}" for each in document["components"]["schemas"]}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_description_is_valid(app, name):
    try:
        import schemathesis
    except ModuleNotFoundError:
        lacking("schemathesis")
    schemathesis.openapi.from_dict(app.ask("GET", f"/openapi/{name}.json").json).validate()


def test_a_description_is_ready_bytes_with_an_etag(app):
    answer = app.ask("GET", "/openapi/catalogue.json")
    again = app.ask("GET", "/openapi/catalogue.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_int == 304
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_description_names_the_server_it_was_asked_of(app, services):
    url = "https://index.example.org/sub"
    settings = services.settings
    object.__setattr__(settings.server, "public_url", url)
    assert app.ask("GET", "/openapi/jsr.json").json["servers"] == [{"url": "https://index.example.org"}]


def test_people_find_them_from_every_page(app):
    assert 'href="/openapi/"' in app.ask("GET", "/", headers={"Accept": "text/html"}).text
    page = app.ask("GET", "/openapi/")
    assert page.content_type == "text/html"
    text = html.unescape(page.text)
    registry = app.app.registry
    for name in SYSTEMS:
        assert f'href="/openapi/{name}.json"' in text
        for each in described(registry, systems(registry)[name]):
            assert f"<code>{each.method} {each.path}</code>" in text
    assert len(page.body) < 100_000


def test_an_unknown_description_is_not_found(app):
    assert app.ask("GET", "/openapi/nothing.json").status_int == 404


def _references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def test_documents_are_plain_json(app):
    for name in SYSTEMS:
        document = app.ask("GET", f"/openapi/{name}.json").json
        assert "x-type" not in json.dumps(document)
