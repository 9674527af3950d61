"""Storage in a folder while the file system fails: the answers, and that nothing is left behind."""

from __future__ import annotations

import errno
import os
import resource
import subprocess

import pytest

from pypicloud_like.core.errors import NoSpace, Unavailable
from pypicloud_like.storage.files import FileStorage
from tests.support.need import lacking
from tests.unit.storage.sources import MIB, get, keys, put


@pytest.fixture
def storage(tmp_path):
    storage = FileStorage(tmp_path / "root")
    put(storage, "v1/before", b"before")
    return storage


def leftovers(storage):
    return list((storage.path("v1/before").parents[1] / ".tmp").iterdir())


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        lacking("the right to mount a small file system")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode:
        lacking("the right to mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.promise(39)
@pytest.mark.parametrize(
    "fault",
    [
        (errno.ENOSPC, NoSpace),
        (errno.EDQUOT, NoSpace),
        (errno.EFBIG, NoSpace),
        (errno.EIO, Unavailable),
        (errno.EROFS, Unavailable),
        (errno.EACCES, Unavailable),
        (errno.EMFILE, Unavailable),
    ],
    ids=lambda fault: errno.errorcode[fault[0]],
)
@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "link", "mkdir"])
def test_a_call_that_fails(storage, monkeypatch, caplog, fault, call):
    number, answer = fault

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(answer) as refused:
            put(storage, "v1/new/a", b"bytes")
        assert get(storage, "v1/before") == b"before"
    assert str(storage.path("v1/before").parent) not in str(refused.value)
    assert os.strerror(number) in caplog.text
    assert keys(storage) == ["v1/before"]
    assert leftovers(storage) == []
    put(storage, "v1/new/a", b"bytes")
    assert get(storage, "v1/new/a") == b"bytes"


@pytest.mark.promise(39)
def test_a_limit_on_the_size_of_files(storage):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))
    try:
        with pytest.raises(NoSpace):
            put(storage, "v1/a", bytes(2 * MIB))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert keys(storage) == ["v1/before"]
    assert leftovers(storage) == []


@pytest.mark.promise(39)
def test_a_full_disk_and_room_again(small_disk):
    storage = FileStorage(small_disk)
    put(storage, "v1/a", bytes(MIB))
    with pytest.raises(NoSpace):
        put(storage, "v1/b", bytes(MIB + 1))
    assert keys(storage) == ["v1/a"]
    assert len(get(storage, "v1/a")) == MIB
    storage.delete("v1/a")
    put(storage, "v1/b", bytes(MIB + 1))
    assert keys(storage) == ["v1/b"]


@pytest.mark.promise(39)
def test_a_disk_that_goes_read_only(small_disk):
    storage = FileStorage(small_disk)
    put(storage, "v1/a", b"bytes")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for call in (storage.check, lambda: put(storage, "v1/b", b"1"), lambda: storage.delete("v1/a")):
        with pytest.raises(Unavailable):
            call()
    assert get(storage, "v1/a") == b"bytes"
    assert keys(storage) == ["v1/a"]
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    storage.check()
    put(storage, "v1/b", b"1")
    assert keys(storage) == ["v1/a", "v1/b"]


def test_a_check_on_a_full_disk(storage, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "mkdir", fail)
    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(Unavailable):
        storage.check()
