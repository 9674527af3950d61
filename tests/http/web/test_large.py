"""Pages stay small and tell the whole, however much there is to show."""

from __future__ import annotations

import pytest

from pypicloud_like.core.model import PYPI, Project, Status
from pypicloud_like.registry import curate
from pypicloud_like.web.browse.readmes import READMES
from tests.builders import a_wheel
from tests.http.web.conftest import EVERY_USER_MAINTAINS

LIGHT = 80_000
"""Bytes of a page, which with what it loads must stay below 100 kB."""


@pytest.fixture
def ini():
    return EVERY_USER_MAINTAINS


def test_what_an_author_says_at_length(site, ann):
    site.publish(
        a_wheel(
            "wordy",
            metadata={
                "Summary": "s" * 100_000,
                "Author": "a" * 100_000,
                "Requires-Dist": [f"need-{number}>=1; extra == 'all'" for number in range(450)],
                "Provides-Extra": ["all"],
                "Project-URL": [f"L{number}, https://example.com/{number}" for number in range(2000)],
            },
        )
    )
    page = ann.read("/project/wordy/")
    assert len(page) < LIGHT
    assert "need-99<" in page
    assert "need-100<" not in page
    last = ann.read("/project/wordy/?needs=5")
    assert "need-449<" in last
    assert 'href="?needs=4#needs"' in last


def test_files_of_a_large_release_can_be_deleted_one_by_one(site, ann, services):
    for version in ("1.0", "1.1"):
        for number in range(60):
            site.publish(a_wheel("large", version, tags=f"cp311-cp311-manylinux_2_{17 + number}_x86_64"))
    page = ann.read("/manage/pypi/large")
    assert "manylinux" not in page
    asked = ann.read("/manage/pypi/large?delete=1.0")
    assert "All 60 files" in asked
    assert len(asked) < LIGHT
    name = "large-1.0-cp311-cp311-manylinux_2_76_x86_64.whl"
    assert name not in asked
    assert f"delete=1.0&amp;filename={name}" in ann.read("/manage/pypi/large?delete=1.0&page=2")
    only = ann.read(f"/manage/pypi/large?delete=1.0&filename={name}")
    assert "manylinux_2_75" not in only
    done = ann.post("/manage/pypi/large", do="delete", version="1.0", filename=name, sure="yes")
    assert f"{name} is deleted" in done.text
    assert len(services.cache.files(Project(PYPI, "large"))) == 119
    assert ann.read(f"/manage/pypi/large?delete=1.0&filename={name}", status=404)


def test_what_came_after_the_question_is_asked_about_too(site, ann, services):
    site.publish(a_wheel("grows"))
    assert 'name="count" value="1"' in ann.read("/manage/pypi/grows?delete=1.0")
    site.publish(a_wheel("grows", tags="cp311-cp311-linux_x86_64"))
    sure = {"do": "delete", "version": "1.0", "sure": "yes"}
    assert "All 2 files" in ann.post("/manage/pypi/grows", count="1", **sure).text
    assert len(services.cache.files(Project(PYPI, "grows"))) == 2
    assert ann.post("/manage/pypi/grows", count="2", **sure).status_int == 303
    assert not services.cache.files(Project(PYPI, "grows"))


def test_home_shows_others_though_one_project_has_all_of_the_latest_files(site, ann, monkeypatch):
    monkeypatch.setattr("pypicloud_like.web.browse.home._LOOKED_AT", 4)
    site.wheel("older", Summary="Came before")
    site.crate("elder")
    for number in range(4):
        site.publish(a_wheel("busy", tags=f"cp311-cp311-manylinux_2_{17 + number}_x86_64"))
    page = ann.read("/")
    places = [
        page.index(f'href="{path}"') for path in ("/project/busy/1.0/", "/crates/elder", "/project/older/")
    ]
    assert places == sorted(places)
    assert "Came before" in page


def test_kinds_are_counted_among_what_is_shown(site, ann, services):
    site.wheel("fresh")
    site.wheel("stale")
    curate.set_status(services, Project(PYPI, "stale"), Status.DEPRECATED, reason="", actor="ann")
    page = ann.read("/search")
    assert "all (1)" in page
    assert "Python (1)" in page
    assert "Rust (0)" in page
    assert "Python (2)" in ann.read("/search?old=1")
    assert "Python (1)" in ann.read("/search?in=cargo"), "what another choice would show"


def test_home_does_not_say_that_nothing_is_there_to_who_may_not_know(site, app, ann):
    site.wheel("foo")
    assert "Nothing yet" not in app.ask("GET", "/").text
    assert "Latest uploads" in ann.read("/")


def test_what_renders_readmes_starts_with_the_first_list_that_a_person_sees(site, app, ann):
    readmes = app.app.registry[READMES]
    ann.read("/")
    assert not readmes.is_awake
    app.ask("GET", "/", headers={"Sec-Fetch-Mode": "navigate"})
    assert not readmes.is_awake, "who may read nothing"
    app.ask("GET", "/search", user="ann", headers={"Sec-Fetch-Mode": "navigate"})
    assert readmes.is_awake
