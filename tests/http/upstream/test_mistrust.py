"""What is held, or told by an upstream, is not believed for ever: settings change, pages change, pages lie."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from pypicloud_like.core.model import PYPI, Project, Right
from pypicloud_like.db.upstream_tables import documents
from tests.builders import a_wheel, an_sdist
from tests.support.upstream import HTML, JSON, Upstream, answers, dead, drips, metadata_in, silent

WHEEL = a_wheel("foo", "1.0")
SDIST = an_sdist("foo", "1.0")
PATH = f"/api/package/foo/{WHEEL.filename}"


@pytest.fixture
def foo(upstream):
    upstream.add("foo", WHEEL, SDIST)
    return upstream


@pytest.fixture
def corp():
    """Another upstream."""
    with Upstream() as running:
        yield running


def published(site, built) -> None:
    name, version = built.filename.split("-")[:2]
    answer = site.upload(built.filename, built.content, name=name, version=version, filetype="bdist_wheel",
                         pyversion="py3", metadata_version="2.1")  # fmt: skip
    assert answer.status_int == 200, answer


def test_settings_that_forbid_an_upstream_hold_for_what_is_held_of_it(upstream, corp, open_site):
    both = {
        "pypi__upstreams": "corp public",
        "upstream__corp__url": corp.index,
        "upstream__public__url": upstream.index,
    }
    evil, evil_too = a_wheel("corp-foo", "99.0"), a_wheel("corp-foo", "1.0", files={"x.py": b"evil"})
    upstream.add("corp-foo", evil, evil_too)
    site = open_site("cache", **both)
    for built in (evil, evil_too):
        assert site.get(f"/api/package/corp-foo/{built.filename}").status_int == 200
        site.wait_for("corp-foo", built.filename)
    good = a_wheel("corp-foo", "1.0", files={"x.py": b"good"})
    corp.add("corp-foo", good)
    mended = both | {"upstream__public__deny": "corp-*", "upstream__corp__allow": "corp-*"}
    site = open_site("cache", **mended)
    site.clock.now += timedelta(days=1)
    told = {file["filename"]: file["hashes"]["sha256"] for file in site.page("corp-foo")["files"]}
    assert told == {good.filename: good.sha256}
    answer = site.get(f"/api/package/corp-foo/{good.filename}")
    assert hashlib.sha256(answer.body).hexdigest() == good.sha256
    assert site.get(f"/api/package/corp-foo/{evil.filename}").status_int == 404
    site.wait_for("corp-foo", good.filename)
    offline = open_site("cache", **mended, upstream__offline="true")
    assert offline.filenames("corp-foo") == {good.filename}
    assert offline.get(f"/api/package/corp-foo/{evil.filename}").status_int == 404


def test_a_minimum_age_holds_for_what_is_held(foo, open_site):
    named = {"pypi__upstreams": "p", "upstream__p__url": foo.index}
    site = open_site("cache", **named)
    assert site.get(PATH).status_int == 200
    site.wait_for("foo", WHEEL.filename)
    for more in ({}, {"upstream__offline": "true"}):
        aged = open_site("cache", **named, upstream__p__minimum_age="36500d", **more)
        assert aged.get(PATH).status_int == 404
        assert aged.get("/simple/foo/").status_int == 404 or aged.filenames("foo") == set()


def test_another_file_of_the_same_name_upstream_is_fetched_anew(foo, site):
    assert site.get(PATH).body == WHEEL.content
    site.wait_for("foo", WHEEL.filename)
    other = a_wheel("foo", "1.0", files={"x.py": b"other"})
    foo.add("foo", other)
    site.clock.now += timedelta(days=1)
    assert site.get(PATH).body == other.content
    foo.tricks["/"] = dead
    site.clock.now += timedelta(minutes=1)
    assert site.get(PATH).status_int == 200


def test_a_quarantine_of_ours_holds_for_files_of_an_upstream(foo, open_site):
    site = open_site("mirror")
    mine = a_wheel("foo", "2.0")
    published(site, mine)
    assert site.send("PUT", "/api/project/foo/mixed", user="boss", mixed="true").status_int == 200
    assert site.get(PATH).status_int == 200
    assert site.send("PUT", "/api/project/foo/status", user="boss", status="quarantined").status_int == 200
    for filename in (WHEEL.filename, SDIST.filename, mine.filename, f"{WHEEL.filename}.metadata"):
        assert site.get(f"/api/package/foo/{filename}").status_int == 404


def test_a_quarantine_of_the_upstream_too(foo, site):
    assert site.get(PATH).status_int == 200
    site.wait_for("foo", WHEEL.filename)
    page = json.loads(foo.page("foo")[0]) | {"project-status": {"status": "quarantined"}}
    foo.tricks["/simple/foo"] = answers(200, json.dumps(page).encode(), JSON)
    site.clock.now += timedelta(days=1)
    assert site.page("foo")["files"] == []
    for filename in (WHEEL.filename, SDIST.filename):
        assert site.get(f"/api/package/foo/{filename}").status_int == 404


def test_fetching_tells_nothing_of_private_names(foo, open_site):
    site = open_site("cache", pypi__default_read="authenticated")
    published(site, a_wheel("secret_thing", "2.0"))
    site.services.access.grant(Project(PYPI, "secret-thing"), "user", "boss", Right.READ, actor=None)
    assert site.get("/simple/secret-thing/", user="ann").status_int == 404
    told = [
        site.send("POST", "/api/fetch", user="ann", requirements=f"{name}\n").json["problems"][0]["message"]
        for name in ("secret-thing", "nothing-thing")
    ]
    assert told[0] == told[1]


def test_who_may_not_read_has_nothing_fetched(foo, open_site):
    site = open_site("cache", pypi__default_read="admin", pypi__cache_update="authenticated")
    site.send("POST", "/api/fetch", user="ann", requirements="foo\n")
    assert not foo.asked()


def test_metadata_that_is_none_is_not_believed(foo, site):
    foo.add("foo", WHEEL, core_metadata=True)
    foo.tricks[f"/files/{WHEEL.filename}.metadata"] = answers(200, b"<html>captive portal</html>", HTML)
    assert site.get(f"{PATH}.metadata").body == metadata_in(WHEEL)
    foo.tricks.clear()
    assert site.get(f"{PATH}.metadata").body == metadata_in(WHEEL)


def test_a_yank_that_came_later_is_told_offline(foo, open_site):
    site = open_site()
    assert site.get(PATH).status_int == 200
    site.wait_for("foo", WHEEL.filename)
    foo.add("foo", WHEEL, yanked="bad")
    site.clock.now += timedelta(hours=1)
    site.page("foo")
    offline = open_site(upstream__offline="true")
    (shown,) = offline.page("foo")["files"]
    assert shown["yanked"] == "bad"


def test_names_that_are_nowhere_leave_no_rows(upstream, site):
    for number in range(30):
        assert site.get(f"/simple/none{number}/").status_int == 404
    with site.services.upstreams.held._database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(documents)) == 0


def test_a_project_that_went_is_not_shown_again_after_a_start(foo, open_site):
    site = open_site()
    site.page("foo")
    foo.tricks["/simple/foo"] = answers(404)
    site.clock.now += timedelta(days=1)
    assert site.get("/simple/foo/").status_int == 404
    assert open_site().get("/simple/foo/").status_int == 404


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "1600-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_times_that_are_none(foo, site, when):
    foo.add("foo", WHEEL, upload_time=when)
    for path in ("/simple/foo/", PATH, PATH, "/pypi/foo/json", "/api/package/foo/", f"{PATH}.metadata"):
        assert site.get(path).status_int == 200, path
    site.wait_for("foo", WHEEL.filename)
    assert site.get(PATH).status_int == 200
    assert site.services.upstreams.held.oldest(limit=10)


@pytest.mark.promise(85, 153)
def test_other_ports_of_its_host_are_not_spoken_to(foo, corp, site):
    corp.add("foo", WHEEL)
    foo.add("foo", WHEEL, url=f"{corp.url}/files/{WHEEL.filename}")
    foo.tricks[f"/files/{SDIST.filename}"] = answers(
        302, b"", HTML, Location=f"{corp.url}/files/{WHEEL.filename}"
    )
    assert site.get(PATH).status_int in {404, 502}
    assert site.get(f"/api/package/foo/{SDIST.filename}").status_int == 502
    assert not corp.asked()


@pytest.mark.promise(152)
def test_a_redirect_goes_to_an_upstream_that_may_be_told(upstream, open_site):
    site = open_site(
        "redirect",
        pypi__upstreams="corp",
        upstream__corp__url="https://corp.example/simple/",
        upstream__corp__allow="corp-*",
        pypi__fallback_base_url="https://public.example",
    )
    answer = site.get("/simple/corp-foo/")
    assert answer.headers["Location"] == "https://corp.example/simple/corp-foo/"
    for path in ("/simple/other/", "/pypi/corp-foo/json"):
        assert site.get(path).status_int == 404


def test_offline_nobody_is_asked_for_confusion_either(foo, open_site):
    site = open_site("cache", upstream__offline="true")
    assert site.get("/admin/upstream/confusion?ask=foo", user="boss").status_int == 400
    assert not foo.asked()


@pytest.mark.promise(86)
def test_what_differs_by_caller_is_kept_for_nobody_else(foo, open_site):
    site = open_site("cache", pypi__cache_update="authenticated")
    for user in ("ann", None):
        site.get(PATH, user="ann")
        site.wait_for("foo", WHEEL.filename)
        answer = site.get("/simple/foo/", user=user)
        assert answer.headers["Cache-Control"].startswith("private")
        assert "Authorization" in answer.headers["Vary"]


def test_whoever_waited_for_a_failure_shares_it(foo, open_site):
    site = open_site("cache", pypi__upstreams="p", upstream__p__url=foo.index, upstream__p__timeout="1")
    foo.tricks["/simple/slow"] = silent(3)
    took: list[float] = []

    def ask() -> None:
        began = time.monotonic()
        assert site.get("/simple/slow/").status_int in {502, 504}
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert foo.asked("/simple/slow").total() <= 2
    assert max(took) < 8


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.promise(82)
@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (OK + b"X-Slow: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5;ext=", b"x"),
        (OK + b"Content-Length: 100000\r\n\r\n", b""),
    ],
)
def test_whoever_drips_is_left_in_time(foo, open_site, head, piece):
    site = open_site("cache", pypi__upstreams="p", upstream__p__url=foo.index, upstream__p__timeout="0.5")
    foo.tricks["/simple/foo"] = drips(head, piece)
    began = time.monotonic()
    assert site.get("/simple/foo/").status_int in {502, 504}
    assert time.monotonic() - began < 10
    assert foo.asked("/simple/foo").total() == 1


@pytest.mark.promise(82)
def test_a_file_that_drips_is_left_too(foo, open_site):
    site = open_site("cache", pypi__upstreams="p", upstream__p__url=foo.index, upstream__p__timeout="0.5")
    foo.tricks["/files/"] = drips(OK + b"Transfer-Encoding: chunked\r\n\r\n5;ext=", b"x")
    began = time.monotonic()
    answer = site.get(PATH, Range="bytes=0-1")
    assert answer.status_int in {502, 504}
    assert time.monotonic() - began < 20


@pytest.mark.promise(82)
def test_a_page_of_nothing_but_tags_is_refused(foo, site):
    body = gzip.compress(b"<title>links for bad</title>" + b"<a " * 5_000_000)
    foo.tricks["/simple/bad"] = answers(200, body, HTML, Content_Encoding="gzip")
    assert site.get("/simple/bad/").status_int == 502


def test_a_page_of_two_gzip_members_is_not_cut(foo, site):
    page = foo.page("foo")[0]
    body = gzip.compress(page[:100]) + gzip.compress(page[100:])
    foo.tricks["/simple/foo"] = answers(200, body, JSON, Content_Encoding="gzip")
    assert site.get("/simple/foo/").status_int == 502
