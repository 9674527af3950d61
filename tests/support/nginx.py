"""The sample for nginx, on loopback in front of a live server."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import need
from tests.support.server import is_listening

SAMPLE = Path(__file__).parents[2] / "config" / "nginx.conf"


def adapted(text: str, *, port: int, places: Mapping[str, str]) -> str:
    """A sample on a loopback port, without https, with other places. Each line meant must be there."""
    first, _, ours = text.partition("server {\n    listen 80 default_server;")
    _, marker, main = ours.rpartition("server {\n    listen 443 ssl;")
    assert marker
    changed = first + marker + main
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "server_name packages.example.org;": "server_name 127.0.0.1;",
        **places,
    }.items():
        assert changed.count(old) == 1, old
        changed = changed.replace(old, new)
    return "\n".join(line for line in changed.splitlines() if not line.strip().startswith("ssl_"))


def over(behind: int, storage: Path) -> dict[str, str]:
    """Where the sample for one machine finds the server and its files."""
    return {
        "server 127.0.0.1:6543;": f"server 127.0.0.1:{behind};",
        "alias /var/lib/pypicloud-like/storage/;": f"alias {storage}/;",
    }


def wrapped(text: str, folder: Path) -> str:
    """What servers stand in, with everything that is written in a folder."""
    user = "user root;" if os.geteuid() == 0 else ""
    paths = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log {folder}/access.log; {paths}\n{text}\n}}\n"
    )


def program() -> str:
    """nginx itself, which is often not where the shell looks."""
    path = "/usr/sbin/nginx"
    return path if Path(path).exists() else need.program("nginx")


@contextmanager
def running(text: str, folder: Path, port: int) -> Iterator[None]:
    """nginx over such a text of servers, from when it listens on its port."""
    (folder / "nginx.conf").write_text(wrapped(text, folder))
    log = folder / "error.log"
    process = subprocess.Popen([program(), "-e", log, "-p", folder, "-c", folder / "nginx.conf"])
    try:
        deadline = time.monotonic() + 30
        while not is_listening(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)
