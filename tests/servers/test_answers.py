"""What clients rely on, the same on every WSGI server: pages, conditions, ranges, limits, uploads, refusals."""

from __future__ import annotations

import base64
import http.client
import json
from importlib.util import find_spec

import pytest

from tests import builders
from tests.support.need import lacking
from tests.support.server import LiveServer
from tests.support.uploads import multipart, post_file

BOSS = ("boss", "a long enough password")
WHEEL = builders.a_wheel("foo", "1.0")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
FILE = f"/api/package/foo/{WHEEL.filename}"
OPTIONS = {
    "pypi.default_read": "everyone",
    "limits.file": str(2**20),
    "server.public_url": "",
    "server.allowed_hosts": "packages.example.org",
}


@pytest.fixture(scope="module", params=["waitress", "granian"])
def server(request, tmp_path_factory):
    if find_spec(request.param) is None:
        lacking(request.param)
    data = tmp_path_factory.mktemp(request.param) / "data"
    options = {key: value for key, value in OPTIONS.items() if value}
    with LiveServer(data, options=options, server=request.param, workers=2) as running:
        running.add_user(*BOSS, admin=True)
        assert post_file(running, *BOSS, WHEEL.filename, WHEEL.content).status == 200
        yield running


@pytest.fixture
def connection(server):
    """One that stays open."""
    found = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    yield found
    found.close()


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer, answer.read()


def test_a_page_and_its_304_on_one_connection(connection):
    answer, body = ask(connection, "GET", "/simple/foo/", headers=JSON)
    assert answer.status == 200
    assert json.loads(body)["files"][0]["filename"] == WHEEL.filename
    tag = answer.headers["ETag"]
    socket = connection.sock
    for _ in range(3):
        answer, body = ask(connection, "GET", "/simple/foo/", headers=JSON | {"If-None-Match": tag})
        assert (answer.status, body) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert connection.sock is socket, "the connection was closed"


def test_head_has_the_headers_of_get(connection):
    full, body = ask(connection, "GET", FILE)
    head, nothing = ask(connection, "HEAD", FILE)
    assert nothing == b""
    for name in ("Content-Length", "ETag", "Content-Type", "Cache-Control", "Accept-Ranges"):
        assert head.headers[name] == full.headers[name]
    assert body == WHEEL.content


def test_a_part_of_a_file(server):
    answer = server.request(FILE, headers={"Range": "bytes=10-19"})
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes 10-19/{WHEEL.size}"
    assert answer.body == WHEEL.content[10:20]
    assert server.request(FILE, headers={"Range": f"bytes={WHEEL.size}-"}).status == 416


def test_an_address_with_several_slashes_at_the_beginning(connection):
    answer, _ = ask(connection, "GET", "//simple/foo/", headers=JSON)
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/simple/nothing/", "/api/package/nothing/nothing-1.0.tar.gz"])
def test_what_is_not_there(server, path):
    assert server.request(path).status == 404


def test_a_file_above_its_limit_is_refused(server):
    body = bytes(2**20 + 1)
    answer = post_file(server, *BOSS, "foo-2.0.tar.gz", body)
    assert answer.status == 413
    assert server.request("/simple/foo/", headers=JSON).json["versions"] == ["1.0"]


def test_a_request_above_its_limit_is_refused_before_it_is_read(connection):
    connection.putrequest("PUT", "/api/v1/crates/new")
    connection.putheader("Content-Length", str(2**40))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["errors"][0]["detail"]


def test_an_upload_in_chunks(server, connection):
    built = builders.a_wheel("chunked", "1.0")
    kind, body = multipart(built.filename, built.content)
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    headers = {"Content-Type": kind, "Authorization": _basic(BOSS)}
    connection.request("POST", "/simple/", iter(pieces), headers, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert server.request(f"/api/package/chunked/{built.filename}").body == built.content


def test_forged_headers_and_wrong_passwords_do_not_count(server):
    answer = server.request(
        "/simple/foo/", headers={"X-Forwarded-Host": "evil.example.org", "X-Forwarded-For": "1.2.3.4", **JSON}
    )
    assert answer.status == 200
    assert "evil" not in answer.text
    assert post_file(server, "boss", "wrong", WHEEL.filename, WHEEL.content).status == 401


def test_what_is_not_allowed_is_told_with_what_is(server):
    answer = server.request("/simple/foo/", method="DELETE", auth=BOSS)
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


def test_metrics_are_those_of_all_workers(server):
    before = _requests(server)
    for _ in range(20):
        server.request("/simple/foo/", headers=JSON)
    assert _requests(server) == before + 20
    lines = server.request("/metrics").text.splitlines()
    assert sum(line.startswith("pypicloud_like_info{") for line in lines) == 2


def _requests(server):
    text = server.request("/metrics").text
    found = [
        line.rpartition(" ")[2]
        for line in text.splitlines()
        if line.startswith(
            'pypicloud_like_requests_total{route="/simple/{project}/",method="GET",status="2xx"'
        )
    ]
    return sum(map(int, found))


def _basic(login):
    return "Basic " + base64.b64encode(":".join(login).encode()).decode()
