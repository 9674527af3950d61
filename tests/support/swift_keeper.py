"""The keeper of the tests' object store: starts OpenStack Swift and stops it when nobody uses it."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


class Closing(Protocol):
    """What is open once somebody answers."""

    def close(self) -> None: ...


PARTS = {"account": 1, "container": 2, "object": 3}

_PROXY = """
[DEFAULT]
swift_dir = {conf}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
log_name = proxy
log_address = {conf}/nolog
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = true
s3_acl = false
check_bucket_owner = false
min_segment_size = 5242880
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:symlink]
use = egg:swift#symlink
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
"""

_PART = """
[DEFAULT]
swift_dir = {conf}
devices = {node}
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
log_name = {name}
log_address = {conf}/nolog
fallocate_reserve = 0
disable_fallocate = true
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

_SWIFT = """
[swift-hash]
swift_hash_path_suffix = test
swift_hash_path_prefix = test
[storage-policy:0]
name = gold
default = yes
[swift-constraints]
"""


@dataclass(frozen=True)
class S3Store:
    """How to reach a store. ``pids`` are its processes by name, empty if it is not ours."""

    endpoint: str
    key: str
    secret: str
    pids: dict[str, int]

    @staticmethod
    def new_bucket_name() -> str:
        """A bucket name that nobody has used."""
        return f"test-{uuid.uuid4().hex[:16]}"


def address(folder: Path) -> str:
    """Where the keeper of the store in this folder listens."""
    # Linux takes 108 bytes for the path of a socket: hence its name in the abstract space.
    return f"\0pypicloud-like-tests-{hashlib.sha256(bytes(folder)).hexdigest()[:32]}"


def run(*command: str | Path, cwd: Path | None = None) -> None:
    """Run a program to its end. :raises subprocess.SubprocessError: it fails"""
    subprocess.run(
        [str(word) for word in command],
        check=True,
        timeout=300,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def keep(folder: Path, programs: Path) -> None:
    """Start the store, greet whoever connects, stop the store when all of them are gone."""
    home = folder / uuid.uuid4().hex[:8]
    processes: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        port = _start(home, programs, processes)
        store = S3Store(
            f"http://127.0.0.1:{port}",
            "test:tester",
            "testing",
            {name: process.pid for name, process in processes.items()},
        )
        _attend(address(folder), json.dumps(asdict(store)).encode() + b"\n")
    finally:
        for process in processes.values():
            process.kill()
        for process in processes.values():
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _attend(address: str, greeting: bytes) -> None:
    guests: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        door.settimeout(0.5)
        alone_since = time.monotonic()
        while guests or time.monotonic() - alone_since < 10:
            with suppress(TimeoutError):
                guest, _ = door.accept()
                guest.sendall(greeting)
                guests.append(guest)
            for guest in list(guests):
                guest.setblocking(False)
                with suppress(BlockingIOError):
                    # Guests say nothing: end of file, or an error, is good-bye.
                    guest.recv(1)
                    guest.close()
                    guests.remove(guest)
                    if not guests:
                        return


def _start(home: Path, programs: Path, processes: dict[str, subprocess.Popen[bytes]]) -> int:
    conf, node = home / "conf", home / "node"
    conf.mkdir(parents=True)
    (node / "d1").mkdir(parents=True)
    ports = _free_ports(4)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    (conf / "swift.conf").write_text(_SWIFT)
    (conf / "proxy-server.conf").write_text(_PROXY.format(conf=conf, port=ports[0], user=user))
    for name, number in PARTS.items():
        text = _PART.format(conf=conf, node=node, port=ports[number], user=user, name=name)
        (conf / f"{name}-server.conf").write_text(text)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: _build_ring(conf, programs, name, ports[PARTS[name]]), PARTS))
    for name in (*PARTS, "proxy"):
        with (home / f"{name}.log").open("wb") as log:
            processes[name] = subprocess.Popen(
                [programs / "python", programs / f"swift-{name}-server", conf / f"{name}-server.conf", "-v"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
    # the proxy is well before the servers behind it listen
    for port in ports[1:]:
        _wait_for(lambda port=port: socket.create_connection(("127.0.0.1", port), timeout=2))
    _wait_for(lambda: urllib.request.urlopen(f"http://127.0.0.1:{ports[0]}/healthcheck", timeout=2))
    return ports[0]


def _build_ring(conf: Path, programs: Path, name: str, port: int) -> None:
    ring = [programs / "python", programs / "swift-ring-builder", f"{name}.builder"]
    run(*ring, "create", "4", "1", "0", cwd=conf)
    run(*ring, "add", f"r1z1-127.0.0.1:{port}/d1", "1", cwd=conf)
    run(*ring, "rebalance", cwd=conf)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _wait_for(reach: Callable[[], Closing]) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            reach().close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
