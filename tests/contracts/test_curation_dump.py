"""All that was curated, taken from one database and put into another one of either kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pypicloud_like.catalogue.dump import from_json, to_json
from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import Project
from pypicloud_like.state.curation import SqlCuration
from tests.contracts.people import People as Opened
from tests.contracts.people import open_people
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import Postgres, postgres, postgres_url  # noqa: F401 - fixtures

FOO, BAR, CRATE = Project("pypi", "foo"), Project("pypi", "bar"), Project("cargo", "foo")
MODULE = Project("jsr", "@acme/foo")


@pytest.fixture
def curation(people: Opened) -> SqlCuration:
    return SqlCuration(people.state.database, clock=people.clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlCuration]:
    """Another database, empty."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'target.sqlite'}")
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield from _opened(url)


def _opened(url: str) -> Iterator[SqlCuration]:
    there = open_people(url)
    there.clock.advance(days=1)
    yield SqlCuration(there.state.database, clock=there.clock)
    there.state.close()


@pytest.fixture
def filled(curation: SqlCuration, people: Opened) -> SqlCuration:
    """Something of everything, with gaps among the ids."""
    curation.listed({FOO: "Foo", CRATE: "foo", MODULE: "@acme/foo", BAR: "bar"})
    people.clock.advance(seconds=5)
    app = curation.add_category("App", slug="app", title_plural="Apps", description="é", actor="boss")
    rival = curation.add_package(
        "Rival", slug="rival", category=app.id, actor="boss", repo_url="https://x.y/"
    )
    gone = curation.add_package("Gone", slug="gone", category=app.id, actor="boss")
    curation.remove_package(gone.id, actor="boss")
    curation.change_package(1, title="Foo!", deprecated=True, category=app.id, actor="boss")
    curation.remove_grid(curation.add_grid("Old", slug="old", actor="boss").id, actor="boss")
    grid = curation.add_grid("Web", slug="web", actor="boss", header=True, locked=True, description="a\nb")
    for package in (rival.id, 1, 2):
        curation.place(grid.id, package, True, actor="boss")
    for title in ("Speed", "Size", "Speed"):
        feature = curation.add_feature(grid.id, title, description="", actor="boss")
        curation.write_cell(grid.id, feature.id, 1, f"{title} {feature.id}", actor="boss")
    curation.write_cell(grid.id, 1, rival.id, "<b>日本", actor="boss")
    curation.use(1, "ann", True)
    curation.use(rival.id, "bob", True)
    return curation


def carried(curation: SqlCuration):
    """What an export of it says, read back from its text."""
    return from_json(json.loads(json.dumps(to_json(curation.dump()))))


@pytest.mark.promise(74)
def test_everything_is_the_same_there(filled, target):
    dump = filled.dump()
    assert (len(dump.categories), len(dump.packages), len(dump.features)) == (4, 5, 3)
    assert dump.grids[0].packages == (5, 1, 2)
    assert dump.last_ids == {"categories": 4, "packages": 6, "grids": 2, "features": 3}
    assert carried(filled) == dump
    target.load(carried(filled), actor=None)
    assert target.dump() == dump
    target.load(carried(filled), actor=None)
    assert target.dump() == dump
    assert target.grids() == filled.grids()
    assert target.categories() == filled.categories()
    assert target.uses() == filled.uses()
    assert target.features(2) == filled.features(2)


def test_ids_go_on_where_they_were(filled, target):
    target.load(carried(filled), actor=None)
    category = target.categories()[0]
    assert target.add_package("New", slug="new", category=category.id, actor=None).id == 7
    assert target.add_grid("New", slug="new", actor=None).id == 3
    assert target.add_feature(3, "New", description="", actor=None).id == 4
    assert {each.id for each in target.listed({Project("pypi", "baz"): "baz"})} == {1, 2, 3, 4, 5, 7, 8}


def test_what_projects_were_given_by_themselves_gives_way(filled, target):
    other = SqlCuration(target._database)
    projects = {BAR: "bar", FOO: "foo"}
    for each in (target, other):
        assert [row.slug for row in each.listed(projects)] == ["bar", "foo"]
        assert len(each.categories()) == 3
    target.load(carried(filled), actor=None)
    for each in (target, other):
        found = {row.project: (row.id, row.slug) for row in each.listed(projects) if row.project}
        assert found[FOO] == (1, "foo")
        assert found[BAR] == (4, "bar")
        assert [row.id for row in each.categories()] == [4, 3, 2, 1]


def test_what_was_curated_there_stays(filled, target):
    projects = {BAR: "bar", FOO: "foo"}
    target.listed(projects)
    target.change_package(1, title="Mine", actor="chef")
    mine = target.add_grid("My web", slug="web", actor="chef", description="mine")
    target.place(mine.id, 2, True, actor="chef")
    speed = target.add_feature(mine.id, "Speed", description="mine", actor="chef")
    target.write_cell(mine.id, speed.id, 2, "mine", actor="chef")
    target.use(2, "ann", True)
    target.load(carried(filled), actor=None)
    rows = {row.slug: row for row in target.listed(projects)}
    assert (rows["bar"].id, rows["bar"].title) == (1, "Mine")
    assert (rows["foo"].id, rows["foo"].title, rows["foo"].deprecated) == (2, None, False)
    assert rows["rival"].id == 5
    assert rows["foo-cargo"].id not in {1, 2, 5}
    (grid,) = target.grids()
    assert (grid.title, grid.description) == ("My web", "mine")
    assert grid.packages == (2, rows["rival"].id, rows["foo-cargo"].id)
    features = target.features(grid.id)
    assert [(each.title, each.cells.get(2)) for each in features] == [
        ("Speed", "mine"),
        ("Size", "Size 2"),
    ]
    assert target.uses() == {2: {"ann"}, 5: {"bob"}}
    before = target.dump()
    target.load(carried(filled), actor=None)
    assert target.dump() == before


@pytest.mark.parametrize("kind", ["category", "package"])
def test_a_slug_of_something_else_is_told_of_and_nothing_changes(filled, target, kind):
    (first, *_) = target.categories()
    if kind == "package":
        target.add_package("My foo", slug="foo", category=first.id, actor=None)
    else:
        target.change_category(first.id, slug="app", actor=None)
    before = target.dump()
    with pytest.raises(Conflict, match=f"belongs to another {kind}"):
        target.load(carried(filled), actor=None)
    # the sequences of PostgreSQL do not go back
    assert replace(target.dump(), last_ids={}) == replace(before, last_ids={})


def test_a_load_is_seen_though_nothing_looks_newer(filled, target):
    """The same number of packages, the same highest id, older times: all is read anew."""
    other = SqlCuration(target._database)
    projects = {FOO: "foo", CRATE: "foo", MODULE: "m", BAR: "bar", Project("pypi", "x"): "x"}
    assert len(other.listed(projects)) == 5
    dump = carried(filled)
    target.load(replace(dump, last_ids={}), actor=None)
    assert {row.id: row.slug for row in other.listed({})} == {
        1: "foo",
        2: "foo-cargo",
        3: "acme-foo",
        4: "bar",
        5: "rival",
    }
