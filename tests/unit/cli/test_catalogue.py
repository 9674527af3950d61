"""Curating by command line, and the same catalogue taken to another server."""

from __future__ import annotations

import json

import pytest

from pypicloud_like import app, assembly
from pypicloud_like.core.model import Project
from pypicloud_like.registry.described import DESCRIBERS
from pypicloud_like.settings.load import load


@pytest.fixture
def curate(run):
    """A command that has to do what it says; gives what it printed."""

    def command(*argv: str) -> str:
        outcome = run("catalogue", *argv)
        assert outcome.code == 0, outcome.err
        return outcome.out

    return command


@pytest.fixture
def grid(curate) -> None:
    """A grid ``web`` with two packages from outside, of a category of their own."""
    curate("categories", "add", "App", "--plural", "Apps", "--show-pypi", "no")
    for title in ("Rival", "Other Rival"):
        curate("packages", "add", title, "--category", "app", "--repo-url", "https://example.org/")
    curate("grids", "add", "Web", "--header", "yes", "--description", "To serve")
    curate("grids", "put", "web", "rival", "other-rival")


def test_categories(curate):
    assert curate("categories", "list").splitlines() == [
        "1\tpython-package\tPython package\tpypi",
        "2\tcrate\tCrate\tcargo",
        "3\tjsr-package\tJSR package\tjsr",
    ]
    assert curate("categories", "add", "App") == "Added the category app (4)\n"
    assert curate("categories", "change", "app", "--slug", "tools", "--title", "Tool").endswith("tools (4)\n")
    assert curate("categories", "list").splitlines()[-1] == "4\ttools\tTool\t"
    curate("categories", "remove", "4")
    assert len(curate("categories", "list").splitlines()) == 3


def test_packages(curate, grid):
    assert curate("packages", "list").splitlines() == [
        "1\trival\tRival\tfrom outside\t\tapp\t",
        "2\tother-rival\tOther Rival\tfrom outside\t\tapp\t",
    ]
    assert curate("packages", "list", "other").count("\n") == 1
    curate("packages", "change", "rival", "--category", "crate", "--deprecated", "yes", "--title", "R")
    assert curate("packages", "list").splitlines()[0] == "1\trival\tR\tfrom outside\t\tcrate\tdeprecated"
    curate("packages", "change", "1", "--forget", "repo_url", "--deprecated", "no")
    assert curate("packages", "list").splitlines()[0].endswith("crate\t")
    curate("packages", "remove", "rival")
    assert curate("packages", "list").count("\n") == 1


def test_grids(curate, grid):
    assert curate("grids", "list") == "1\tweb\tWeb\t2 packages\theader\n"
    assert curate("features", "add", "web", "HTTP/2", "--description", "x") == (
        "Added the feature 1 to the grid web\n"
    )
    curate("features", "cell", "web", "1", "rival", "yes\tand\nmore")
    assert curate("grids", "show", "web") == "\tother-rival\trival\nHTTP/2\t\tyes and more\n"
    curate("features", "change", "1", "1", "--title", "HTTP/3")
    assert curate("features", "list", "web") == "1\tHTTP/3\tx\t1 cells\n"
    curate("grids", "take", "web", "rival")
    assert curate("grids", "show", "web") == "\tother-rival\nHTTP/3\t\n"
    curate("grids", "change", "web", "--locked", "yes", "--header", "no", "--slug", "www")
    assert curate("grids", "list") == "1\twww\tWeb\t1 packages\tlocked\n"
    curate("features", "remove", "www", "1")
    assert curate("features", "list", "www") == ""
    curate("grids", "remove", "www")
    assert curate("grids", "list") == ""


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ("grids put web nix rival", "The package 'nix' not found"),
        ("grids put nix rival", "The grid 'nix' not found"),
        ("grids add Web", "The slug web is taken"),
        ("grids add 123", "slug: must have 1 to 50"),
        ("grids add x --slug a.b", "slug: must have 1 to 50"),
        ("grids change 99999999999999999999 --title x", "The grid '99999999999999999999' not found"),
        ("categories remove app", "Packages are in this category"),
        ("categories remove crate", "New projects come into this category"),
        ("categories change nix --title x", "The category 'nix' not found"),
        ("packages add x --category nix", "The category 'nix' not found"),
        ("packages add x --category app --repo-url javascript:alert(1)", "repo_url: must be an http"),
        ("packages change rival --forget title", "title: is all that"),
        ("features cell web 9 rival x", "Feature not found"),
        ("features cell web x rival x", "The feature 'x' not found"),
        ("features remove web 1", "Feature not found"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, grid, argv, sentence):
    before = json.loads(run("export").out)["catalogue"]
    outcome = run("catalogue", *argv.split())
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"pypicloud-like: {sentence}")
    assert outcome.err.count("\n") == 1
    after = json.loads(run("export").out)["catalogue"]
    assert {**after, "last_ids": {}} == {**before, "last_ids": {}}


@pytest.mark.parametrize(
    "argv", ["", "grids", "grids put web", "grids add", "grids change web --locked maybe", "plants list"]
)
def test_bad_arguments_are_2(run, argv):
    assert run("catalogue", *argv.split()).code == 2


def test_it_is_audited_without_a_name(curate, grid, tmp_path):
    services = assembly.build(load({}, {}, data=tmp_path / "data"))
    try:
        event = services.state.audit_events(limit=1)[0]
        assert (event.action, event.actor, event.subject) == ("catalogue.grid.place", None, "web")
    finally:
        services.close()


def test_it_is_exported_and_imported_with_people(run, curate, grid, tmp_path):
    services = assembly.build(load({}, {}, data=tmp_path / "data"))
    services.curation.listed({Project("cargo", "serde"): "serde"})
    services.curation.use(3, "ann", True)
    services.close()
    assert run("export", "-o", "all.gz").code == 0
    dump = json.loads(run("export").out)
    assert dump["catalogue"]["uses"] == {"3": ["ann"]}
    imported = run("import", "-i", "all.gz", "--data", "other")
    assert imported.out.startswith("Imported 3 packages and 1 grids of the catalogue\n")
    assert json.loads(run("export", "--data", "other").out) == dump
    assert run("catalogue", "grids", "show", "web", "--data", "other").out == "\tother-rival\trival\n"


def test_one_fault_and_nothing_is_imported(run, grid):
    dump = json.loads(run("export").out)
    dump["groups"] = {"devs": []}
    dump["catalogue"]["grids"][0]["slug"] = "1"
    outcome = run("import", "--data", "other", stdin=json.dumps(dump))
    assert outcome.code == 1
    assert outcome.err.startswith("pypicloud-like: catalogue.grids[0].slug: must have")
    assert json.loads(run("export", "--data", "other").out)["groups"] == {}


def test_people_of_the_ini_file_and_a_catalogue(run, grid, tmp_path):
    dump = run("export").out
    (tmp_path / "config.ini").write_text("[app:main]\npypi.auth = config\nserver.data = other\n")
    outcome = run("import", "--config", "config.ini", stdin=dump)
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 packages and 1 grids" in outcome.err
    assert run("catalogue", "grids", "list", "--config", "config.ini").out.startswith("1\tweb")


def test_an_export_of_people_alone_is_fine(run):
    outcome = run("import", stdin=json.dumps({"groups": {"devs": []}}))
    assert outcome.out == "Imported 0 users and 1 groups\n"


def test_commands_describe_what_the_server_describes(tmp_path):
    services = assembly.build(load({}, {}, data=tmp_path / "data"))
    try:
        served = app.make_wsgi(services).registry[DESCRIBERS]
        assert served == assembly.describers()
        assert {each.ecosystem for each in services.curation.categories()} == set(served)
    finally:
        services.close()
