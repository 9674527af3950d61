"""The index over routes answers as Pyramid's mapper does, which tries them all."""

from __future__ import annotations

import itertools
import random

import pytest
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

from pypicloud_like.http.matching import Mapper

PATTERNS = (
    "/",
    "/simple/",
    "/simple",
    "/simple/{project}/",
    "/simple/{project}",
    "/simple/+simple/{project}",
    "/simple/{project}/json{slash:/?}",
    "/search{slash:/?}",
    "/project/{name}{slash:/?}",
    "/project/{name}/{version}{slash:/?}",
    "/cargo/index/config.json{slash:/?}",
    "/cargo/index/{path:.+}",
    "/api/package/",
    "/api/package/{project}/{filename}{slash:/?}",
    "/api/pack{rest}",
    "/api/{path:.+}",
    "/@{scope:[^/@]+}/{name}",
    "/@{scope}/{name}/{path:.+}",
    "/{slashes:/*}@{rest:(?s:.*)}",
    "/{project}/json{slash:/?}",
    "/{project}/",
    "/{project}",
    "static/*rest",
)
WORDS = (
    "",
    "simple",
    "search",
    "project",
    "cargo",
    "index",
    "api",
    "package",
    "packages",
    "@a",
    "@",
    "static",
)
WORDS += ("config.json", "json", "+simple", "foo", "se", "searching", "é")


def mapped(mapper, path):
    found = mapper(Request.blank("/", environ={"PATH_INFO": path.encode().decode("latin-1")}))
    return found["route"] and found["route"].name, found["match"]


@pytest.fixture(scope="module")
def both():
    ours, theirs = Mapper(), RoutesMapper()
    for number, pattern in enumerate(PATTERNS):
        for mapper in (ours, theirs):
            mapper.connect(str(number), pattern)
    return ours, theirs


@pytest.mark.parametrize("depth", range(5))
def test_every_path_of_known_and_unknown_words_has_the_route_it_has_with_pyramid(both, depth):
    ours, theirs = both
    paths = list(itertools.product(WORDS, repeat=depth))
    random.Random(depth).shuffle(paths)
    for words in paths[:3000]:
        path = "/" + "/".join(words)
        assert mapped(ours, path) == mapped(theirs, path), path


def test_few_routes_are_tried(both):
    ours, _ = both
    assert len(ours.candidates("/simple/foo/")) < len(PATTERNS) / 2
    assert len(ours.candidates("/@scope/name/meta.json")) < len(PATTERNS) / 2


def test_a_route_that_is_added_later_is_found():
    mapper = Mapper()
    mapper.connect("one", "/one")
    assert mapped(mapper, "/two") == (None, None)
    mapper.connect("two", "/two")
    assert mapped(mapper, "/two") == ("two", {})
