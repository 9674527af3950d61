"""Several uploads at once: one wins, nobody is torn, nothing is lost."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Barrier

import pytest

from pypicloud_like.core.model import PYPI, Project
from tests.builders import a_wheel
from tests.http.pypi.site import Site

AT_ONCE = 6


def all_at_once(site: Site, files, users=("boss",)) -> list[int]:
    """Upload each from a thread of its own, starting together; the statuses in order."""
    gate = Barrier(len(files))

    def send(built, user):
        own = Site(site.services, site.clock)
        gate.wait()
        return own.upload(built, user=user).status_int

    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(send, files, cycle(users)))


def check_whole(site: Site) -> None:
    for file in site.page("foo")["files"]:
        answer = site.ask("GET", file["url"], user="ann")
        assert hashlib.sha256(answer.body).hexdigest() == file["hashes"]["sha256"]
        assert len(answer.body) == file["size"]
        metadata = site.ask("GET", file["url"] + ".metadata", user="ann")
        assert hashlib.sha256(metadata.body).hexdigest() == file["core-metadata"]["sha256"]


@pytest.mark.promise(17)
@pytest.mark.parametrize("round_", range(3))
def test_other_bytes_under_one_name_have_one_winner(site, round_):
    files = [a_wheel("foo", "1.0", files={"foo/x.py": b"%d" % n}) for n in range(AT_ONCE)]
    statuses = all_at_once(site, files)
    assert sorted(statuses) == [200] + [409] * (AT_ONCE - 1)
    winner = files[statuses.index(200)]
    assert site.indexed("foo") == {winner.filename: winner.sha256}
    assert winner.content in {site.stored_bytes(key) for key in site.stored()}
    assert len(site.stored()) == 2
    check_whole(site)


@pytest.mark.promise(18)
@pytest.mark.parametrize("round_", range(3))
def test_the_same_bytes_are_stored_once(site, round_):
    statuses = all_at_once(site, [a_wheel("foo", "1.0")] * AT_ONCE)
    assert set(statuses) == {200}
    assert len(site.stored()) == 2
    assert len(site.records()) == 1
    check_whole(site)


def test_other_files_of_one_project_are_all_there(site):
    files = [a_wheel("foo", f"1.{n}") for n in range(AT_ONCE)]
    assert set(all_at_once(site, files)) == {200}
    assert site.indexed("foo") == {built.filename: built.sha256 for built in files}
    check_whole(site)


class TestNewNames:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_create_groups": "authenticated"}

    @pytest.mark.parametrize("round_", range(3))
    def test_a_new_name_gets_one_owner_the_one_who_won(self, site, round_):
        files = [a_wheel("foo", "1.0", files={"foo/x.py": b"%d" % n}) for n in range(4)]
        users = ("ann", "bob")
        statuses = all_at_once(site, files, users)
        assert statuses.count(200) == 1
        assert site.services.state.owners(Project(PYPI, "foo")) == [users[statuses.index(200) % 2]]

    @pytest.mark.parametrize("round_", range(3))
    def test_nobody_slips_into_a_name_that_another_was_first_to_publish(self, site, round_):
        files = [a_wheel("foo", f"1.{n}") for n in range(4)]
        users = ("ann", "bob")
        statuses = all_at_once(site, files, users)
        (owner,) = site.services.state.owners(Project(PYPI, "foo"))
        uploaders = {file.uploader for file in site.services.cache.files(Project(PYPI, "foo"))}
        assert uploaders == {owner}
        assert [status for status, user in zip(statuses, users * 2, strict=True) if user == owner] == [
            200,
            200,
        ]
        assert {status for status, user in zip(statuses, users * 2, strict=True) if user != owner} == {403}
        assert set(site.indexed("foo").values()) <= {built.sha256 for built in files}
        assert len(site.stored()) == 2 * len(site.indexed("foo"))
