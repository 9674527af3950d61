"""People by number, what they follow, and counts of downloads: every promise, on every database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import DayCount, Person, VersionCount
from pypicloud_like.state.downloads import SqlDownloads
from pypicloud_like.state.people import SqlPeople
from pypicloud_like.state.people_tables import download_totals, downloads
from tests.contracts.people import START, SetClock
from tests.contracts.people import People as Opened
from tests.contracts.people import people_fixture as _people  # noqa: F401 - a fixture
from tests.contracts.people import state_url_fixture as _state_url  # noqa: F401 - a fixture
from tests.support.postgres import postgres, postgres_url  # noqa: F401 - fixtures

FOO, CRATE = Project("pypi", "foo"), Project("cargo", "foo")
TODAY = START.date()


@pytest.fixture
def known(people: Opened) -> SqlPeople:
    return SqlPeople(people.state.database, clock=people.clock)


@pytest.fixture
def counts(people: Opened) -> Iterator[SqlDownloads]:
    opened = SqlDownloads(people.state.database, clock=people.clock)
    yield opened
    opened.close()


def test_a_number_is_born_once_and_finds_its_person(known):
    ann = known.person("Ann")
    assert ann == Person(ann.id, ann.uuid, "ann", START)
    assert known.person("ann") == ann
    assert known.by_id(ann.id) == ann
    assert known.by_uuid(ann.uuid.upper()) == ann
    bob = known.person("bob")
    assert bob.id != ann.id
    assert bob.uuid != ann.uuid
    for nobody in (
        known.by_id(0),
        known.by_id(10**20),
        known.by_id(-1),
        known.by_uuid("x\0"),
        known.by_uuid(""),
    ):
        assert nobody is None


def test_two_who_ask_at_once_hear_the_same(known):
    found: list[Person] = []
    threads = [threading.Thread(target=lambda: found.append(known.person("zoe"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {found[0]}


def test_who_is_removed_is_another_person_when_they_come_back(people, known):
    people.access.add_user("ann", "x", actor=None)
    before = known.person("ann")
    known.follow("ann", FOO, True)
    people.access.remove_user("ann", actor=None)
    assert known.by_id(before.id) is None
    people.access.add_user("ann", "x", actor=None)
    again = known.person("ann")
    assert again.id > before.id
    assert again.uuid != before.uuid
    assert known.followed("ann") == frozenset()


def test_following(known):
    known.follow("ann", FOO, True)
    known.follow("Ann", FOO, True)
    known.follow("ann", CRATE, True)
    assert known.followed("ANN") == {FOO, CRATE}
    assert known.followed("bob") == frozenset()
    known.follow("ann", FOO, False)
    known.follow("ann", FOO, False)
    assert known.followed("ann") == {CRATE}


def test_downloads_add_up_by_version_and_day(people, counts):
    for _ in range(3):
        counts.count(FOO, "1.0")
    counts.count(FOO, "2.0")
    counts.count(CRATE, "1.0")
    counts.flush()
    people.clock.advance(days=1)
    counts.count(FOO, "1.0")
    counts.flush()
    tomorrow = TODAY + timedelta(days=1)
    everything = counts.daily(FOO, since=TODAY, until=tomorrow)
    assert everything == [DayCount("1.0", TODAY, 3), DayCount("2.0", TODAY, 1), DayCount("1.0", tomorrow, 1)]
    assert counts.daily(FOO, since=tomorrow, until=tomorrow) == [DayCount("1.0", tomorrow, 1)]
    assert counts.daily(FOO, since=date(1970, 1, 1), until=TODAY - timedelta(days=1)) == []
    assert counts.totals(FOO) == {"1.0": 4, "2.0": 1}
    assert counts.by_project("pypi") == {FOO: 5}
    assert counts.by_project("pypi", since=tomorrow) == {FOO: 1}
    assert counts.by_project("cargo") == {CRATE: 1}
    assert counts.by_project("jsr") == {}


@pytest.mark.promise(67)
def test_counts_go_beyond_32_bits(people, counts):
    counts.count(FOO, "1.0")
    counts.flush()

    def raised(connection: sa.Connection) -> None:
        for table in (download_totals, downloads):
            connection.execute(sa.update(table).values(count=2**33))

    people.state.database.transact(raised)
    counts.count(FOO, "1.0")
    counts.flush()
    assert counts.totals(FOO) == {"1.0": 2**33 + 1}
    (day,) = counts.daily(FOO, since=TODAY, until=TODAY)
    assert day.count == 2**33 + 1


def test_many_who_download_at_once_are_all_counted(people, counts):
    other = SqlDownloads(people.state.database, clock=people.clock)

    def download(target: SqlDownloads) -> None:
        for number in range(50):
            target.count(FOO, f"{number % 3}.0")
            if number % 10 == 0:
                target.flush()

    threads = [threading.Thread(target=download, args=(target,)) for target in (counts, other) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    counts.close()
    assert sum(counts.totals(FOO).values()) == 400


def test_closing_writes_what_is_counted(people):
    clock: SetClock = people.clock
    counts = SqlDownloads(people.state.database, clock=clock)
    counts.count(FOO, "1.0")
    counts.close()
    assert SqlDownloads(people.state.database, clock=clock).totals(FOO) == {"1.0": 1}


def test_downloads_of_everything_by_day(counts, people):
    for project in (FOO, CRATE, FOO):
        counts.count(project, "1.0")
    people.clock.advance(days=1)
    counts.count(FOO, "1.0")
    counts.flush()
    assert counts.by_day(since=TODAY, until=TODAY + timedelta(days=9)) == {
        TODAY: 3,
        TODAY + timedelta(days=1): 1,
    }
    assert counts.by_day(since=TODAY + timedelta(days=1), until=TODAY + timedelta(days=1)) == {
        TODAY + timedelta(days=1): 1
    }
    assert counts.by_day(since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1)) == {}


def test_the_versions_downloaded_most(counts, people):
    for project, version, often in ((FOO, "1.0", 2), (FOO, "2.0", 3), (CRATE, "1.0", 2)):
        for _ in range(often):
            counts.count(project, version)
    people.clock.advance(days=5)
    counts.count(FOO, "1.0")
    counts.count(FOO, "1.0")
    counts.flush()
    assert counts.most(since=TODAY, limit=2) == [VersionCount(FOO, "1.0", 4), VersionCount(FOO, "2.0", 3)]
    assert counts.most(since=TODAY + timedelta(days=1), limit=9) == [VersionCount(FOO, "1.0", 2)]
