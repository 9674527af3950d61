"""The shelf and its views: an index that is used on finds what a new one finds, and nobody sees more than theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.catalogue.search import Words
from pypicloud_like.catalogue.shelf import Package, Shelf
from pypicloud_like.catalogue.view import View
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.core.ports import Category, Grid, Listed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["ab", "abc", "b", "ba", "c-ab", "ca"]


def a_package(number: int, name: str, weight: int, *, outside: bool = False) -> Package:
    project = None if outside else Project(PYPI, f"{name}-{number}")
    row = Listed(number, f"{name}-{number}", project, 1, name, None, None, False, NOW, NOW)
    return Package(row, None, (), 0, 0, weight, Words.of(name, row.slug, ""))


def a_grid(number: int, *packages: int) -> Grid:
    return Grid(number, f"g{number}", "ab", "", False, False, packages, NOW, NOW)


packages = st.dictionaries(
    st.integers(1, 12),
    st.tuples(st.sampled_from(NAMES), st.integers(0, 3), st.booleans()),
    max_size=12,
).map(lambda found: {number: a_package(number, *said[:2], outside=said[2]) for number, said in found.items()})
"""Id → a package."""


def shelved(found: dict[int, Package], before: Shelf | None = None) -> Shelf:
    return Shelf([found[number] for number in sorted(found, reverse=True)], prefix="", before=before)


@settings(deadline=None)
@given(
    st.lists(packages, min_size=1, max_size=4),
    st.sampled_from(["a", "ab", "b", "-", "x"]),
    st.integers(0, 20),
)
def test_an_index_of_before_finds_what_a_new_one_finds(moments, words, many):
    shelf, there = None, {}
    for moment in moments:
        # what is the same is the same object, as whoever makes packages promises
        there = {
            number: there[number] if there.get(number) == package else package
            for number, package in moment.items()
        }
        with patch("pypicloud_like.catalogue.shelf._MANY", many):
            shelf = shelved(there, shelf)
    fresh = shelved(there)
    assert list(shelf.find(words)) == list(fresh.find(words))
    assert shelf.ranked == fresh.ranked
    assert (shelf.by_id, shelf.by_slug, shelf.by_project) == (fresh.by_id, fresh.by_slug, fresh.by_project)


@settings(deadline=None)
@given(packages, st.booleans(), st.sets(st.integers(1, 12)), st.sampled_from(["a", "ab", "b", "ab-1"]))
def test_a_reader_sees_what_they_may_read_and_nothing_else(there, default, numbers, words):
    projects = {each.listed.id: each.listed.project for each in there.values()}
    named = frozenset(projects[number] for number in numbers if projects.get(number) is not None)
    reads = ReadSet(default, named)
    grids = [a_grid(2, *there), a_grid(1)]
    view = View(shelved(there), {PYPI: reads}, grids, [])
    mine = {
        number: package
        for number, package in there.items()
        if package.listed.project is None or package.listed.project in reads
    }
    assert {each.listed.id for each in view.packages} == mine.keys()
    assert dict(view.by_id) == mine
    assert len(view.by_slug) == len(mine)
    assert set(view.by_project) == {each.listed.project for each in mine.values()} - {None}
    assert all(number not in view.by_id for number in there.keys() - mine.keys())
    assert {each.listed.id for each in view.members(grids[0])} == mine.keys()
    assert [each.listed.id for each in view.ranked_packages] == [
        each.listed.id for each in sorted(mine.values(), key=lambda it: (-it.weight, it.title, it.listed.id))
    ]
    alone = View(shelved(mine), {PYPI: ReadSet(True, frozenset())}, grids, [])
    assert view.search(words, 50) == alone.search(words, 50)


def test_whoever_sees_few_of_very_many_finds_these():
    there = {number: a_package(number, "ab", number % 7) for number in range(1, 400)}
    seen = frozenset(there[number].listed.project for number in (5, 77, 390))
    view = View(
        shelved(there),
        {PYPI: ReadSet(False, seen)},
        [],
        [Category(1, "x", "x", "", "", True, PYPI, NOW, NOW)],
    )
    assert {each.listed.id for each in view.search("ab", 20)} == {5, 77, 390}
