"""Pages of projects that an upstream has."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.builders import a_wheel, an_sdist
from tests.support.upstream import HTML, JSON, Upstream, answers, bomb, dead, metadata_in, silent

WHEEL, SDIST = a_wheel("foo", "1.0"), an_sdist("foo", "1.0")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def foo(upstream):
    upstream.add("foo", WHEEL, requires_python=">=3.8", yanked="it <broke>")
    upstream.add("foo", SDIST)
    return upstream


def test_everything_the_upstream_tells_is_passed_on(foo, site):
    page = site.page("foo")
    assert page["name"] == "foo"
    wheel = next(file for file in page["files"] if file["filename"] == WHEEL.filename)
    assert wheel == {
        "filename": WHEEL.filename,
        "url": f"/api/package/foo/{WHEEL.filename}",
        "hashes": {"sha256": digest(WHEEL.content)},
        "size": len(WHEEL.content),
        "upload-time": "2020-01-01T00:00:00Z",
        "requires-python": ">=3.8",
        "yanked": "it <broke>",
        "core-metadata": {"sha256": digest(metadata_in(WHEEL))},
    }


def test_html_is_understood_and_what_it_does_not_tell_is_left_out(foo, site):
    foo.form = HTML
    page = site.page("foo")
    wheel = next(file for file in page["files"] if file["filename"] == WHEEL.filename)
    assert wheel == {
        "filename": WHEEL.filename,
        "url": f"/api/package/foo/{WHEEL.filename}",
        "hashes": {"sha256": digest(WHEEL.content)},
        "requires-python": ">=3.8",
        "yanked": "it <broke>",
        "core-metadata": True,
    }
    html = site.get("/simple/foo/").text
    assert 'data-requires-python="&gt;=3.8"' in html
    assert 'data-yanked="it &lt;broke&gt;"' in html
    assert 'data-core-metadata="true"' in html


def test_a_page_is_fetched_once_then_confirmed(foo, site):
    first = site.get("/simple/foo/")
    again = site.get("/simple/foo/")
    assert again.body == first.body
    assert site.get("/simple/foo/", If_None_Match=first.headers["ETag"]).status_int == 304
    assert foo.asked("/simple/") == {"/simple/foo/": 1}
    site.clock.now += timedelta(hours=1)
    assert site.get("/simple/foo/").body == first.body
    assert foo.asked("/simple/") == {"/simple/foo/": 2}
    assert foo.requests[-1].headers["if-none-match"]
    assert site.services.upstreams.documents.counts["confirmed"] == 1


def test_what_is_new_upstream_shows_once_the_page_is_old(foo, site):
    assert site.filenames("foo") == {WHEEL.filename, SDIST.filename}
    newer = a_wheel("foo", "2.0")
    foo.add("foo", newer)
    assert newer.filename not in site.filenames("foo")
    site.clock.now += timedelta(hours=1)
    assert newer.filename in site.filenames("foo")


def test_another_spelling_is_redirected_and_only_the_normal_name_is_told(foo, site):
    assert site.get("/simple/FOO/").headers["Location"] == "/simple/foo/"
    assert not foo.requests


@pytest.mark.promise(87)
def test_what_no_upstream_has_is_believed_for_a_minute(upstream, site):
    for _ in range(3):
        assert site.get("/simple/nothing/").status_int == 404
    assert upstream.asked() == {"/simple/nothing/": 1}
    site.clock.now += timedelta(seconds=61)
    upstream.add("nothing", a_wheel("nothing", "1.0"))
    assert site.filenames("nothing") == {"nothing-1.0-py3-none-any.whl"}


@pytest.mark.promise(82, 83)
@pytest.mark.parametrize(
    ("trick", "status"),
    [
        (dead, 502),
        (answers(500), 502),
        (answers(503), 502),
        (answers(403), 502),
        (answers(429), 502),
        (answers(200, b"<html>please log in</html>"), 502),
        (answers(200, b"{not json", JSON), 502),
        (answers(200, b"[]", JSON), 502),
        (answers(200, b'{"meta":{"api-version":"2.0"},"name":"foo","files":[]}', JSON), 502),
        (answers(200, b'{"meta":{"api-version":"1.0"},"name":"bar","files":[]}', JSON), 502),
        (answers(200, b"\xff\xfe", JSON), 502),
        (answers(200, b"x", "image/png"), 502),
        (answers(302, Location="/simple/foo/"), 502),
        (answers(302, Location="file:///etc/passwd"), 502),
        (answers(302, Location="http://localhost.example:1/x"), 502),
        (answers(302), 502),
        (answers(206, b"{}", JSON), 502),
        (bomb(200 * 1024 * 1024), 502),
    ],
)
def test_a_failure_is_never_a_missing_project_and_stale_pages_are_served(foo, site, trick, status):
    foo.tricks["/simple/foo/"] = trick
    answer = site.get("/simple/foo/")
    assert answer.status_int == status
    assert "Traceback" not in answer.text
    del foo.tricks["/simple/foo/"]
    good = site.get("/simple/foo/")
    assert good.status_int == 200
    foo.tricks["/simple/foo/"] = trick
    site.clock.now += timedelta(hours=1)
    stale = site.get("/simple/foo/")
    assert stale.status_int == 200
    assert stale.body == good.body
    assert "Stale" in stale.headers["Warning"]


@pytest.mark.promise(82)
def test_a_silent_upstream_costs_little_and_is_then_left_alone(foo, open_site):
    site = open_site(pypi__upstreams="slow", upstream__slow__url=foo.index, upstream__slow__timeout="0.3")
    good = site.get("/simple/foo/")
    foo.tricks["/simple/"] = silent(5)
    assert site.get("/simple/bar/").status_int == 504
    site.clock.now += timedelta(hours=1)
    asked = len(foo.requests)
    assert site.get("/simple/foo/").body == good.body
    assert site.get("/simple/foo/").body == good.body
    assert len(foo.requests) - asked <= 1


@pytest.mark.promise(83)
def test_a_page_that_is_too_old_is_not_served(foo, open_site):
    site = open_site(server__stale_age="1d")
    assert site.get("/simple/foo/").status_int == 200
    foo.tricks["/simple/"] = dead
    site.clock.now += timedelta(hours=23)
    assert site.get("/simple/foo/").status_int == 200
    site.clock.now += timedelta(hours=2)
    assert site.get("/simple/foo/").status_int == 502


def test_a_restart_keeps_pages(foo, open_site):
    body = open_site().get("/simple/foo/").body
    foo.tricks["/simple/"] = dead
    assert open_site().get("/simple/foo/").body == body


@pytest.mark.promise(85)
def test_files_at_other_places_and_of_other_projects_are_left_out(foo, site):
    good = a_wheel("foo", "3.0")
    foo.add("foo", good)
    for number, url in enumerate(
        (
            "ftp://127.0.0.1/x",
            "file:///etc/passwd",
            "http://user:secret@127.0.0.1/x",
            "http://other.example/x",
            "data:text/plain,x",
            "//other.example/x",
        )
    ):
        foo.add("foo", a_wheel("foo", f"9.{number}"), url=url)
    foo.add("foo", a_wheel("bar", "1.0"), a_wheel("foo", "4.0", filename="../../foo-4.0-py3-none-any.whl"))
    assert site.filenames("foo") == {WHEEL.filename, SDIST.filename, good.filename}


@pytest.mark.promise(84)
def test_nothing_of_the_upstream_s_markup_or_headers_comes_through(upstream, site):
    body = (
        b"<title>Links for foo</title><script>alert(1)</script>"
        b'<a href="/files/foo-1.0.tar.gz#sha256=%s" onclick="x" data-yanked="&lt;script&gt;">x</a>'
        % (b"a" * 64)
    )
    upstream.tricks["/simple/foo/"] = answers(200, body, HTML, Set_Cookie="a=b", Location="/x")
    answer = site.get("/simple/foo/")
    assert answer.status_int == 200
    assert "<script>" not in answer.text
    assert "onclick" not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.promise(89)
def test_credentials_of_clients_never_leave(foo, site):
    site.get("/simple/foo/", user="ann", Cookie="a=b")
    site.get(f"/api/package/foo/{WHEEL.filename}", user="ann")
    assert foo.requests
    for request in foo.requests:
        assert not {"authorization", "cookie"} & request.headers.keys()


@pytest.mark.promise(88)
def test_our_credentials_go_to_the_upstream_alone(foo, open_site):
    site = open_site(
        pypi__upstreams="corp",
        upstream__corp__url=foo.index,
        upstream__corp__username="ci",
        upstream__corp__password="hunter2 hunter2",
        upstream__corp__file_hosts="localhost",
    )
    foo.add(
        "foo",
        a_wheel("foo", "7.0"),
        url=foo.url.replace("127.0.0.1", "localhost") + "/files/foo-7.0-py3-none-any.whl",
    )
    text = site.get("/simple/foo/").text
    assert "hunter2" not in text
    assert foo.requests[-1].headers["authorization"].startswith("Basic ")
    assert site.get("/api/package/foo/foo-7.0-py3-none-any.whl").status_int == 200
    assert "authorization" not in foo.requests[-1].headers


def test_the_minimum_age_hides_what_is_young_or_of_unknown_age(foo, open_site):
    site = open_site(
        pypi__upstreams="u",
        upstream__u__url=foo.index,
        upstream__u__minimum_age="7d",
        upstream__u__minimum_age_except="baz foo==8.0",
    )
    today = site.clock.now.isoformat()
    for version, told in (("5.0", today), ("6.0", None), ("8.0", today), ("4.0", "nonsense")):
        foo.add("foo", a_wheel("foo", version), upload_time=told)
    foo.add("baz", a_wheel("baz", "1.0"), upload_time=today)
    assert site.filenames("foo") == {WHEEL.filename, SDIST.filename, "foo-8.0-py3-none-any.whl"}
    assert site.filenames("baz") == {"baz-1.0-py3-none-any.whl"}
    for version in ("5.0", "6.0", "4.0"):
        assert site.get(f"/api/package/foo/foo-{version}-py3-none-any.whl").status_int == 404
        assert site.get(f"/api/package/foo/foo-{version}-py3-none-any.whl.metadata").status_int == 404
    site.clock.now += timedelta(days=8)
    assert "foo-5.0-py3-none-any.whl" in site.filenames("foo")


def test_the_first_upstream_that_has_a_project_counts(foo, open_site):
    with Upstream() as second:
        second.add("foo", a_wheel("foo", "99.0"))
        second.add("only", a_wheel("only", "1.0"))
        site = open_site(
            pypi__upstreams="one two",
            upstream__one__url=foo.index,
            upstream__two__url=second.index,
            upstream__two__deny="hidden*",
        )
        assert site.filenames("foo") == {WHEEL.filename, SDIST.filename}
        assert site.filenames("only") == {"only-1.0-py3-none-any.whl"}
        assert site.get("/simple/hidden-thing/").status_int == 404
        assert "/simple/hidden-thing/" not in second.asked()
        foo.tricks["/simple/"] = dead
        second.add("new", a_wheel("new", "1.0"))
        assert site.get("/simple/new/").status_int == 502, "the first one might have it"


def test_the_json_api_tells_it_too(foo, site):
    answer = site.get("/pypi/foo/json")
    assert answer.status_int == 200, answer
    info = answer.json["info"]
    assert (info["name"], info["version"]) == ("foo", "1.0")
    assert {file["filename"] for file in answer.json["urls"]} == {WHEEL.filename, SDIST.filename}
    assert all("/api/package/foo/" in file["url"] for file in answer.json["urls"])
    assert site.get("/pypi/foo/1.0/json").status_int == 200
    assert site.get("/pypi/foo/9.9/json").status_int == 404
    assert site.get("/pypi/foo/latest/json").headers["Location"].endswith("/pypi/foo/1.0/json")
    assert site.get("/pypi/nothing/json").status_int == 404
