"""Requests a second of what clients ask most, on this machine: ``python -m bench [--seconds N]``.

The server is the real command with embedded defaults; load generator and server share the machine.
Figures of different machines, or of a busy one, do not compare.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import urllib.request
from pathlib import Path

from bench.load import run
from tests.builders import a_wheel
from tests.support.server import DIRECT, LiveServer

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
HTML = {"Accept": "text/html"}
SMALL, LARGE = 10, 500
LARGE_FILE = 20 * 2**20
PASSWORD = "a long enough password"


def main() -> None:
    """Fill a server, ask it, print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each line is measured")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        options = {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}
        with LiveServer(Path(folder) / "data", options=options) as server:
            server.add_user("ann", PASSWORD)
            token = _basic("__token__", server.add_token("ann"))
            _fill(server, token)
            _measure(server, token, seconds)


def _measure(server: LiveServer, token: dict[str, str], seconds: float) -> None:
    large = a_wheel("bulk", "1.0").filename
    etag = server.request("/simple/small/", headers=JSON | token).headers["ETag"]
    lines = [
        (f"project page, {SMALL} files, JSON", "/simple/small/", JSON | token, 16),
        (f"project page, {SMALL} files, HTML", "/simple/small/", HTML | token, 16),
        (f"project page, {SMALL} files, 304", "/simple/small/", JSON | token | {"If-None-Match": etag}, 16),
        (f"project page, {SMALL} files, password", "/simple/small/", JSON | _basic("ann", PASSWORD), 16),
        (
            f"project page, {LARGE} files, gzip",
            "/simple/large/",
            JSON | token | {"Accept-Encoding": "gzip"},
            4,
        ),
        (f"project page, {LARGE} files, plain", "/simple/large/", JSON | token, 4),
        ("project list", "/simple/", JSON | token, 16),
        ("a wheel's metadata", f"/api/package/bulk/{large}.metadata", token, 16),
        (f"a wheel of {LARGE_FILE // 2**20} MiB", f"/api/package/bulk/{large}", token, 4),
    ]
    print(f"{'':40}{'conn':>5}{'req/s':>9}{'MB/s':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for label, path, headers, connections in lines:
        run(server.port, path, headers, connections=connections, seconds=0.5)  # warm
        load = run(server.port, path, headers, connections=connections, seconds=seconds)
        speed = load.body_bytes / load.seconds / 1e6
        print(
            f"{label:40}{connections:5}{load.rate:9.0f}{speed:8.1f}"
            f"{load.percentile(0.5):9.2f}{load.percentile(0.99):9.2f}",
            flush=True,
        )


def _fill(server: LiveServer, token: dict[str, str]) -> None:
    for number in range(SMALL):
        _upload(server, token, *a_wheel("small", f"1.{number}"))
    for number in range(LARGE):
        _upload(server, token, *a_wheel("large", f"1.{number}"))
    filler = bytes(LARGE_FILE)
    _upload(server, token, *a_wheel("bulk", "1.0", files={"bulk/data.bin": filler}, stored=True))


def _upload(server: LiveServer, token: dict[str, str], filename: str, content: bytes) -> None:
    boundary = "a-boundary-that-is-nowhere-in-a-wheel"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", **token}
    with DIRECT.open(urllib.request.Request(f"{server.url}/simple/", body, headers), timeout=60) as answer:
        answer.read()


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


if __name__ == "__main__":
    main()
