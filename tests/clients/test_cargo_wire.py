"""What cargo's connections are like: offers of HTTP/2, long use of few, waiting for 100, many small files."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from tests.builders import a_crate, cargo_toml
from tests.clients.crates import cargo_of, write_app
from tests.http.cargo.site import announced, framed

OFFER = {
    "Connection": "Upgrade, HTTP2-Settings",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAMAAABkAAQAAQAAAAIAAAAA",
    "cargo-protocol": "version=1",
    "Accept": "text/plain",
}
MANY = 120


def put(site, name, version="0.1.0", **built):
    """Publish without cargo, which is quicker."""
    raw = json.dumps(announced(name, version)).encode()
    body = framed(raw, a_crate(name, version, **built).content)
    answer = site.server.request(
        "/api/v1/crates/new", method="PUT", body=body, headers={"Authorization": site.token}
    )
    assert answer.status == 200, answer.text


@pytest.fixture(scope="module")
def many(site):
    """A lot of small crates."""
    names = [f"many-{number}" for number in range(MANY)]
    for name in names:
        put(site, name, manifest=cargo_toml(name, "0.1.0"))
    return names


def test_an_offer_of_http2_is_passed_over_and_the_connection_kept(site, many):
    connection = http.client.HTTPConnection(site.server.authority, timeout=30)
    for number in range(200):
        connection.request("GET", f"/cargo/index/ma/ny/many-{number % MANY}", headers=OFFER)
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read()
        assert answer.getheader("Connection", "").lower() != "close"
    connection.close()


def test_a_large_body_is_asked_for(site):
    """cargo waits for 100 before it sends more than a mebibyte."""
    crate = a_crate("expected").content
    body = framed(json.dumps(announced("expected")).encode(), crate)
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=30) as client:
        head = f"PUT /api/v1/crates/new HTTP/1.1\r\nHost: {site.server.authority}\r\nAuthorization: {site.token}\r\n"
        client.sendall(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        client.sendall(body)
        assert client.recv(10_000).startswith(b"HTTP/1.1 200")


def test_head_and_body_come_in_one_piece(site, many):
    """In two, the second one would wait until the first is acknowledged, which takes 40 ms."""
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=30) as client:
        for name in many[:20]:
            path = f"/cargo/index/ma/ny/{name}"
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: {site.server.authority}\r\n\r\n".encode())
            head, _, body = client.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert json.loads(body)["name"] == name


def test_many_crates_are_fetched(site, many, tmp_path):
    cargo = cargo_of(site, tmp_path / "home", token=None)
    app = write_app(
        tmp_path, "".join(f'{name} = {{ version = "0.1", registry = "acme" }}\n' for name in many)
    )
    cargo.ok("fetch", cwd=app)
    assert len(list((cargo.home / ".cargo" / "registry" / "cache").rglob("*.crate"))) == MANY


def test_nothing_is_sent_again_that_is_known(site, many, tmp_path):
    connection = http.client.HTTPConnection(site.server.authority, timeout=30)
    connection.request("GET", "/cargo/index/ma/ny/many-1", headers=OFFER)
    answer = connection.getresponse()
    answer.read()
    tag = answer.getheader("ETag")
    connection.close()
    again = site.server.request("/cargo/index/ma/ny/many-1", headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
