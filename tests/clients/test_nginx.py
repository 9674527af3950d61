"""The sample for nginx, in front of a live server: it sends the files, all else is as without it."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace

import pytest

from pypicloud_like.registry.metrics import METHODS
from tests.clients.demo import Demo
from tests.clients.site import PASSWORD, USER, Site, twine_upload
from tests.support import need
from tests.support.clients import empty_environment
from tests.support.nginx import SAMPLE, adapted, over, program, running, wrapped
from tests.support.server import LiveServer, free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def live(folder):
    """The server behind, whose public address is nginx's."""
    options = {
        "server.public_url": f"http://127.0.0.1:{free_port()}",
        "server.trusted_proxies": "127.0.0.1",
        "server.accel_prefix": "/protected",
        "pypi.default_write": "authenticated",
    }
    with LiveServer(folder / "data", options=options) as server:
        server.add_user(USER, PASSWORD)
        yield server


@pytest.fixture(scope="module")
def behind_nginx(folder, live):
    """A site whose address is nginx's."""
    port = int(live.options["server.public_url"].rpartition(":")[2])
    text = adapted(SAMPLE.read_text(), port=port, places=over(live.port, live.data / "storage"))
    with running(text, folder, port):
        yield Site(replace(live, port=port), live.add_token(USER))


@pytest.fixture
def published(behind_nginx, builder, tmp_path, request):
    demo = Demo(request.node.name.replace("_", "-").replace("test-", "nginx-")[:40].strip("-"))
    (wheel,) = demo.build(builder, tmp_path / "work", kinds=["wheel"])
    builder.ok(*twine_upload(behind_nginx, wheel))
    return demo, wheel


def fetch(site, demo, **headers):
    address = f"/api/package/{demo.name}/{demo.wheel}"
    return site.server.request(address, auth=("__token__", site.token), headers=headers)


def test_publish_and_install(behind_nginx, published, pip, tmp_path):
    demo, _ = published
    python = empty_environment(tmp_path / "environment")
    command = ["python", "-m", "pip", "--python", str(python), "install", demo.name]
    pip.ok(*command, "--index-url", behind_nginx.index_with_login)


def test_the_file_is_sent_by_nginx_with_the_validators_of_the_server(behind_nginx, published, live):
    demo, wheel = published
    login = ("__token__", behind_nginx.token)
    told = live.request(f"/api/package/{demo.name}/{demo.wheel}", method="HEAD", auth=login)
    assert told.headers["X-Accel-Redirect"].startswith("/protected/v1/files/")
    answer = fetch(behind_nginx, demo)
    assert answer.status == 200
    assert answer.body == wheel.read_bytes()
    assert answer.headers["X-Accel-Redirect"] is None
    assert answer.headers.get_all("ETag") == [f'"{hashlib.sha256(answer.body).hexdigest()}"']
    assert len(answer.headers.get_all("Last-Modified")) == 1
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "private" in answer.headers["Cache-Control"]
    again = fetch(behind_nginx, demo, **{"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


def test_ranges(behind_nginx, published):
    demo, wheel = published
    content = wheel.read_bytes()
    part = fetch(behind_nginx, demo, Range="bytes=-20")
    assert (part.status, part.body) == (206, content[-20:])
    assert part.headers["Content-Range"] == f"bytes {len(content) - 20}-{len(content) - 1}/{len(content)}"
    other = fetch(behind_nginx, demo, **{"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (other.status, other.body) == (200, content)


def test_the_store_itself_cannot_be_asked_for(behind_nginx, published):
    assert behind_nginx.server.request("/protected/v1/storage.json").status == 404


def test_files_need_a_login_here_too(behind_nginx, published):
    demo, _ = published
    assert behind_nginx.server.request(f"/api/package/{demo.name}/{demo.wheel}").status == 401


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
def test_methods_nobody_needs(behind_nginx, method):
    assert behind_nginx.server.request("/simple/", method=method).status == 405


@pytest.mark.parametrize("method", sorted(METHODS))
def test_methods_somebody_needs(behind_nginx, live, method):
    """An address that has them all but HEAD, and answers each of them to nobody in particular alike."""
    path = "/api/scopes/nobody/packages/nothing/versions/1.0.0"
    login = ("__token__", behind_nginx.token)
    answer = behind_nginx.server.request(path, method=method, auth=login)
    assert answer.status == live.request(path, method=method, auth=login).status
    assert answer.headers["X-Request-Id"]


def test_a_client_cannot_say_where_it_comes_from(behind_nginx):
    """Ten failures from one address, whatever it calls itself, and it must wait."""
    statuses = set()
    for number in range(15):
        answer = behind_nginx.server.request(
            "/simple/", auth=(f"nobody{number}", "wrong"), headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        statuses.add(answer.status)
    assert 429 in statuses


@pytest.mark.parametrize("sample", ["nginx.conf", "team-nginx.conf"])
def test_the_whole_sample_is_understood(tmp_path, sample):
    """With certificates that exist, nginx itself finds nothing wrong."""
    openssl = need.program("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=packages.example.org", "-keyout", key, "-out", certificate]
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject],
        check=True,
        capture_output=True,
    )
    text = SAMPLE.with_name(sample).read_text()
    text = text.replace("/etc/ssl/certs/packages.example.org.pem", str(certificate))
    text = text.replace("/etc/ssl/private/packages.example.org.key", str(key))
    text = text.replace("listen 80", f"listen {free_port()}").replace("listen 443", f"listen {free_port()}")
    (tmp_path / "nginx.conf").write_text(wrapped(text, tmp_path))
    done = subprocess.run(
        [program(), "-e", tmp_path / "error.log", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
