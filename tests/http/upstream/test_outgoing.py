"""Where requests to upstreams go: few redirects, allowed hosts, https that stays so, no proxies and no .netrc."""

from __future__ import annotations

import hashlib

import pytest

from tests.builders import a_wheel
from tests.support.tls import Tls
from tests.support.upstream import Upstream, answers

WHEEL = a_wheel("foo", "1.0")
FILE = f"/api/package/foo/{WHEEL.filename}"


@pytest.fixture
def foo(upstream) -> Upstream:
    upstream.add("foo", WHEEL)
    return upstream


@pytest.fixture
def elsewhere():
    """A server on this machine that no setting names."""
    with Upstream() as running:
        running.add("foo", WHEEL)
        yield running


@pytest.fixture
def tls(foo, tmp_path):
    with Tls(tmp_path / "tls", foo.server.server_address[1]) as running:
        yield running


def at(url: str, **more: str) -> dict[str, str]:
    """The keys of an upstream at this address."""
    return {"pypi__upstreams": "corp", "upstream__corp__url": f"{url}/simple"} | {
        f"upstream__corp__{key}": value for key, value in more.items()
    }


@pytest.mark.promise(153)
def test_a_few_redirects_within_the_upstream_are_followed(foo, site):
    foo.tricks["/simple/foo/"] = answers(301, Location="/hop/foo")
    foo.tricks["/hop/foo"] = answers(302, Location="/hop/page")
    foo.tricks["/hop/page"] = answers(200, *foo.page("foo"))
    assert site.filenames("foo") == {WHEEL.filename}


@pytest.mark.promise(153)
def test_a_circle_of_them_is_left(foo, site):
    foo.tricks["/simple/foo/"] = answers(302, Location="/simple/foo/")
    assert site.get("/simple/foo/").status_int == 502
    assert foo.asked()["/simple/foo/"] <= 6


@pytest.mark.promise(85, 153)
@pytest.mark.parametrize(
    "where",
    ["{}/simple/foo/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/x", "//localhost:{port}/x", ""],
)
def test_pages_are_not_followed_to_where_settings_do_not_allow(foo, elsewhere, site, where):
    port = elsewhere.server.server_address[1]
    foo.tricks["/simple/foo/"] = answers(302, Location=where.format(elsewhere.url, port=port))
    answer = site.get("/simple/foo/")
    assert answer.status_int == 502
    assert elsewhere.requests == []
    assert str(port) not in answer.text


@pytest.mark.promise(85, 153)
def test_nor_are_files(foo, elsewhere, site):
    assert site.filenames("foo") == {WHEEL.filename}
    foo.tricks["/files/"] = answers(302, Location=f"{elsewhere.url}/files/{WHEEL.filename}")
    assert site.get(FILE).status_int == 502
    assert elsewhere.requests == []


@pytest.mark.promise(154)
def test_https_is_spoken_where_the_certificate_is_right(tls, open_site):
    site = open_site(**at(tls.url, ca_file=str(tls.ca_file)))
    assert site.filenames("foo") == {WHEEL.filename}
    assert site.get(FILE).body == WHEEL.content


@pytest.mark.promise(154)
def test_a_certificate_that_nobody_vouches_for_ends_it(foo, tls, open_site):
    assert open_site(**at(tls.url)).get("/simple/foo/").status_int == 502
    assert foo.requests == []


@pytest.mark.promise(154)
def test_a_certificate_of_another_host_ends_it(foo, tls, open_site):
    with Tls(tls.folder, foo.server.server_address[1], host="127.0.0.2") as other:
        assert open_site(**at(other.url, ca_file=str(other.ca_file))).get("/simple/foo/").status_int == 502
    assert foo.requests == []


@pytest.mark.promise(154)
def test_https_does_not_become_http(foo, tls, open_site):
    site = open_site(**at(tls.url, ca_file=str(tls.ca_file)))
    foo.entries[WHEEL.filename] = {"url": f"{foo.url}/files/{WHEEL.filename}"}
    assert site.filenames("foo") == set(), "the file would come by http"
    assert site.get(FILE).status_int == 404
    foo.tricks["/simple/bar/"] = answers(302, Location=f"{foo.url}/simple/foo/")
    assert site.get("/simple/bar/").status_int == 502
    assert foo.asked("/files/") == {}


@pytest.mark.promise(155)
def test_proxies_of_the_environment_and_netrc_are_not_used(foo, elsewhere, open_site, tmp_path, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
        monkeypatch.setenv(name.upper(), elsewhere.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / "home" / ".netrc"
    netrc.parent.mkdir()
    netrc.write_text("machine 127.0.0.1 login somebody password hunter2\ndefault login x password hunter3\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(netrc.parent))
    monkeypatch.setenv("NETRC", str(netrc))
    site = open_site()
    assert site.filenames("foo") == {WHEEL.filename}
    assert hashlib.sha256(site.get(FILE).body).digest() == hashlib.sha256(WHEEL.content).digest()
    assert elsewhere.requests == []
    assert foo.requests
    assert all("authorization" not in request.headers for request in foo.requests)
