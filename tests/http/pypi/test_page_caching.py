"""Index pages: entity tags, revalidation, compression, and who may keep them."""

from __future__ import annotations

import gzip

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import HTML, JSON

FIRST, SECOND = a_wheel("foo", "1.0"), a_wheel("foo", "1.1")
REPRESENTATIONS = [JSON, HTML, "text/html"]


def get(site, accept=JSON, path="/simple/foo/", user="ann", **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.raw("GET", path, user=user, headers={"Accept": accept, **sent})


def tag(site, accept=JSON, path="/simple/foo/") -> str:
    answer = get(site, accept, path)
    assert answer.status_int == 200
    return answer.headers["ETag"]


@pytest.mark.promise(35)
@pytest.mark.parametrize("accept", REPRESENTATIONS)
@pytest.mark.parametrize("path", ["/simple/foo/", "/simple/", "/pypi/foo/json"])
def test_an_unchanged_page_is_not_sent_again(site, accept, path):
    site.publish(FIRST)
    first = get(site, accept, path)
    again = get(site, accept, path, If_None_Match=first.headers["ETag"])
    assert again.status_int == 304
    assert again.body == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert "Content-Type" not in again.headers
    assert get(site, accept, path, If_None_Match='"other"').status_int == 200


@pytest.mark.promise(35)
def test_each_representation_has_its_own_tag(site):
    for number in range(6):
        site.publish(a_wheel("foo", f"1.{number}"))
    plain = {get(site, accept).headers["ETag"] for accept in (JSON, HTML)}
    packed = {get(site, accept, Accept_Encoding="gzip").headers["ETag"] for accept in (JSON, HTML)}
    assert len(plain | packed) == 4


@pytest.mark.promise(35)
@pytest.mark.parametrize("path", ["/simple/foo/", "/pypi/foo/json"])
def test_the_tag_moves_with_each_change_and_only_then(site, path):
    site.publish(FIRST)
    seen = [tag(site, path=path)]

    def moves(method, address, **rest):
        answer = site.ask(method, address, user="boss", **rest)
        assert answer.status_int == 200, answer
        now = tag(site, path=path)
        assert now not in seen
        seen.append(now)

    def stays(action):
        action()
        assert tag(site, path=path) == seen[-1]

    site.publish(SECOND)
    seen.append(tag(site, path=path))
    assert seen[0] != seen[1]
    stays(lambda: site.publish(SECOND))
    stays(lambda: site.publish(a_wheel("other", "1.0")))
    moves("POST", "/api/package/foo/1.1/yank")
    stays(lambda: site.ask("POST", "/api/package/foo/1.1/yank", user="boss"))
    moves("DELETE", "/api/package/foo/1.1/yank")
    moves("DELETE", f"/api/package/foo/{SECOND.filename}")
    stays(lambda: site.ask("GET", "/simple/", user="ann"))


def test_the_tag_of_the_page_moves_with_the_status(site):
    site.publish(FIRST)
    before = tag(site)
    assert site.ask("PUT", "/api/project/foo/status?status=deprecated", user="boss").status_int == 200
    assert tag(site) != before


def test_pages_are_asked_for_again_each_time(site):
    site.publish(FIRST)
    for accept in REPRESENTATIONS:
        assert "no-cache" in get(site, accept).headers["Cache-Control"]


@pytest.mark.promise(35)
def test_what_only_some_may_read_is_for_no_shared_cache(site):
    site.publish(FIRST)
    addresses = ["/simple/foo/", "/simple/", "/pypi/foo/json", "/pypi/foo/1.0/json", "/pypi/foo/latest/json",
                 "/packages/", "/api/package/", "/api/package/foo/", "/rss/updates.xml", "/rss/packages.xml",
                 "/rss/project/foo/releases.xml", "/api/project/foo/status", f"/api/package/foo/{FIRST.filename}",
                 f"/api/package/foo/{FIRST.filename}.metadata"]  # fmt: skip
    for address in addresses:
        answer = site.ask("GET", address, user="ann")
        assert answer.status_int in {200, 307}, address
        control = answer.headers["Cache-Control"]
        assert "private" in control or "no-store" in control, address
        assert "no-store" in control or "Authorization" in answer.headers["Vary"], address


class TestOpenToAll:
    @pytest.fixture
    def ini(self):
        return {"pypi.default_read": "everyone"}

    def test_what_everybody_may_read_may_be_kept_by_shared_caches(self, site):
        site.publish(FIRST)
        for user in (None, "ann"):
            assert "private" not in get(site, user=user).headers["Cache-Control"]
        assert get(site, user=None).headers["ETag"] == tag(site)

    def test_lists_stay_private_since_they_differ_by_reader(self, site):
        answer = get(site, path="/simple/", user=None)
        assert "private" in answer.headers["Cache-Control"]


def test_a_packed_page_is_the_same_page(site):
    for number in range(12):
        site.publish(a_wheel("foo", f"1.{number}"))
    for accept in REPRESENTATIONS:
        plain = get(site, accept)
        packed = get(site, accept, Accept_Encoding="gzip, deflate")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body)
        assert int(packed.headers["Content-Length"]) == len(packed.body)
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.headers["Vary"]
        again = get(site, accept, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
        assert again.status_int == 304
        assert get(site, accept, Accept_Encoding="gzip;q=0").headers.get("Content-Encoding") is None


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    "path",
    ["/simple/", "/simple/foo/", "/pypi/foo/json", "/pypi/foo/1.0/json", "/packages/", "/api/package/foo/",
     f"/api/package/foo/{FIRST.filename}", f"/api/package/foo/{FIRST.filename}.metadata", "/rss/updates.xml",
     "/simple/nothing/", "/simple/Foo/", "/", "/+simple/foo/", "/health", "/api/package/", "/api/project/foo/status",
     "/pypi/foo/latest/json", "/_/oidc/audience"],
)  # fmt: skip
def test_head_is_get_without_a_body(shared, path):
    shared.publish(FIRST)
    for headers in ({}, {"Accept": JSON}, {"Accept-Encoding": "gzip"}):
        full = shared.raw("GET", path, user="ann", headers=headers)
        head = shared.raw("HEAD", path, user="ann", headers=headers)
        assert head.status == full.status
        assert head.body == b""
        for answer in (full, head):
            assert answer.headers.pop("X-Request-Id"), "each request has its own"
        assert dict(head.headers) == dict(full.headers)


def test_the_serial_of_the_page_is_told(site):
    site.publish(FIRST)
    page = site.page("foo")
    answer = get(site)
    assert int(answer.headers["X-PyPI-Last-Serial"]) == page["meta"]["_last-serial"] > 0


@pytest.mark.promise(13)
def test_an_upload_is_seen_by_the_next_reader_of_any_process(site, tmp_path, clock):
    """Two processes over one data folder, as two sets of services are."""
    from tests.http.conftest import make_services
    from tests.http.pypi.site import Site

    other_services = make_services(tmp_path / "data", {}, clock)
    try:
        other = Site(other_services, clock)
        for number in range(5):
            built = a_wheel("foo", f"1.{number}")
            (site, other)[number % 2].publish(built)
            for reader in (site, other):
                assert f"1.{number}" in reader.page("foo")["versions"]
                assert built.filename in reader.html("foo")
        gone = a_wheel("foo", "1.0").filename
        site.ask("DELETE", f"/api/package/foo/{gone}", user="boss")
        assert gone not in other.html("foo")
        assert other.ask("GET", f"/api/package/foo/{gone}", user="ann").status_int == 404
    finally:
        other_services.close()
