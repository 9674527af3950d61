"""What takes space, what is downloaded, and how the parts of the server are."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from jinja2.filters import do_filesizeformat

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.web.control.figures import FIGURES

FOO = Project(PYPI, "foo")
WAITS = ("being counted", "being asked")


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


def settled(boss, path: str) -> str:
    """A page, once all numbers on it are there."""
    for _ in range(200):
        page = boss.read(path)
        if not any(word in page for word in WAITS):
            return page
        time.sleep(0.05)
    raise AssertionError(f"{path} counts and counts")


@pytest.fixture
def full(site, clock):
    """Packages of each ecosystem; two came a hundred days ago."""
    site.wheel("foo", "1.0")
    site.crate("baz", "0.1.0", description="Bazzes")
    clock.now += timedelta(days=100)
    site.wheel("foo", "1.1")
    site.wheel("bar", "2.0")
    site.module("@acme/qux", "1.0.0")
    return site


class TestStorage:
    def test_what_is_used_by_kind_project_and_time(self, full, boss, services):
        page = settled(boss, "/admin/storage")
        assert "5 files of 4 packages" in page
        assert "3 files of 2 packages" in page
        for path in ("/project/foo/", "/project/bar/", "/crates/baz", "/@acme/qux"):
            assert f'href="{path}"' in page
        whole = sum(each.size for each in services.cache.shares())
        assert "on 2026-01-02 to" in page
        assert "SQLite" in page
        assert page.count('<span class="badge good">well</span>') == 4
        assert f'<span class="figure">{do_filesizeformat(whole)}</span>' in page

    def test_projects_are_found_by_a_part_of_the_name(self, full, boss):
        settled(boss, "/admin/storage")
        page = boss.read("/admin/storage?q=CARGO")
        assert 'href="/crates/baz"' in page
        assert 'href="/project/foo/"' not in page
        assert "None of that name" in boss.read("/admin/storage?q=zzz")

    def test_an_empty_index(self, boss):
        assert "There is nothing yet" in settled(boss, "/admin/storage")

    def test_a_part_that_fails_is_told(self, boss, services, monkeypatch):
        def fails() -> None:
            raise Unavailable("<b>bucket</b>")

        monkeypatch.setattr(services.storage, "check", fails, raising=False)
        page = settled(boss, "/admin/storage")
        assert '<span class="badge bad">ill</span> The &lt;b&gt;bucket' in page
        assert "<strong>Storage</strong> cannot be used" in settled(boss, "/admin")


class TestDownloads:
    @pytest.fixture
    def counted(self, full, services, clock):
        for project, version, times in (
            (FOO, "1.0", 3),
            (FOO, "1.1", 5),
            (Project("cargo", "baz"), "0.1.0", 1),
        ):
            for _ in range(times):
                services.downloads.count(project, version)
        services.downloads.flush()
        return full

    def test_most_and_least(self, counted, boss):
        page = settled(boss, "/admin/downloads")
        assert "9 downloads from" in page
        assert page.index('href="/project/foo/"') < page.index('href="/crates/baz"')
        page = settled(boss, "/admin/downloads?by=least&days=7")
        assert page.index('href="/project/bar/"') < page.index('href="/project/foo/"')

    def test_versions_and_files(self, counted, boss):
        page = settled(boss, "/admin/downloads")
        most = page[page.index('id="most"') : page.index('id="idle"')]
        assert '<td>1.1</td><td class="number">5</td>' in most
        idle = page[page.index('id="idle"') :]
        assert idle.index("bar-2.0-py3-none-any.whl") < idle.index("foo-1.0-py3-none-any.whl")

    def test_downloads_of_another_time_do_not_count(self, counted, browse, clock):
        clock.now += timedelta(days=40)
        boss = browse("boss")
        assert "0 downloads from" in settled(boss, "/admin/downloads?days=30")
        assert "9 downloads from" in settled(boss, "/admin/downloads?days=90")

    def test_no_day_leaves_numbers_behind(self, counted, browse, clock, app):
        settled(browse("boss"), "/admin/downloads")
        figures = app.app.registry[FIGURES]
        assert (before := set(figures._kept))
        clock.now += timedelta(days=1)
        settled(browse("boss"), "/admin/downloads")
        assert set(figures._kept) == before

    def test_what_is_not_ours_is_marked(self, boss, services):
        services.downloads.count(Project(PYPI, "elsewhere"), "1.0")
        services.downloads.flush()
        assert '<span class="badge">not ours</span>' in settled(boss, "/admin/downloads")

    @pytest.mark.parametrize("query", ["days=1", "days=x", "by=x", "page=999999999", "page=-1"])
    def test_a_strange_query_is_as_none(self, counted, boss, query):
        assert "9 downloads from" in settled(boss, f"/admin/downloads?{query}")


class TestHome:
    def test_it_has_the_sums_and_what_happened(self, full, boss):
        page = settled(boss, "/admin")
        assert '<span class="figure">4</span>' in page
        assert "2 Python, 1 Rust, 1 JSR" in page
        assert '<span class="figure">well</span>' in page
        assert 'href="/project/foo/"' in page
        assert "owner.add" in page

    def test_only_administrators_are_led_there(self, full, boss, ann):
        assert 'href="/admin"' in boss.read("/")
        assert 'href="/admin"' not in ann.read("/")
        assert 'href="/admin/rights?project=foo"' in boss.read("/project/foo/")
        assert "/admin/" not in ann.read("/project/foo/")
