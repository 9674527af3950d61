"""Several publishes at once: each version has one winner, each crate one spelling, and no line is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.http.cargo.site import CargoSite


def all_at_once(site, crates) -> list[int]:
    """Publish each (name, version, more files) from a thread of its own, starting together; the statuses."""
    gate = Barrier(len(crates))

    def send(crate):
        name, version, files = crate
        own = CargoSite(site.services, site.clock)
        gate.wait()
        return own.new(name, version, files=files).status_int

    with ThreadPoolExecutor(len(crates)) as pool:
        return list(pool.map(send, crates))


@pytest.mark.promise(19)
def test_fifty_versions_are_fifty_lines(site):
    versions = [f"0.{number}.0" for number in range(50)]
    assert set(all_at_once(site, [("demo", version, {}) for version in versions])) == {200}
    assert {line["vers"] for line in site.lines()} == set(versions)
    assert len(site.lines()) == 50


@pytest.mark.promise(17)
def test_of_one_version_one_wins(site):
    statuses = all_at_once(site, [("demo", "0.1.0", {"x": b"%d" % number}) for number in range(20)])
    assert sorted(statuses) == [200] + [409] * 19
    assert len(site.lines()) == len(site.stored()) == len(site.records()) == 1


def test_of_the_same_bytes_one_wins_too(site):
    statuses = all_at_once(site, [("demo", "0.1.0", {})] * 8)
    assert sorted(statuses) == [200] + [409] * 7
    assert len(site.stored()) == 1


@pytest.mark.promise(21)
def test_of_versions_that_differ_by_build_metadata_one_wins(site):
    statuses = all_at_once(site, [("demo", f"0.1.0+{number}", {}) for number in range(8)])
    assert sorted(statuses) == [200] + [409] * 7
    assert len(site.lines()) == 1


@pytest.mark.promise(21, 107)
def test_of_two_spellings_one_wins(site):
    spellings = ("foo-bar", "foo_bar", "Foo_Bar", "foo-Bar")
    statuses = all_at_once(site, [(name, f"0.{number}.0", {}) for number, name in enumerate(spellings)])
    assert sorted(statuses) == [200, 400, 400, 400]
    winner = spellings[statuses.index(200)]
    assert [line["name"] for line in site.lines(winner)] == [winner]
    assert len(site.stored()) == 1
