"""A whole server on a disk that is full or fails: databases, files and spool; refusals, and then on as before."""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import random
import struct
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import builders
from tests.faults.world import BOSS, JSON
from tests.support import need
from tests.support.server import LiveServer
from tests.support.uploads import post_file

OPTIONS = {"pypi.default_read": "everyone", "auth.hash_rounds": "1"}
MOST_CALLS = 400
STRIDE = int(os.environ.get("PYPICLOUD_LIKE_DISK_STRIDE", "8"))
"""Every so-manieth call of an upload fails; 1 takes them all, which is some minutes."""
NEVER = -1


class Disk:
    """What the library before the C library is told, in memory shared with it."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(struct.pack("iii", NEVER, 0, 0))
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), 12)

    def fail_after(self, calls: int, error: int) -> None:
        """From that call on each one fails."""
        self._memory[:] = struct.pack("iii", NEVER, error, 0)
        self._memory[:4] = struct.pack("i", calls)

    def recover(self) -> int:
        """Nothing fails any more; how many calls there were since it was told to fail."""
        self._memory[:4] = struct.pack("i", NEVER)
        (calls,) = struct.unpack("i", self._memory[8:])
        return int(calls)

    def close(self) -> None:
        self._memory.close()
        self._file.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """Made of the source beside this file."""
    compiler = need.program("cc")
    made = tmp_path_factory.mktemp("disk") / "disk.so"
    source = Path(__file__).with_name("disk.c")
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        need.lacking(f"a C library to be put before ({done.stderr.splitlines()[:1]})")
    return made


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "control")
    yield disk
    disk.close()


@pytest.fixture
def server(library, disk, tmp_path) -> Iterator[LiveServer]:
    environ = {
        "FAULTS_CONTROL": str(tmp_path / "control"),
        "FAULTS_PREFIX": f"{tmp_path}/data/",
        "LD_PRELOAD": str(library),
    }
    with LiveServer(tmp_path / "data", options=OPTIONS, environ=environ) as running:
        running.add_user(*BOSS, admin=True)
        yield running
        disk.recover()


def a_file(number: object) -> builders.Built:
    return builders.a_wheel("foo", f"{number}.0", files={"x.bin": bytes(30_000)}, stored=True)


def listed(server: LiveServer) -> dict[str, str]:
    page = server.request("/simple/foo/", headers=JSON)
    assert page.status == 200, page.text
    return {file["filename"]: file["hashes"]["sha256"] for file in page.json["files"]}


def is_whole(server: LiveServer, built: builders.Built) -> None:
    assert listed(server)[built.filename] == hashlib.sha256(built.content).hexdigest()
    assert server.request(f"/api/package/foo/{built.filename}").body == built.content


@pytest.mark.promise(10, 39)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_an_upload_on_a_disk_that_fails(server, disk, error):
    """From the first call on, from a later one, and so on until nothing is left that could fail."""
    first = builders.a_wheel("foo", "0.1")
    assert post_file(server, *BOSS, first.filename, first.content).status == 200
    refused = 0
    for calls in range(random.randrange(STRIDE), MOST_CALLS, STRIDE):
        built = a_file(calls + 1)
        disk.fail_after(calls, error)
        answer = post_file(server, *BOSS, built.filename, built.content)
        assert first.filename in listed(server), "reading goes on"
        assert server.request(f"/api/package/foo/{first.filename}").body == first.content
        needed = disk.recover()
        assert answer.status in {200, 503, 507}, (calls, answer.text)
        assert str(server.data) not in answer.text
        if built.filename in listed(server):
            is_whole(server, built)
        else:
            assert answer.status != 200
        refused += answer.status != 200
        again = post_file(server, *BOSS, built.filename, built.content)
        assert again.status == 200, (calls, again.text)
        is_whole(server, built)
        if answer.status == 200 and needed <= calls:
            break
    else:
        pytest.fail("no upload got by with so many calls")
    assert refused > 1
    is_sound_but_for_orphans(server)


def is_sound_but_for_orphans(server: LiveServer) -> None:
    """Nothing but bytes that nothing refers to; once they are old, a repair removes them."""
    told = server.run("check", "--verify", "--repair", "--older-than", "0s")
    findings = [line for line in told.splitlines() if ": v1/" in line]
    assert all(line.startswith(("orphan: ", "done: ")) for line in findings), told
    assert " 0 findings" in server.run("check", "--verify", "--older-than", "0s")
    assert "Traceback" not in server.log


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        need.lacking("the right to mount a small file system")
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        need.lacking("the right to mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(path: Path) -> None:
    """Leave no room."""
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.promise(4, 31, 39)
def test_databases_files_and_spool_on_a_disk_that_fills_up(small_disk):
    with LiveServer(small_disk / "data", options=OPTIONS) as server:
        server.add_user(*BOSS, admin=True)
        stored: list[builders.Built] = []
        filler = small_disk / "filler"
        for number in range(40):
            built = builders.a_wheel("foo", f"{number}.0", files={"x.bin": os.urandom(700_000)}, stored=True)
            answer = post_file(server, *BOSS, built.filename, built.content)
            if answer.status != 200:
                break
            stored.append(built)
        assert 2 < len(stored) < 40
        assert answer.status in {503, 507}, answer.text
        for number in range(5):
            fill(filler.with_name(f"filler{number}"))  # room that one attempt left, too
            small = builders.a_wheel("foo", f"9{number}.0")
            answer = post_file(server, *BOSS, small.filename, small.content)
            assert answer.status in {200, 503, 507}
            stored += [small] if answer.status == 200 else []
        assert answer.status != 200
        assert listed(server).keys() == {built.filename for built in stored}
        for built in stored:
            assert server.request(f"/api/package/foo/{built.filename}").body == built.content
        path = f"/api/package/foo/{stored[0].filename}"
        assert server.request(path, method="DELETE", auth=BOSS).status in {200, 503, 507}
        for each in small_disk.glob("filler*"):
            each.unlink()
        assert server.request(path, method="DELETE", auth=BOSS).status in {200, 400}
        assert post_file(server, *BOSS, small.filename, small.content).status == 200
        is_whole(server, small)
        assert stored[0].filename not in listed(server)
        assert server.request("/health").status == 200
        is_sound_but_for_orphans(server)
