"""The list of projects, and the flat page of all files."""

from __future__ import annotations

import json

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel
from tests.http.pypi.site import JSON


def listed(site, user="ann") -> list[str]:
    answer = site.ask("GET", "/simple/", user=user, headers={"Accept": JSON})
    assert answer.status_int == 200
    return [project["name"] for project in json.loads(answer.body)["projects"]]


def test_each_project_stands_once_in_both_forms(site):
    site.publish(a_wheel("Zeta", "1.0"), a_wheel("Zeta", "2.0"), a_wheel("al.pha", "1.0"))
    assert listed(site) == ["al.pha", "Zeta"]
    html = site.ask("GET", "/simple/", user="ann").text
    assert html.count('href="/simple/zeta/"') == html.count('href="/simple/al-pha/"') == 1
    assert '<meta name="pypi:repository-version" content="1.4">' in html


def test_an_empty_index_has_an_empty_list(site):
    assert listed(site) == []
    assert site.ask("GET", "/packages/", user="ann").status_int == 200


def test_mirrors_find_a_serial_for_each_project(site):
    site.publish(a_wheel("one", "1.0"), a_wheel("two", "1.0"), a_wheel("one", "1.1"))
    answer = site.ask("GET", "/simple/", user="ann", headers={"Accept": JSON})
    document = json.loads(answer.body)
    serials = {project["name"]: project["_last-serial"] for project in document["projects"]}
    assert serials["one"] > serials["two"] > 0
    assert (
        document["meta"]["_last-serial"] == max(serials.values()) == int(answer.headers["X-PyPI-Last-Serial"])
    )
    for name, serial in serials.items():
        assert site.page(name)["meta"]["_last-serial"] == serial
        told = site.ask("GET", f"/pypi/{name}/json", user="ann")
        assert told.json["last_serial"] == serial
        page = site.ask("GET", f"/simple/{name}/", user="ann", headers={"Accept": JSON})
        assert int(page.headers["X-PyPI-Last-Serial"]) >= serial


def test_deleted_and_quarantined_projects_are_left_out(site):
    gone, shut = a_wheel("gone", "1.0"), a_wheel("shut", "1.0")
    site.publish(gone, shut, a_wheel("stays", "1.0"))
    site.ask("DELETE", f"/api/package/gone/{gone.filename}", user="boss")
    site.ask("PUT", "/api/project/shut/status?status=quarantined", user="boss")
    assert listed(site) == ["stays"]
    flat = site.ask("GET", "/packages/", user="ann").text
    assert "stays-1.0" in flat
    assert "gone-1.0" not in flat
    assert "shut-1.0" not in flat


def test_each_reader_sees_what_they_may_read(site):
    site.publish(a_wheel("open", "1.0"), a_wheel("secret", "1.0"))
    site.services.access.grant(Project(PYPI, "secret"), "user", "bob", Right.READ, actor=None)
    for _ in range(2):
        assert listed(site, "ann") == ["open"]
        assert listed(site, "bob") == ["open", "secret"]
        assert listed(site, "boss") == ["open", "secret"]
    assert "secret" not in site.ask("GET", "/packages/", user="ann").text
    assert "secret" in site.ask("GET", "/packages/", user="bob").text
    site.services.access.revoke(Project(PYPI, "secret"), "user", "bob", Right.READ, actor=None)
    site.services.access.grant(Project(PYPI, "secret"), "user", "ann", Right.READ, actor=None)
    assert listed(site, "ann") == ["open", "secret"]
    assert listed(site, "bob") == ["open"]


def test_anonymous_readers_of_a_private_index_see_an_empty_list_or_are_asked_to_log_in(site):
    site.publish(a_wheel("open", "1.0"))
    answer = site.ask("GET", "/simple/", headers={"Accept": JSON})
    assert answer.status_int in {200, 401}
    assert b"open" not in answer.body


@pytest.mark.parametrize("base", ["/pypi/", "/legacy/"])
def test_the_aliases_have_the_same_list(site, base):
    site.publish(a_wheel("foo", "1.0"))
    one = site.ask("GET", base, user="ann", headers={"Accept": JSON})
    assert one.body == site.ask("GET", "/simple/", user="ann", headers={"Accept": JSON}).body


def test_every_link_of_the_flat_page_works(site):
    files = [a_wheel("foo", "1.0"), a_wheel("bar", "2.0+x.1")]
    site.publish(*files)
    flat = site.ask("GET", "/packages/", user="ann")
    links = (
        [found["href"].partition("#")[0] for found in flat.html.find_all("a")]
        if hasattr(flat, "html")
        else []
    )
    assert len(links) == 2
    assert {site.ask("GET", link, user="ann").body for link in links} == {built.content for built in files}
