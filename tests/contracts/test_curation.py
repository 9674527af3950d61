"""What people add to the catalogue: every promise that HTTP does not show, on every database."""

from __future__ import annotations

import threading

import pytest

from pypicloud_like.core.errors import Conflict, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.state.curation import SqlCuration
from tests.contracts.people import People as Opened
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

FOO, BAR, CRATE = Project("pypi", "foo"), Project("pypi", "bar"), Project("cargo", "foo")


@pytest.fixture
def curation(people: Opened) -> SqlCuration:
    return SqlCuration(people.state.database, clock=people.clock)


@pytest.fixture
def other(people: Opened) -> SqlCuration:
    """As another process has it."""
    return SqlCuration(people.state.database, clock=people.clock)


def slugs(curation: SqlCuration, *projects: Project) -> dict[str, int]:
    return {each.slug: each.id for each in curation.listed({each: each.name for each in projects})}


def test_ids_and_slugs_are_born_once(curation, other):
    assert slugs(curation, FOO, CRATE) == {"foo": 1, "foo-cargo": 2}
    assert slugs(other, CRATE) == {"foo": 1, "foo-cargo": 2}  # what was given is told of what is gone, too
    assert slugs(other, BAR, FOO) == {"foo": 1, "foo-cargo": 2, "bar": 3}
    assert slugs(curation, BAR, FOO, CRATE) == {"foo": 1, "foo-cargo": 2, "bar": 3}


def test_many_who_look_at_once_give_one_id_each(curation, other):
    projects = [Project("pypi", f"p{number}") for number in range(30)]
    seen: list[dict[str, int]] = []
    threads = [
        threading.Thread(target=lambda it=it: seen.append(slugs(it, *projects)))
        for it in [curation, other] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert all(each == seen[0] for each in seen)
    assert len(seen[0]) == 30


def test_a_change_is_seen_by_others_though_clocks_stand_still_or_go_back(curation, other, people):
    number = slugs(curation, FOO)["foo"]
    for minutes, title in ((0, "A"), (0, "B"), (-5, "C"), (1, "D")):
        people.clock.advance(minutes=minutes)
        curation.change_package(number, title=title, actor="boss")
        for each in (curation, other):
            assert [row.title for row in each.listed({FOO: "foo"})] == [title]


def test_what_is_removed_and_added_at_once(curation, other):
    (category, *_) = curation.categories()
    first = curation.add_package("One", slug="one", category=category.id, actor=None)
    assert slugs(other) == {"one": first.id}
    curation.remove_package(first.id, actor=None)
    second = curation.add_package("Two", slug="two", category=category.id, actor=None)
    assert second.id != first.id
    assert slugs(other) == slugs(curation) == {"two": second.id}
    curation.remove_package(second.id, actor=None)
    assert slugs(other) == {}


def test_every_ecosystem_has_a_category(curation, other):
    known = {each.ecosystem: each.id for each in curation.categories()}
    assert known.keys() == {"pypi", "cargo", "jsr"}
    assert {each.ecosystem: each.id for each in other.categories()} == known
    assert {each.category for each in curation.listed({CRATE: "foo"})} == {known["cargo"]}
    with pytest.raises(Conflict):
        curation.remove_category(known["jsr"], actor=None)


def test_a_grid_and_its_parts_go_together(curation):
    number = slugs(curation, FOO)["foo"]
    grid = curation.add_grid("G", slug="g", actor="boss")
    curation.place(grid.id, number, True, actor="boss")
    feature = curation.add_feature(grid.id, "F", description="", actor="boss")
    curation.write_cell(grid.id, feature.id, number, "yes", actor="boss")
    assert curation.features(grid.id)[0].cells == {number: "yes"}
    assert curation.grids()[0].packages == (number,)
    curation.remove_grid(grid.id, actor="boss")
    assert curation.features(grid.id) == []
    for gone in (
        lambda: curation.change_grid(grid.id, actor=None),
        lambda: curation.place(grid.id, number, True, actor=None),
        lambda: curation.change_feature(grid.id, feature.id, actor=None),
        lambda: curation.change_package(99, actor=None),
        lambda: curation.change_category(99, actor=None),
        lambda: curation.use(99, "ann", True),
    ):
        with pytest.raises(NotFound):
            gone()


def test_who_uses_what(curation, other):
    number = slugs(curation, FOO)["foo"]
    curation.use(number, "Ann", True)
    curation.use(number, "ann", True)
    assert other.uses() == {number: {"ann"}}
    curation.use(number, "ann", False)
    assert other.uses() == {}
