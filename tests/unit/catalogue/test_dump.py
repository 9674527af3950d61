"""What an export of the catalogue may say, and what is refused with the place where it stands."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pypicloud_like.catalogue.dump import from_json
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.ports import Curated

TIMES = {"created": "2026-01-02T03:04:05+00:00", "modified": "2026-01-02T03:04:05.000001+00:00"}
SOUND: dict[str, Any] = {
    "version": 1,
    "categories": [
        {"id": 1, "slug": "app", "title": "App", "title_plural": "", "description": "", "show_pypi": True,
         "ecosystem": None, **TIMES}
    ],
    "packages": [
        {"id": 7, "slug": "foo", "title": None, "project": "Foo", "category": 1, "repo_url": None,
         "documentation_url": "", "deprecated": False, **TIMES}
    ],
    "grids": [
        {"id": 3, "slug": "web", "title": "Web", "description": "", "is_locked": False, "header": True,
         "packages": [7], "features": [{"id": 1, "title": "x", "description": "", "cells": {"7": "yes"}}],
         **TIMES}
    ],
    "uses": {"7": ["Ann"]},
    "last_ids": {"packages": 9},
}  # fmt: skip


def test_what_is_sound():
    told = from_json(SOUND)
    assert told.packages[0].project is not None
    assert (told.packages[0].project.name, told.packages[0].documentation_url) == ("foo", "")
    assert told.packages[0].modified.microsecond == 1
    assert told.features[0].cells == {7: "yes"}
    assert (told.features[0].grid, told.uses, told.last_ids) == (3, {7: {"ann"}}, {"packages": 9})
    assert from_json({}) == Curated(features=[], categories=[], packages=[], grids=[])


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ((), [], "catalogue"),
        (("version",), 2, "catalogue.version"),
        (("more",), 1, "catalogue.more"),
        (("categories",), {}, "catalogue.categories"),
        (("categories", 0), 3, "catalogue.categories[0]"),
        (("categories", 0, "id"), 0, "catalogue.categories[0].id"),
        (("categories", 0, "id"), True, "catalogue.categories[0].id"),
        (("categories", 0, "id"), 2**31, "catalogue.categories[0].id"),
        (("categories", 0, "slug"), "12", "catalogue.categories[0].slug"),
        (("categories", 0, "slug"), "a/b", "catalogue.categories[0].slug"),
        (("categories", 0, "title"), "x" * 51, "catalogue.categories[0].title"),
        (("categories", 0, "show_pypi"), 1, "catalogue.categories[0].show_pypi"),
        (("categories", 0, "ecosystem"), "npm", "catalogue.categories[0].ecosystem"),
        (("categories", 0, "ecosystem"), ["pypi"], "catalogue.categories[0].ecosystem"),
        (("categories", 0, "created"), "yesterday", "catalogue.categories[0].created"),
        (("categories", 0, "created"), 3, "catalogue.categories[0].created"),
        (("categories", 0, "created"), "0001-01-01T00:00:00+14:00", "catalogue.categories[0].created"),
        (("packages", 0, "modified"), "9999-12-31T23:59:59.999999Z", "catalogue.packages[0].modified"),
        (("packages", 0, "id"), 2**31 - 1, "catalogue.packages[0].id"),
        (("last_ids",), {"packages": 2**31 - 1}, "catalogue.last_ids.packages"),
        (("categories", 0, "colour"), "red", "catalogue.categories[0].colour"),
        (("packages", 0, "project"), "no:such", "catalogue.packages[0].package"),
        (("packages", 0, "project"), 3, "catalogue.packages[0].project"),
        (("packages", 0, "project"), None, "catalogue.packages[0].title"),
        (("packages", 0, "category"), 2, "catalogue.packages"),
        (("packages", 0, "repo_url"), "javascript:alert(1)", "catalogue.packages[0].repo_url"),
        (("packages", 0, "deprecated"), None, "catalogue.packages[0].deprecated"),
        (("grids", 0, "packages"), [7, 8], "catalogue.grids"),
        (("grids", 0, "packages"), [7, 7], "catalogue.grids[0].packages"),
        (("grids", 0, "packages"), None, "catalogue.grids[0].packages"),
        (("grids", 0, "description"), "\ud800", "catalogue.grids[0].description"),
        (("grids", 0, "features"), 1, "catalogue.grids[0].features"),
        (("grids", 0, "features", 0, "title"), "a\nb", "catalogue.grids[0].features[0].title"),
        (("grids", 0, "features", 0, "cells"), {"8": "x"}, "catalogue.grids[0].features[0].cells"),
        (("grids", 0, "features", 0, "cells"), {"x": "x"}, "catalogue.grids[0].features[0].cells"),
        (("grids", 0, "features", 0, "cells"), {"7": "x\0"}, "catalogue.grids[0].features[0].cells"),
        (("grids", 0, "features", 0, "cells"), {"7": "x" * 1001}, "catalogue.grids[0].features[0].cells"),
        (("uses",), {"8": ["ann"]}, "catalogue.uses"),
        (("uses",), {"x": ["ann"]}, "catalogue.uses"),
        (("uses",), {"7": "ann"}, "catalogue.uses.7"),
        (("uses",), {"7": [""]}, "catalogue.uses.7"),
        (("last_ids",), {"packages": -1}, "catalogue.last_ids.packages"),
        (("last_ids",), {"users": 1}, "catalogue.last_ids.users"),
    ],
)
def test_what_is_not(path, value, where):
    data = copy.deepcopy(SOUND)
    if path:
        part: Any = data
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
    else:
        data = value
    with pytest.raises(InvalidRequest) as refused:
        from_json(data)
    assert refused.value.field == where


@pytest.mark.parametrize("kind", ["categories", "packages", "grids"])
@pytest.mark.parametrize("name", ["id", "slug", "project", "ecosystem"])
def test_nothing_is_there_twice(kind, name):
    data = copy.deepcopy(SOUND)
    twin = copy.deepcopy(data[kind][0])
    if name in {"project", "ecosystem"} and name not in twin:
        return
    twin |= {"id": 99, "slug": "other"}
    if name in {"id", "slug"}:
        twin[name] = data[kind][0][name]
    elif name == "ecosystem":
        data[kind][0][name] = twin[name] = "pypi"
    if kind == "grids":
        twin["features"] = []
    data[kind].append(twin)
    with pytest.raises(InvalidRequest, match="twice"):
        from_json(data)


def test_a_feature_is_of_one_grid():
    data = copy.deepcopy(SOUND)
    data["grids"].append(copy.deepcopy(data["grids"][0]) | {"id": 4, "slug": "other"})
    with pytest.raises(InvalidRequest, match="twice"):
        from_json(data)
