"""What every storage backend promises, tried on all of them; S3 on a real server."""

from __future__ import annotations

import io
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.core.errors import InvalidRequest, InvalidUpload, MissingBytes, Unavailable
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.s3 import S3Storage
from tests.unit.storage.sources import MIB, Failing, get, keys, put, sha256

ODD = [
    "v1/a+b/c!d/e~f.whl",
    "v1/with space/x y",
    "v1/é/naïve-ü.txt",
    "v1/%41/100%25.txt",
    "v1/@scope+name/a@b",
    "v1/back\\slash/'quote\"&<>",
    "v1/" + "x" * 200 + "/" + "y" * 255,
]
NO_KEYS = [
    *("", "/", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", "a/", ".tmp/x", "a/.b"),
    *(
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a/\udcff",
        "x" * 256,
        "é" * 128,
        "x/" * 32 + "x",
        "x" * 100 + "/y" * 500,
    ),
    "/".join("x" * 100 for _ in range(11)),
]


def test_stored_bytes_come_back(storage):
    put(storage, "v1/a/b", b"bytes")
    assert get(storage, "v1/a/b") == b"bytes"
    stat = storage.stat("v1/a/b")
    assert (stat.key, stat.size) == ("v1/a/b", 5)
    assert stat.modified.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stat.modified) < timedelta(minutes=1)
    assert list(storage.list("")) == [stat]
    storage.check()


def test_no_bytes_are_bytes_too(storage):
    put(storage, "v1/empty", b"")
    assert get(storage, "v1/empty") == b""
    assert storage.stat("v1/empty").size == 0


def test_what_is_not_there(storage):
    put(storage, "v1/folder/there", b"1")
    for key in ("v1/nowhere", "v1/folder", "v1/folder/there/below"):
        with pytest.raises(MissingBytes):
            storage.open(key)
        with pytest.raises(MissingBytes):
            storage.open(key, length=0)
        assert storage.stat(key) is None
        assert storage.path(key) is None
        storage.delete(key)
    assert list(storage.list("v1/nowhere/")) == []
    assert get(storage, "v1/folder/there") == b"1"


def test_the_same_bytes_again_are_fine(storage):
    for _ in range(2):
        put(storage, "v1/a", b"same")
    assert get(storage, "v1/a") == b"same"
    assert keys(storage) == ["v1/a"]


@pytest.mark.parametrize(
    ("content", "size", "digest", "reason"),
    [
        (b"bytes", 6, sha256(b"bytes"), "ends after 5 of 6 bytes"),
        (b"", 6, sha256(b""), "ends after 0 of 6 bytes"),
        (b"bytes", 5, sha256(b"bytez"), "digest"),
        (b"bytes", 0, sha256(b"bytes"), "digest"),
    ],
)
def test_a_bad_source_stores_nothing(storage, content, size, digest, reason):
    with pytest.raises(InvalidUpload, match=reason):
        storage.put("v1/a", io.BytesIO(content), size=size, sha256=digest)
    assert keys(storage) == []
    assert storage.stat("v1/a") is None


def test_a_source_is_read_from_where_it_stands_and_no_further(storage):
    source = io.BytesIO(b"before" + b"bytes" + b"after")
    source.seek(6)
    storage.put("v1/a", source, size=5, sha256=sha256(b"bytes").upper())
    assert get(storage, "v1/a") == b"bytes"


def test_a_source_that_cannot_seek_and_drips(storage):
    storage.put("v1/a", Failing(b"some bytes"), size=10, sha256=sha256(b"some bytes"))
    assert get(storage, "v1/a") == b"some bytes"


def test_a_source_breaks_with_its_own_error(storage):
    with pytest.raises(ConnectionResetError):
        storage.put("v1/a", Failing(b"some", ConnectionResetError()), size=10, sha256=sha256(b""))
    assert keys(storage) == []


def test_ranges(storage):
    put(storage, "v1/a", b"0123456789")
    for start, length in [(0, 10), (0, 3), (3, 4), (9, 1), (10, 0), (4, 0), (0, 0)]:
        with storage.open("v1/a", start=start, length=length) as part:
            assert part.read() == b"0123456789"[start : start + length]
            assert part.read() == b""
    for start in (0, 3, 9, 10):
        with storage.open("v1/a", start=start) as part:
            assert part.read() == b"0123456789"[start:]


def test_an_object_shorter_than_asked_says_so(storage):
    put(storage, "v1/a", b"0123456789")
    for start, length in [(0, 11), (5, 6), (10, 1), (11, None), (11, 0), (99, 5)]:
        with pytest.raises((Unavailable, OSError)), storage.open("v1/a", start=start, length=length) as part:
            part.read()


@pytest.mark.promise(54)
def test_lists_are_in_the_order_of_keys_and_by_folder(storage):
    names = ["b/2", "b/1/x", "b/1-/x", "b/1", "b.txt", "ab/1", "b/10/x", "b/é", "B/1"]
    names.remove("b/1")  # a file and a folder of one name: no file system has both
    for name in random.sample(names, len(names)):
        put(storage, f"v1/{name}", name.encode())
    put(storage, "v2/1", b"")
    everything = sorted([f"v1/{name}" for name in names] + ["v2/1"])
    assert keys(storage) == everything
    assert keys(storage, "v1/") == everything[:-1]
    assert keys(storage, "v1/b/") == [key for key in everything if key.startswith("v1/b/")]
    assert [stat.size for stat in storage.list("v1/ab/")] == [4]
    for prefix in ("v1/b", "/", "v1//", "../"):
        with pytest.raises(InvalidRequest):
            storage.list(prefix)


@pytest.mark.promise(53)
def test_odd_keys(storage):
    for key in ODD:
        put(storage, key, key.encode())
    assert keys(storage) == sorted(ODD)
    for key in ODD:
        assert get(storage, key) == key.encode()
        assert storage.stat(key).size == len(key.encode())
        storage.delete(key)
    assert keys(storage) == []


def test_what_is_no_key_is_refused_everywhere(storage):
    for key in NO_KEYS:
        with pytest.raises(InvalidRequest):
            put(storage, key, b"")
        for method in (storage.open, storage.stat, storage.delete):
            with pytest.raises(InvalidRequest):
                method(key)
    assert keys(storage) == []


def test_deleting(storage):
    put(storage, "v1/a/b/c", b"1")
    put(storage, "v1/a/d", b"2")
    storage.delete("v1/a/b/c")
    storage.delete("v1/a/b/c")
    assert keys(storage) == ["v1/a/d"]
    assert storage.stat("v1/a/b/c") is None
    put(storage, "v1/a/b/c", b"3")
    assert get(storage, "v1/a/b/c") == b"3"


@pytest.mark.promise(50)
def test_eight_at_once_with_one_key(storage):
    content = random.Random(1).randbytes(300_000)
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        put(storage, "v1/files/a", content)
        return get(storage, "v1/files/a") == content

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert keys(storage) == ["v1/files/a"]


def test_puts_and_deletes_in_one_folder_at_once(storage):
    rounds = 5 if isinstance(storage, S3Storage) else 150

    def work(number):
        for turn in range(rounds):
            put(storage, f"v1/deep/er/{number}", b"bytes")
            assert get(storage, f"v1/deep/er/{number}") == b"bytes"
            assert f"v1/deep/er/{number}" in keys(storage, "v1/deep/")
            if turn < rounds - 1 or number % 2:
                storage.delete(f"v1/deep/er/{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert keys(storage) == ["v1/deep/er/0", "v1/deep/er/2"]


def test_large_objects_and_ranges_over_their_seams(storage):
    content = random.Random(2).randbytes(33 * MIB)
    put(storage, "v1/large", content)
    assert storage.stat("v1/large").size == len(content)
    for start, length in [(0, None), (16 * MIB - 5, 10), (32 * MIB - 1, None), (33 * MIB - 1, 1)]:
        end = None if length is None else start + length
        with storage.open("v1/large", start=start, length=length) as part:
            assert part.read() == content[start:end]


def test_a_reader_that_stops_half_way(storage):
    put(storage, "v1/a", bytes(3 * MIB))
    for _ in range(20):
        with storage.open("v1/a") as part:
            assert part.read(1) == b"\0"
    assert len(get(storage, "v1/a")) == 3 * MIB


def test_paths_on_this_machine(storage):
    put(storage, "v1/a", b"bytes")
    path = storage.path("v1/a")
    assert (path.read_bytes() == b"bytes") if isinstance(storage, FileStorage) else path is None
