"""Storage in a folder: modes, links, strangers, leftovers, and what is durable when."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pypicloud_like.core.errors import InvalidRequest, MissingBytes, Unavailable
from pypicloud_like.storage import _durable
from pypicloud_like.storage._durable import MOST_HELD
from pypicloud_like.storage.files import FileStorage
from tests.unit.storage.sources import get, keys, put, sweep


@pytest.fixture
def storage(folder_storage):
    return folder_storage


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.promise(40)
@pytest.mark.parametrize(
    ("umask", "file_mode", "folder_mode"),
    [(0o022, 0o644, 0o755), (0o000, 0o644, 0o755), (0o027, 0o640, 0o750), (0o077, 0o600, 0o700)],
)
def test_others_cannot_write_and_the_umask_is_respected(root, umask, file_mode, folder_mode):
    before = os.umask(umask)
    try:
        put(FileStorage(root), "v1/a/b", b"1")
    finally:
        os.umask(before)
    assert mode(root / "v1/a/b") == file_mode
    assert [mode(root / name) for name in ("", "v1", "v1/a")] == [folder_mode] * 3
    assert mode(root / ".tmp") == 0o700


@pytest.mark.promise(40)
def test_what_is_being_written_is_private(root, storage):
    seen = []

    class Looking:
        def seekable(self):
            return False

        def read(self, _):
            seen.extend(mode(path) for path in (root / ".tmp").iterdir())
            return b"1"

    with pytest.raises(Exception, match="digest"):
        storage.put("v1/a", Looking(), size=1, sha256="")
    assert seen == [0o600]
    assert list((root / ".tmp").iterdir()) == []


def descriptors():
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def noted_calls(monkeypatch):
    """What this thread makes durable, names and removes from now on, in order."""
    calls, here = [], threading.get_ident()

    def note(name, function):
        def noted(*args, **more):
            what = str(Path(f"/proc/self/fd/{args[0]}").readlink()) if name == "fsync" else args[-1]
            if threading.get_ident() == here:
                calls.append((name, what))
            return function(*args, **more)

        monkeypatch.setattr(os, name, noted)

    for name in ("fsync", "link", "unlink"):
        note(name, getattr(os, name))
    return calls


@pytest.mark.promise(2, 38)
def test_bytes_are_durable_before_their_name_and_all_names_before_the_end(root, storage, monkeypatch):
    put(storage, "v1/a/other", b"0")
    calls = noted_calls(monkeypatch)
    put(storage, "v1/a/b/c", b"1")
    assert calls[0][0] == "fsync"
    assert calls[0][1].startswith(f"{root}/.tmp/")
    assert calls[1] == ("link", "c")
    folders = [root / "v1/a/b", root / "v1/a", root / "v1", root]
    assert calls[2:6] == [("fsync", str(folder)) for folder in folders]
    assert calls[6][0] == "unlink"


@pytest.mark.promise(2, 38)
def test_names_of_the_folders_of_a_project_are_made_durable_once(root, storage, monkeypatch):
    """Another process may have made them and not come to it yet, so each process does it itself."""
    put(FileStorage(root), "v1/files/pypi/foo/one/a", b"0")
    calls = noted_calls(monkeypatch)

    def synced():
        found = [Path(path) for name, path in calls if name == "fsync"][1:]
        calls.clear()
        return found

    lasting = [root / "v1/files/pypi", root / "v1/files", root / "v1", root]
    put(storage, "v1/files/pypi/foo/two/a", b"1")
    assert synced() == [root / "v1/files/pypi/foo/two", root / "v1/files/pypi/foo", *lasting]
    put(storage, "v1/files/pypi/foo/three/a", b"2")
    assert synced() == [root / "v1/files/pypi/foo/three", root / "v1/files/pypi/foo"]
    for _ in range(2):  # once it was another process that made it
        put(FileStorage(root), "v1/files/pypi/bar/one/a", b"3")
    calls.clear()
    put(storage, "v1/files/pypi/bar/a", b"3")
    assert synced() == [root / "v1/files/pypi/bar", lasting[0]]
    put(storage, "v1/files/pypi/bar/b", b"3")
    assert synced() == [root / "v1/files/pypi/bar"]
    put(storage, "v1/records/pypi/foo/a", b"4")
    assert synced()[-3:] == [root / "v1/records", root / "v1", root]


def test_folders_that_last_stay_where_deletes_empty_them(root, storage):
    put(storage, "v1/files/pypi/foo/one/a", b"0")
    storage.delete("v1/files/pypi/foo/one/a")
    assert list((root / "v1/files/pypi").iterdir()) == []
    put(storage, "v1/files/pypi/foo/one/a", b"1")
    assert get(storage, "v1/files/pypi/foo/one/a") == b"1"


def test_folders_that_were_taken_away_by_hand_are_made_again(root, storage):
    put(storage, "v1/files/pypi/foo/a", b"0")
    shutil.rmtree(root / "v1")
    put(storage, "v1/files/pypi/foo/a", b"1")
    assert get(storage, "v1/files/pypi/foo/a") == b"1"


@pytest.mark.promise(2, 38)
def test_folders_that_others_made_anew_are_made_durable_anew(root, storage, monkeypatch):
    put(storage, "v1/files/pypi/foo/a", b"0")
    (root / "v1").rename(root.with_name("removed"))
    put(FileStorage(root), "v1/files/pypi/bar/a", b"1")
    calls = noted_calls(monkeypatch)
    put(storage, "v1/files/pypi/foo/b", b"2")
    synced = [Path(path) for name, path in calls if name == "fsync"][1:]
    assert synced == [root / name for name in ("v1/files/pypi/foo", "v1/files/pypi", "v1/files", "v1", "")]


@pytest.mark.promise(2, 38)
def test_so_is_the_folder_of_a_project_that_was_emptied_and_filled_again(root, storage, monkeypatch):
    """Its number is not given to another folder as long as the one that had it is remembered."""
    other = FileStorage(root)
    for turn in range(20):
        put(storage, "v1/files/pypi/foo/a", b"0")
        other.delete("v1/files/pypi/foo/a")
        assert not (root / "v1/files/pypi/foo").exists()
        put(other, "v1/files/pypi/foo/b", b"1")
        with monkeypatch.context() as patched:
            calls = noted_calls(patched)
            put(storage, "v1/files/pypi/foo/c", b"%d" % turn)
        synced = [Path(path) for name, path in calls if name == "fsync"][1:]
        assert synced == [root / "v1/files/pypi/foo", root / "v1/files/pypi"]
        for name in "bc":
            other.delete(f"v1/files/pypi/foo/{name}")


@pytest.mark.parametrize("missing", ["os.dup", "_identity"])
def test_bytes_are_stored_also_where_nothing_can_be_remembered(root, storage, monkeypatch, missing):
    def refused(*_args):
        raise OSError(errno.EMFILE, "Too many open files")

    before = descriptors()
    put(storage, "v1/files/pypi/foo/a", b"0")
    with monkeypatch.context() as patched:
        patched.setattr(f"{_durable.__name__}.{missing}", refused)
        for number in range(3):
            put(FileStorage(root), f"v1/files/pypi/foo/b{number}", b"1")
    put(storage, "v1/files/pypi/foo/c", b"2")
    assert len(list((root / "v1/files/pypi/foo").iterdir())) == 5
    del storage
    assert descriptors() <= before + 2


def test_a_bounded_number_of_folders_is_held_open(root):
    before = descriptors()
    storage = FileStorage(root)
    for number in range(3 * MOST_HELD):
        put(storage, f"v1/files/pypi/p{number}/a", b"0")
        put(storage, f"v1/files/pypi/p{number // 2}/b", b"0")
    assert descriptors() - before == MOST_HELD
    del storage
    assert descriptors() == before


def test_no_link_is_followed_to_where_a_folder_was(root, storage, tmp_path):
    put(storage, "v1/files/pypi/foo/a", b"0")
    (root / "v1/files").rename(tmp_path / "elsewhere")
    (root / "v1/files").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        put(storage, "v1/files/pypi/foo/b", b"1")
    assert [path.name for path in (tmp_path / "elsewhere/pypi/foo").iterdir()] == ["a"]


def test_a_torn_leftover_under_the_key_is_replaced(root, storage):
    for leftover in (b"", b"byt", b"bytez", b"bytes and more"):
        (root / "v1").mkdir(parents=True, exist_ok=True)
        (root / "v1/a").write_bytes(leftover)
        put(storage, "v1/a", b"bytes")
        assert get(storage, "v1/a") == b"bytes"
    assert keys(storage) == ["v1/a"]
    assert list((root / ".tmp").iterdir()) == []


def test_the_same_bytes_are_not_written_again(root, storage):
    put(storage, "v1/a", b"bytes")
    before = (root / "v1/a").stat()
    put(storage, "v1/a", b"bytes")
    after = (root / "v1/a").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_deleting_removes_empty_folders_only(root, storage):
    put(storage, "old/a/b/c", b"")
    put(storage, "old/a/d", b"")
    storage.delete("old/a/b/c")
    assert sorted(path.name for path in (root / "old/a").iterdir()) == ["d"]
    storage.delete("old/a/d")
    assert not (root / "old").exists()
    assert root.is_dir()


def test_no_descriptor_is_left_open(root, storage):
    put(storage, "v1/a/b", b"0123")
    before = descriptors()
    for _ in range(3):
        put(storage, "v1/a/b", b"0123")
        put(storage, "v1/a/c", b"")
        storage.delete("v1/a/c")
        get(storage, "v1/a/b")
        storage.open("v1/a/b", start=1, length=1).close()
        next(storage.list(""))
        for key in ("v1/x", "v1/a", "v1/a/b/c"):
            assert storage.stat(key) is None
            with pytest.raises(MissingBytes):
                storage.open(key)
        with pytest.raises(Unavailable):
            storage.open("v1/a/b", start=9)
        sweep(storage, timedelta(0))
        storage.check()
    assert descriptors() == before


def test_whole_files_and_tails_are_real_files(storage):
    put(storage, "v1/a", b"0123456789")
    for span in ({}, {"length": 10}, {"start": 4}, {"start": 4, "length": 6}):
        with storage.open("v1/a", **span) as file:
            assert os.fstat(file.fileno()).st_size == 10
            assert file.tell() == span.get("start", 0)
    with storage.open("v1/a", start=2, length=4) as part:
        with pytest.raises(OSError):
            part.fileno()
        assert part.seekable()
        assert part.seek(0, os.SEEK_END) == 4
        assert part.seek(1) == 1
        assert part.read() == b"345"


@pytest.mark.promise(28)
def test_a_part_that_becomes_shorter_while_being_read_is_an_error(root, storage):
    put(storage, "v1/a", bytes(1_000_000))
    with storage.open("v1/a", length=999_999) as part:
        part.read(10)
        os.truncate(root / "v1/a", 500_000)
        with pytest.raises(OSError, match="ends early"):
            part.read()


@pytest.mark.promise(4)
def test_clean_up_takes_old_leftovers_only(root, storage):
    storage.check()
    old, new = root / ".tmp/old", root / ".tmp/new"
    for leftover in (old, new):
        leftover.touch()
    (root / ".tmp/folder").mkdir()
    before = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    os.utime(old, (before, before))
    assert sweep(storage, timedelta(hours=3)) == 0
    assert sweep(storage, timedelta(hours=1)) == 1
    assert not old.exists()
    later = FileStorage(root, clock=lambda: datetime.now(UTC) + timedelta(days=2))
    assert sweep(later, timedelta(days=1)) == 1
    assert not new.exists()


@pytest.mark.promise(4)
def test_clean_up_beside_uploads_never_breaks_them(root, storage):
    done = threading.Event()
    swept = []

    def sweep_on():
        while not done.is_set():
            swept.append(sweep(storage, timedelta(seconds=-60)))

    sweeper = threading.Thread(target=sweep_on)
    sweeper.start()
    try:
        for number in range(200):
            put(storage, f"v1/{number}", b"bytes")
    finally:
        done.set()
        sweeper.join()
    assert len(keys(storage)) == 200
    assert swept


def test_file_systems_without_hard_links(root, storage, monkeypatch):
    def no_link(*_, **__):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_link)
    for _ in range(2):
        put(storage, "v1/a", b"bytes")
    (root / "v1/a").write_bytes(b"torn")
    put(storage, "v1/a", b"bytes")
    assert get(storage, "v1/a") == b"bytes"
    assert list((root / ".tmp").iterdir()) == []


def test_an_absent_root_is_no_empty_store(root, storage):
    put(storage, "v1/a", b"1")
    root.rename(root.with_name("unmounted"))
    for call in (
        lambda: keys(storage),
        lambda: storage.stat("v1/a"),
        lambda: storage.open("v1/a"),
        lambda: put(storage, "v1/b", b"1"),
        lambda: storage.delete("v1/a"),
        storage.check,
    ):
        with pytest.raises(Unavailable):
            call()
    root.with_name("unmounted").rename(root)
    assert get(storage, "v1/a") == b"1"


def test_a_root_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    storage = FileStorage(tmp_path / "file")
    with pytest.raises(Unavailable):
        storage.check()
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"1")


def test_a_folder_in_the_place_of_a_file(storage):
    put(storage, "v1/a/b", b"1")
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"1")
    with pytest.raises(Unavailable):
        put(storage, "v1/a/b/c", b"1")
    assert keys(storage) == ["v1/a/b"]


@pytest.mark.promise(44)
def test_a_name_the_file_system_does_not_take(storage, monkeypatch):
    def too_long(*_, **__):
        raise OSError(errno.ENAMETOOLONG, "File name too long")

    put(storage, "v1/b", b"1")
    monkeypatch.setattr(os, "link", too_long)
    with pytest.raises(InvalidRequest):
        put(storage, "v1/a", b"1")
