"""Curating the catalogue in the browser."""

from __future__ import annotations

import pytest

from tests.http.web.test_control_people import done

HERE = "/admin/curation"


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


@pytest.fixture
def full(site):
    """Two packages."""
    site.wheel("foo", "1.0")
    site.crate("baz", "0.1.0", description="Bazzes")
    return site


class TestCategories:
    def test_one_is_added_changed_filled_and_removed(self, boss, full, services):
        done(
            boss.post(HERE, do="add-category", title="Web servers", description="They serve"),
            "category-added",
        )
        made = next(each for each in services.curation.categories() if each.title == "Web servers")
        assert (made.slug, made.show_pypi) == ("web-servers", True)
        said = {"id": str(made.id), "title": "Servers", "title_plural": "Servers", "description": ""}
        done(boss.post(HERE, do="change-category", **said), "category-changed")
        made = next(each for each in services.curation.categories() if each.id == made.id)
        assert (made.title, made.show_pypi) == ("Servers", False)
        said = {"package": "cargo:baz", "category": str(made.id), "deprecated": "true"}
        done(boss.post(HERE, do="classify", **said), "package-changed")
        assert boss.post(HERE, do="remove-category", id=str(made.id)).status_int == 409
        other = next(each for each in services.curation.categories() if each.ecosystem == "cargo")
        done(boss.post(HERE, do="classify", package="baz", category=str(other.id)), "package-changed")
        done(boss.post(HERE, do="remove-category", id=str(made.id)), "category-removed")

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"do": "add-category", "title": ""}, 400),
            ({"do": "add-category", "title": "x" * 51}, 400),
            ({"do": "change-category", "id": "999", "title": "x"}, 404),
            ({"do": "change-category", "id": "", "title": "x"}, 400),
            ({"do": "remove-category", "id": "9" * 40}, 404),
            ({"do": "classify", "package": "nope", "category": "1"}, 400),
            ({"do": "classify", "package": "foo", "category": "999"}, 404),
            ({"do": "classify", "package": "foo", "category": ""}, 404),
        ],
    )
    def test_what_cannot_be_done(self, boss, full, fields, status):
        answer = boss.post(HERE, **fields)
        assert answer.status_int == status
        assert 'role="alert"' in answer.text


class TestOutside:
    def test_one_is_added_and_removed(self, boss, services):
        category = str(services.curation.categories()[0].id)
        said = {"title": "Elsewhere", "category": category, "repo_url": "https://git.example.com/x"}
        done(boss.post(HERE, do="add-package", **said), "package-added")
        page = boss.read(HERE)
        assert 'href="https://git.example.com/x"' in page
        [made] = [each for each in services.curation.listed({}) if each.title == "Elsewhere"]
        done(boss.post(HERE, do="remove-package", id=str(made.id)), "package-removed")
        assert "Elsewhere" not in boss.read(HERE)

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "x"])
    def test_addresses_are_of_the_web(self, boss, services, url):
        category = str(services.curation.categories()[0].id)
        answer = boss.post(HERE, do="add-package", title="X", category=category, repo_url=url)
        assert answer.status_int == 400
        assert not services.curation.listed({})


class TestComparison:
    @pytest.fixture
    def grid(self, boss, full):
        answer = boss.post(HERE, do="add-grid", title="Clients", description="Which one?")
        assert answer.status_int == 303
        return answer.headers["Location"].partition("?")[0]

    def test_a_comparison_is_filled_written_and_removed(self, boss, ann, grid, services):
        for package in ("foo", "cargo:baz"):
            done(boss.post(grid, do="place", package=package), "placed")
        done(boss.post(grid, do="add-feature", title="Async"), "feature-added")
        [row] = services.curation.grids()
        [feature] = services.curation.features(row.id)
        cells = {f"cell-{package}": f"says {package}" for package in row.packages}
        said = {"feature": str(feature.id), "title": "Async", "description": "Has it?"} | cells
        done(boss.post(grid, do="write", **said), "cells")
        shown = ann.read("/grids/g/clients/")
        for text in ("Async", "Has it?", *cells.values()):
            assert text in shown
        done(boss.post(grid, do="take-out", package=str(row.packages[0])), "taken-out")
        assert len(services.curation.grids()[0].packages) == 1
        done(boss.post(grid, do="change", title="Of ours", description="", is_locked="true"), "grid-changed")
        [row] = services.curation.grids()
        assert (row.title, row.locked, row.header) == ("Of ours", True, False)
        done(boss.post(grid, do="remove-feature", feature=str(feature.id)), "feature-removed")
        assert boss.post(grid, do="remove").status_int == 400
        done(boss.post(grid, do="remove", confirm="clients"), "grid-removed")
        assert not services.curation.grids()
        assert boss.get(grid).status_int == 404

    def test_only_what_differs_is_written(self, boss, grid, services):
        boss.post(grid, do="place", package="foo")
        boss.post(grid, do="add-feature", title="Async")
        [row] = services.curation.grids()
        [feature] = services.curation.features(row.id)
        said = {
            "feature": str(feature.id),
            "title": "Async",
            "description": "",
            f"cell-{row.packages[0]}": "",
        }
        before = services.state.audit_events(limit=1)
        done(boss.post(grid, do="write", **said), "cells")
        assert services.state.audit_events(limit=1) == before

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"do": "place", "package": "nope"}, 400),
            ({"do": "place", "package": ""}, 400),
            ({"do": "take-out", "package": "999"}, 404),
            ({"do": "add-feature", "title": ""}, 400),
            ({"do": "write", "feature": "999", "title": "x"}, 404),
            ({"do": "remove-feature", "feature": "x"}, 404),
            ({"do": "change", "title": ""}, 400),
        ],
    )
    def test_what_cannot_be_done(self, boss, grid, fields, status):
        answer = boss.post(grid, **fields)
        assert answer.status_int == status
        assert 'role="alert"' in answer.text

    def test_titles_harm_nobody(self, boss, grid, services):
        evil = "<script>alert(1)</script>"
        boss.post(grid, do="change", title=evil, description=evil)
        boss.post(grid, do="place", package="foo")
        boss.post(grid, do="add-feature", title=evil)
        assert "<script>alert" not in boss.read(grid)
        assert "<script>alert" not in boss.read(HERE)
        assert evil in services.curation.grids()[0].title
