"""A catalogue that saw every change shows what one shows that is new."""

from __future__ import annotations

import gc
from datetime import timedelta
from itertools import pairwise

from pypicloud_like.access.policy import ReadSet
from pypicloud_like.assembly import describers
from pypicloud_like.catalogue.shelf import Ranking
from pypicloud_like.catalogue.snapshot import EVERYTHING, Catalogue
from pypicloud_like.core.model import PYPI, Project, Status
from pypicloud_like.registry import curate

WORDS = ("foo", "bar", "unicorn", "grid", "a")
FOO, BAR = Project(PYPI, "foo"), Project(PYPI, "bar")


def shown(catalogue, services):
    """Everything that an administrator, and somebody who may not read ``foo``, are shown."""
    told = []
    for pypi in (EVERYTHING, ReadSet(True, frozenset({FOO}))):
        reads = dict.fromkeys(catalogue.ecosystems, EVERYTHING) | {PYPI: pypi}
        view = catalogue.view(services, reads)
        told.append([view.packages, view.grids, *(view.search(word, 20) for word in WORDS)])
    return told


def test_after_each_change(site, clock):
    services = site.services
    old = Catalogue(describers())

    def change_status(project, status):
        curate.set_status(services, project, status, reason="", actor=None)

    def curate_it(method, path, said=None, status=200):
        return lambda: site.curate(method, path, said, status=status)

    def count_downloads():
        for _ in range(1500):
            services.downloads.count(FOO, "1.0")
        services.downloads.flush()
        clock.now += timedelta(minutes=2)

    def wait(days):
        clock.now += timedelta(days=days)

    steps = [
        lambda: site.wheel("foo"),
        lambda: site.wheel("bar", Summary="A unicorn"),
        lambda: site.wheel("foo", "2.0", Keywords="unicorn"),
        lambda: site.crate("foo"),
        lambda: site.module("@acme/foo"),
        curate_it("POST", "grids", {"title": "A grid"}, 201),
        curate_it("PUT", "grids/1/packages/foo"),
        curate_it("PATCH", "packages/bar", {"title": "Barbara", "documentation_url": "https://example.org/"}),
        count_downloads,
        lambda: site.ask("PUT", "/account/uses/bar", user="ann"),
        lambda: change_status(BAR, Status.QUARANTINED),
        lambda: change_status(BAR, Status.DEPRECATED),
        lambda: curate.delete(services, services.cache.files(FOO), actor=None),
        curate_it("DELETE", "grids/1/packages/foo"),
        lambda: site.wheel("foo", "3.0"),
        curate_it("PATCH", "packages/bar", {"title": None}),
        lambda: wait(100),
        lambda: wait(300),
        curate_it("DELETE", "grids/1"),
    ]
    seen = []
    for number, step in enumerate(steps):
        step()
        told = shown(old, services)
        assert told == shown(Catalogue(describers()), services), number
        seen.append(told)
    assert sum(1 for one, other in pairwise(seen) if one != other) > len(steps) - 4


def test_what_has_not_changed_is_not_made_again(site):
    for name in ("foo", "bar"):
        site.wheel(name)
    catalogue = Catalogue(describers())
    reads = dict.fromkeys(catalogue.ecosystems, EVERYTHING)
    before = catalogue.view(site.services, reads)
    site.wheel("foo", "2.0")
    after = catalogue.view(site.services, reads)
    assert after.by_project[BAR] is before.by_project[BAR]
    assert after.by_project[FOO] is not before.by_project[FOO]
    site.services.state.open_session("ann")
    assert catalogue.view(site.services, reads).by_project[FOO] is after.by_project[FOO]


def test_readers_share_one_index(site):
    def rankings() -> int:
        gc.collect()
        return sum(isinstance(each, Ranking) for each in gc.get_objects())

    names = [f"p{number}" for number in range(8)]
    for name in names:
        site.wheel(name)
    catalogue = Catalogue(describers())
    reads = dict.fromkeys(catalogue.ecosystems, EVERYTHING)
    catalogue.view(site.services, reads).search("p", 20)
    before = rankings()
    for name in names:
        hidden = ReadSet(True, frozenset({Project(PYPI, name)}))
        found = catalogue.view(site.services, reads | {PYPI: hidden}).search("p", 20)
        assert {each.title for each in found} == {*names} - {name}
    assert rankings() == before
