"""Files that come from an upstream."""

from __future__ import annotations

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.errors import UpstreamFailed
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.registry.check import check
from pypicloud_like.registry.rebuild import rebuild
from pypicloud_like.registry.repair import carry_out, plan
from tests.builders import a_wheel, an_sdist
from tests.support.upstream import HTML, answers, cuts_after, dead, metadata_in

WHEEL = a_wheel("foo", "1.0", files={"foo/data.bin": bytes(range(256)) * 3000}, stored=True)
SDIST = an_sdist("foo", "1.0")
PATH = f"/api/package/foo/{WHEEL.filename}"


@pytest.fixture
def foo(upstream):
    upstream.add("foo", WHEEL, SDIST)
    return upstream


def held(site):
    return {stat.key for stat in site.services.storage.list(keys.HELD)}


def asked_for_file(foo):
    return foo.asked(f"/files/{WHEEL.filename}")[f"/files/{WHEEL.filename}"]


def test_the_first_asker_gets_it_and_the_second_from_here(foo, site):
    first = site.get(PATH)
    assert (first.status_int, first.body) == (200, WHEEL.content)
    assert first.headers["Content-Length"] == str(len(WHEEL.content))
    foo.tricks["/"] = dead
    again = site.get(PATH)
    assert (again.status_int, again.body) == (200, WHEEL.content)
    assert asked_for_file(foo) == 1
    assert len(held(site)) == 2, "bytes and record"
    part = site.get(PATH, Range="bytes=10-19")
    assert (part.status_int, part.body) == (206, WHEEL.content[10:20])
    assert site.get(PATH, If_None_Match=first.headers["ETag"]).status_int == 304


def test_a_part_may_be_the_first_that_is_asked_for(foo, site):
    part = site.get(PATH, Range="bytes=-7")
    assert (part.status_int, part.body) == (206, WHEEL.content[-7:])
    assert site.get(PATH).body == WHEEL.content
    assert asked_for_file(foo) == 1


def test_head_fetches_nothing(foo, site):
    answer = site.ask("HEAD", PATH)
    assert (answer.status_int, answer.headers["Content-Length"]) == (200, str(len(WHEEL.content)))
    assert asked_for_file(foo) == 0


@pytest.mark.promise(80)
def test_many_askers_cause_one_fetch(foo, site):
    bodies = []

    def ask() -> None:
        bodies.append(site.get(PATH).body)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [WHEEL.content] * 8
    assert asked_for_file(foo) == 1


@pytest.mark.promise(80)
@pytest.mark.parametrize(
    ("headers", "look"),
    [({}, 1), ({"Range": "bytes=0-"}, 1), ({"Range": "bytes=0-"}, 2)],
)
def test_what_came_after_it_was_looked_for_is_not_fetched_again(foo, site, monkeypatch, look, headers):
    held = site.services.upstreams.held
    looks = count(1)

    def file(project, filename):
        found = type(held).file(held, project, filename)
        if threading.current_thread() is threading.main_thread() and next(looks) == look:
            with ThreadPoolExecutor(1) as other:
                assert other.submit(site.get, PATH).result().status_int == 200
            for thread in threading.enumerate():
                if thread.name == "upstream-transfer":
                    thread.join(20)
        return found

    monkeypatch.setattr(held, "file", file)
    assert site.get(PATH, **headers).body == WHEEL.content
    assert next(looks) > look
    assert asked_for_file(foo) == 1


@pytest.mark.parametrize("ranges", [True, False])
def test_a_transfer_that_breaks_off_goes_on(foo, site, ranges):
    foo.ranges = ranges
    foo.tricks["/files/"] = cuts_after(200_000, times=2)
    answer = site.get(PATH)
    assert (answer.status_int, answer.body) == (200, WHEEL.content)
    assert len(held(site)) == 2


def broken(site):
    """Asks for the wheel; whatever came, it must not look like a whole file."""
    try:
        answer = site.get(PATH)
    except UpstreamFailed as error:  # the body broke off, as it does for a client
        return str(error)
    assert answer.status_int in {404, 502, 504}, answer
    return answer.status_int


@pytest.mark.promise(79)
@pytest.mark.parametrize(
    "trick",
    [
        answers(200, b"x" * len(WHEEL.content), "application/zip"),
        answers(200, WHEEL.content[:-1], "application/zip"),
        answers(200, WHEEL.content + b"x", "application/zip"),
        answers(200, b"", "application/zip"),
        answers(200, b"<html>blocked</html>"),
        answers(500),
        answers(403),
        answers(302, Location="http://other.example/x"),
        answers(200, WHEEL.content, "application/zip", Content_Encoding="gzip"),
        cuts_after(1000, times=99),
        dead,
    ],
)
def test_what_is_not_the_file_is_never_kept_and_never_whole(foo, site, trick):
    foo.tricks["/files/"] = trick
    broken(site)
    assert held(site) == set()
    assert site.services.upstreams.held.files(Project(PYPI, "foo")) == []
    del foo.tricks["/files/"]
    assert site.get(PATH).body == WHEEL.content


def test_a_file_without_a_digest_passes_through_and_is_not_kept(foo, site):
    odd = a_wheel("odd", "1.0")
    foo.add("odd", odd, hashes={})
    assert "sha256" not in site.page("odd")["files"][0]["hashes"]
    for _ in range(2):
        assert site.get(f"/api/package/odd/{odd.filename}").body == odd.content
    assert held(site) == set()


def test_metadata_comes_from_the_upstream_and_is_kept(foo, site):
    answer = site.get(PATH + ".metadata")
    assert (answer.status_int, answer.body) == (200, metadata_in(WHEEL))
    foo.tricks["/"] = dead
    assert site.get(PATH + ".metadata").body == metadata_in(WHEEL)
    assert asked_for_file(foo) == 0


def test_metadata_that_the_upstream_lies_about_is_refused(foo, site):
    foo.tricks[f"/files/{WHEEL.filename}.metadata"] = answers(200, b"Name: other", "text/plain")
    assert site.get(PATH + ".metadata").status_int == 502
    assert held(site) == set()


@pytest.mark.parametrize("ranges", [True, False])
def test_metadata_is_read_out_of_the_wheel_where_the_upstream_has_none(foo, site, ranges):
    foo.metadata, foo.form, foo.ranges = False, HTML, ranges
    answer = site.get(PATH + ".metadata")
    assert (answer.status_int, answer.body) == (200, metadata_in(WHEEL))
    told = next(file for file in site.page("foo")["files"] if file["filename"] == WHEEL.filename)
    assert told["core-metadata"] is True
    sent = foo.requests[-1].headers
    assert ("range" in sent) == ranges or not ranges


def test_there_is_no_metadata_beside_an_sdist(foo, site):
    assert site.get(f"/api/package/foo/{SDIST.filename}.metadata").status_int == 404


def test_a_lost_index_finds_again_what_is_held(foo, site, open_site, tmp_path):
    site.get(PATH)
    site.get(PATH + ".metadata")
    site.services.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    foo.tricks["/"] = dead
    again = open_site(upstream__offline="true")
    assert rebuild(again.services).held == 2
    assert again.filenames("foo") == {WHEEL.filename}
    assert again.get(PATH).body == WHEEL.content


def test_offline_lists_only_what_is_held(foo, site, open_site):
    site.get(PATH)
    site.get(PATH + ".metadata")
    offline = open_site(upstream__offline="true")
    asked = len(foo.requests)
    page = offline.page("foo")
    assert [file["filename"] for file in page["files"]] == [WHEEL.filename]
    assert page["files"][0]["core-metadata"] == {"sha256": hashlib.sha256(metadata_in(WHEEL)).hexdigest()}
    assert offline.get(PATH).body == WHEEL.content
    assert offline.get(f"/api/package/foo/{SDIST.filename}").status_int == 404
    assert offline.get("/simple/unknown/").status_int == 404
    assert offline.get("/pypi/foo/json").json["info"]["version"] == "1.0"
    listed = offline.get("/simple/", Accept="application/vnd.pypi.simple.v1+json").json["projects"]
    assert [project["name"] for project in listed] == ["foo"]
    assert len(foo.requests) == asked


def test_bytes_that_are_gone_are_fetched_again(foo, site):
    site.get(PATH)
    for key in held(site):
        site.services.storage.delete(key)
    assert site.get(PATH).body == WHEEL.content
    assert asked_for_file(foo) == 2


def test_what_was_used_longest_ago_makes_room(foo, open_site):
    others = [
        a_wheel("foo", f"1.{number}", files={"foo/x.bin": bytes(300_000)}, stored=True) for number in range(4)
    ]
    foo.add("foo", *others)
    site = open_site(upstream__cache_limit="1000000")
    for built in others:
        site.get(f"/api/package/foo/{built.filename}")
        site.clock.now += timedelta(hours=1)
    kept = {
        file.filename
        for file in site.services.upstreams.held.files(site.services.upstreams.held.projects("pypi")[0])
    }
    assert kept == {built.filename for built in others[1:]}
    assert site.services.upstreams.held.use().size <= 1_000_000
    assert len(held(site)) == 2 * len(kept)


def test_pins_stay(foo, site):
    site.get(PATH)
    assert site.ask("PUT", "/admin/upstream/pin/foo", user="boss").json["files"] == 1
    assert site.services.upstreams.keeper.prune(keep=0) == 0
    assert site.ask("DELETE", "/admin/upstream/pin/foo", user="boss").status_int == 200
    assert site.services.upstreams.keeper.prune(keep=0) == 1
    assert held(site) == set()


def test_a_held_file_tells_where_it_is_from_and_may_be_dropped(foo, site):
    site.get(PATH)
    (told,) = site.get("/api/package/foo/").json["packages"]
    assert told["origin"] == {"upstream": "pypi", "url": f"{foo.url}/files/{WHEEL.filename}"}
    assert site.ask("DELETE", PATH, user="ann").status_int == 403
    assert held(site)
    assert site.ask("DELETE", PATH, user="boss").status_int == 200
    assert held(site) == set()


@pytest.mark.promise(4)
def test_what_a_broken_fetch_left_is_found_and_removed(foo, site):
    site.get(PATH)
    before = held(site)
    half = keys.held(Project(PYPI, "foo"), "0" * 64, "foo-9.0.tar.gz")
    site.services.storage.put(half, io.BytesIO(b""), size=0, sha256=hashlib.sha256(b"").hexdigest())
    assert check(site.services).clean, "it may be going on"
    site.clock.now = datetime.now(UTC) + timedelta(days=2)
    findings = check(site.services)
    assert [(finding.kind, finding.key) for finding in findings.found] == [("fetch", half)]
    assert [done.skipped for done in carry_out(site.services, plan(findings))] == [""]
    assert check(site.services).clean
    assert held(site) == before


def test_a_check_asks_for_nothing_of_what_it_has_listed(foo, site, monkeypatch):
    site.get(PATH)
    asked = []
    storage = type(site.services.storage)
    stat = storage.stat
    monkeypatch.setattr(storage, "stat", lambda self, key: asked.append(key) or stat(self, key))
    assert check(site.services).clean
    assert asked == []
