"""A real object store with an S3 interface for the tests: OpenStack Swift, from PyPI, on loopback.

One store serves all workers of a test run. Each worker holds a connection to the store's keeper (the
program beside this file); when the last one is closed, also by a crash, the keeper stops the store.

``TEST_S3_ENDPOINT``, ``TEST_S3_KEY`` and ``TEST_S3_SECRET`` name another store to be used instead.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.need import lacking
from tests.support.swift_keeper import S3Store, address, run

REPOSITORY = Path(__file__).parents[2]
CACHE = "PYPICLOUD_LIKE_TEST_CACHE"
_keepers: list[subprocess.Popen[bytes]] = []
"""Kept, since forgetting a child that still runs is a warning."""


@pytest.fixture(scope="session")
def s3_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """The store given by the environment, or Swift, started when first asked for."""
    endpoint = os.environ.get("TEST_S3_ENDPOINT")
    if endpoint:
        yield S3Store(endpoint, os.environ["TEST_S3_KEY"], os.environ["TEST_S3_SECRET"], {})
        return
    programs = _installed()
    with _shared_folder(tmp_path_factory) as folder:
        connection, store, keeper = _join(folder, programs)
        with connection:
            yield store
        if keeper:
            # Others may still be using the store; the keeper knows.
            with suppress(subprocess.TimeoutExpired):
                keeper.wait(5)
            _keepers.append(keeper)


def _installed() -> Path:
    """The folder of Swift's programs, in an environment made once and kept in the cache."""
    cache = Path(os.environ.get(CACHE) or REPOSITORY / ".cache")
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / f"swift-{sys.version_info.major}.{sys.version_info.minor}"
    with (cache / "swift.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            try:
                run(sys.executable, "-m", "venv", home)
                run(home / "bin" / "pip", "install", "-q", "swift", "setuptools<82")
            except (OSError, subprocess.SubprocessError) as error:
                said = getattr(error, "stdout", b"") or b""
                lacking(f"OpenStack Swift (pip install swift setuptools: {error} {said.decode()[-300:]})")
            (home / "complete").touch()
    return home / "bin"


@contextmanager
def _shared_folder(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that all workers of this run share; its path is short enough for a socket."""
    shared = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder = shared / "swift"
    folder.mkdir(exist_ok=True)
    try:
        probe = folder / f"probe-{os.getpid()}"
        probe.touch()
        os.setxattr(probe, "user.swift.probe", b"1")
        probe.unlink()
    except (OSError, AttributeError):
        lacking("a temporary folder with extended attributes (OpenStack Swift needs them)")
    yield folder


def _join(folder: Path, programs: Path) -> tuple[socket.socket, S3Store, subprocess.Popen[bytes] | None]:
    """Connect to the keeper, starting one if there is none."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        joined = _greeted(folder)
        if joined:
            return *joined, None
        log = folder / "keeper.log"
        with log.open("ab") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.support.swift_keeper", str(folder), str(programs)],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and keeper.poll() is None:
            joined = _greeted(folder)
            if joined:
                return *joined, keeper
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            keeper.terminate()
        keeper.wait(10)
        lacking(f"a running OpenStack Swift ({log.read_text()[-500:]})")
    raise AssertionError


def _greeted(folder: Path) -> tuple[socket.socket, S3Store] | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address(folder))
        greeting = connection.makefile("rb").readline()
        if greeting:
            return connection, S3Store(**json.loads(greeting))
    except OSError:
        pass
    connection.close()
    return None
