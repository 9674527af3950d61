"""Curating: categories, packages from outside, grids with features and cells."""

from __future__ import annotations

import pytest


@pytest.fixture
def grid(site) -> int:
    """A grid with ``foo`` (1) and ``bar`` (2), which came in this order."""
    site.wheel("foo")
    site.read("packages/")
    site.wheel("bar")
    site.read("packages/")
    number = site.curate("POST", "grids", {"title": "Web Servers", "header": True}, status=201)["id"]
    for package in (1, 2):
        site.curate("PUT", f"grids/{number}/packages/{package}")
    return number


def test_a_grid_from_its_making_to_its_end(site, grid):
    told = site.read("grids/web-servers/")
    assert list(told) == [
        "id", "title", "slug", "description", "is_locked", "packages", "header", "created", "modified",
    ]  # fmt: skip
    assert told == site.read(f"grids/{grid}/")
    assert told["packages"] == [f"http://localhost:80/api/v4/packages/{number}/" for number in (2, 1)]
    assert site.read("packages/foo/")["grids"] == [f"http://localhost:80/api/v4/grids/{grid}/"]
    site.curate("PUT", f"grids/{grid}/packages/1")
    assert len(site.read(f"grids/{grid}/")["packages"]) == 2
    feature = site.curate("POST", f"grids/{grid}/features", {"title": "HTTP/2"}, status=201)["id"]
    site.curate("PUT", f"grids/{grid}/features/{feature}/packages/1", {"text": "yes <b>"})
    (row,) = site.curate("GET", f"grids/{grid}")["features"]
    assert row == {"id": feature, "title": "HTTP/2", "description": "", "cells": {"1": "yes <b>"}}
    site.curate("PATCH", f"grids/{grid}/features/{feature}", {"title": "HTTP/3", "description": "x"})
    site.curate("PUT", f"grids/{grid}/features/{feature}/packages/1", {"text": "no"})
    (row,) = site.curate("GET", f"grids/{grid}")["features"]
    assert (row["title"], row["cells"]) == ("HTTP/3", {"1": "no"})
    site.curate("DELETE", f"grids/{grid}/packages/1")
    assert site.curate("GET", f"grids/{grid}")["features"][0]["cells"] == {}
    changed = site.curate("PATCH", f"grids/{grid}", {"is_locked": True, "slug": "Servers", "title": "S"})
    assert (changed["is_locked"], changed["slug"], changed["title"]) == (True, "servers", "S")
    site.curate("DELETE", f"grids/{grid}/features/{feature}")
    site.curate("DELETE", f"grids/{grid}")
    assert site.read("grids/")["count"] == 0
    assert site.read("packages/bar/")["grids"] == []


def test_grids_are_found_too(site, grid):
    (found,) = site.read("search/?q=web%20serv")
    assert (found["item_type"], found["absolute_url"]) == ("grid", "/grids/g/web-servers/")
    assert (found["participants"], found["last_released"], found["category"]) == ("", None, "")
    assert found["weight"] == 40 * 4 // 6  # header and filled, not locked


def test_a_package_is_in_several_grids_in_the_order_of_joining(site, grid):
    other = site.curate("POST", "grids", {"title": "Other"}, status=201)["id"]
    site.curate("PUT", f"grids/{other}/packages/1")
    base = "http://localhost:80/api/v4/grids/"
    assert site.read("packages/foo/")["grids"] == [f"{base}{grid}/", f"{base}{other}/"]


def test_a_package_from_outside(site, grid):
    category = site.read("categories/")["results"][0]["id"]
    said = {"title": "Rival", "category": category, "repo_url": "https://example.org/rival"}
    made = site.curate("POST", "packages", said, status=201)
    assert (made["pypi_version"], made["pypi_url"], made["last_updated"]) == (None, "", None)
    site.curate("PUT", f"grids/{grid}/packages/{made['id']}")
    assert site.read("packages/rival/")["repo_url"] == "https://example.org/rival"
    assert len(site.read(f"grids/{grid}/", user=None)["packages"]) == 3
    site.curate("DELETE", f"packages/{made['id']}")
    assert len(site.read(f"grids/{grid}/")["packages"]) == 2
    site.curate("DELETE", "packages/1", status=409)


def test_what_people_say_wins_until_it_is_forgotten(site, grid):
    said = {"title": "Foo!", "repo_url": "https://example.org/", "documentation_url": "https://example.org/d"}
    site.curate("PATCH", "packages/1", said)
    told = site.read("packages/1/")
    assert {key: told[key] for key in said} == said
    assert told["slug"] == "foo"
    assert site.search("Foo!") == ["Foo!"]
    site.curate("PATCH", "packages/1", dict.fromkeys(said))
    told = site.read("packages/1/")
    assert (told["title"], told["repo_url"], told["documentation_url"]) == ("foo", "", None)
    weight = site.read("search/?q=foo")[0]["weight"]
    site.curate("PATCH", "packages/1", {"deprecated": True})
    assert site.read("search/?q=foo")[0]["weight"] == weight - 20


def test_categories(site, grid):
    made = site.curate("POST", "categories", {"title": "App", "title_plural": "Apps"}, status=201)
    site.curate("POST", "categories", {"title": "App"}, status=409)
    site.curate("PATCH", "packages/1", {"category": made["id"]})
    assert site.read("packages/1/")["category"].endswith(f"/categories/{made['id']}/")
    site.curate("DELETE", f"categories/{made['id']}", status=409)
    changed = site.curate("PATCH", f"categories/{made['id']}", {"title": "Tool", "show_pypi": False})
    assert (changed["title"], changed["slug"], changed["show_pypi"]) == ("Tool", "app", False)
    python = site.read("packages/2/")["category"].split("/")[-2]
    site.curate("PATCH", "packages/1", {"category": int(python)})
    site.curate("DELETE", f"categories/{made['id']}")
    site.curate("DELETE", f"categories/{python}", status=409)


def test_cells_of_other_grids_and_packages(site, grid):
    other = site.curate("POST", "grids", {"title": "Other"}, status=201)["id"]
    feature = site.curate("POST", f"grids/{other}/features", {"title": "x"}, status=201)["id"]
    for path in (
        f"grids/{grid}/features/{feature}/packages/1",
        f"grids/{other}/features/{feature}/packages/1",
        f"grids/{other}/features/99/packages/1",
    ):
        site.curate("PUT", path, {"text": "x"}, status=404)
    site.curate("PUT", f"grids/{grid}/packages/99", status=404)
    site.curate("PUT", "grids/99/packages/1", status=404)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "grids", {}),
        ("POST", "grids", []),
        ("POST", "grids", {"title": ""}),
        ("POST", "grids", {"title": "x" * 101}),
        ("POST", "grids", {"title": "a\nb"}),
        ("POST", "grids", {"title": "x", "slug": "a b"}),
        ("POST", "grids", {"title": "123"}),
        ("POST", "grids", {"title": "日本"}),
        ("POST", "grids", {"title": "x", "header": 1}),
        ("POST", "grids", {"title": "x", "description": "x" * 1001}),
        ("POST", "categories", {"title": "x" * 51}),
        ("POST", "packages", {"title": "x"}),
        ("POST", "packages", {"title": "x", "category": True}),
        ("POST", "packages", {"title": "x", "category": 1, "repo_url": "javascript:alert(1)"}),
        ("PATCH", "packages/1", {"repo_url": 1}),
        ("PATCH", "packages/1", {"deprecated": "yes"}),
        ("PATCH", "packages/1", {"category": ["x"]}),
        ("PUT", "grids/1/features/1/packages/1", {"text": 1}),
        ("PUT", "grids/1/features/1/packages/1", {"text": "x" * 1001}),
    ],
)
def test_what_cannot_be_said(site, grid, method, path, said):
    site.curate("POST", "grids/1/features", {"title": "x"}, status=201)
    site.curate(method, path, said, status=400)


@pytest.mark.promise(132)
@pytest.mark.parametrize("user", ["ann", None])
def test_only_administrators_curate(site, grid, user):
    status = 403 if user else 401
    for method, path in (
        ("POST", "grids"),
        ("PATCH", f"grids/{grid}"),
        ("DELETE", f"grids/{grid}"),
        ("PUT", f"grids/{grid}/packages/1"),
        ("POST", "categories"),
        ("PATCH", "packages/1"),
    ):
        said = {"title": "x"} if method != "DELETE" else None
        site.curate(method, path, said, user=user, status=status)
    assert site.read("grids/")["count"] == 1


def test_slugs_of_grids_are_taken_once(site, grid):
    site.curate("POST", "grids", {"title": "Web servers"}, status=409)
    other = site.curate("POST", "grids", {"title": "Other"}, status=201)["id"]
    site.curate("PATCH", f"grids/{other}", {"slug": "web-servers"}, status=409)
    site.curate("PATCH", f"grids/{other}", {"slug": "other"})


def test_it_is_audited(site, grid):
    site.curate("PATCH", f"grids/{grid}", {"header": False})
    event = site.services.state.audit_events(limit=1)[0]
    assert (event.action, event.actor, event.subject) == ("catalogue.grid.change", "boss", "web-servers")
