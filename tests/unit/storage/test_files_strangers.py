"""Storage in a folder where others put links, pipes and odd names."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pypicloud_like.core.errors import MissingBytes, Unavailable
from pypicloud_like.storage._folders import open_directly
from pypicloud_like.storage.files import FileStorage
from tests.unit.storage.sources import get, keys, put


@pytest.fixture
def storage(folder_storage):
    return folder_storage


@pytest.mark.promise(41)
def test_a_link_in_the_place_of_a_file_is_replaced_not_followed(root, storage, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"bytes")
    put(storage, "v1/b", b"1")
    (root / "v1/a").symlink_to(outside)
    put(storage, "v1/a", b"bytes")
    assert not (root / "v1/a").is_symlink()
    assert outside.exists()


@pytest.mark.promise(41)
def test_links_are_not_followed_out_of_the_root(root, storage, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    put(storage, "v1/a", b"1")
    (root / "v1/folder").symlink_to(outside)
    (root / "v1/file").symlink_to(outside / "secret")
    assert keys(storage) == ["v1/a"]
    assert keys(storage, "v1/folder/") == []
    for key in ("v1/folder/secret", "v1/file"):
        with pytest.raises(MissingBytes):
            storage.open(key)
        assert storage.stat(key) is None
        assert storage.path(key) is None
        storage.delete(key)
    with pytest.raises(Unavailable):
        put(storage, "v1/folder/new", b"1")
    assert [path.name for path in outside.iterdir()] == ["secret"]


@pytest.mark.promise(41)
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not tell what was opened")
def test_what_is_opened_directly_is_no_link(root, storage, tmp_path):
    put(storage, "v1/folder/a", b"1")
    opened = open_directly(root, "v1/folder/a")
    assert opened is not None
    with os.fdopen(opened, "rb") as file:
        assert file.read() == b"1"
    (root / "v1/linked").symlink_to(root / "v1/folder")
    (root / "v1/link").symlink_to(root / "v1/folder/a")
    os.mkfifo(root / "v1/pipe")
    for key in ("v1/linked/a", "v1/link", "v1/pipe", "v1/folder", "v1/nothing"):
        assert open_directly(root, key) is None
    for key in ("v1/linked/a", "v1/link", "v1/pipe", "v1/folder", "v1/nothing"):
        with pytest.raises(MissingBytes):
            storage.open(key)


@pytest.mark.promise(41)
def test_temporary_files_do_not_follow_a_link_either(root, storage, tmp_path):
    storage.check()
    (root / ".tmp").rmdir()
    (root / ".tmp").symlink_to(tmp_path)
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"1")


def test_the_root_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    storage = FileStorage(tmp_path / "link")
    put(storage, "v1/a", b"1")
    assert get(FileStorage(tmp_path / "real"), "v1/a") == b"1"
    assert keys(storage) == ["v1/a"]


@pytest.mark.promise(42)
def test_strangers_are_left_out_of_lists(root, storage, monkeypatch):
    put(storage, "v1/folder/a", b"1")
    os.mkfifo(root / "v1/pipe")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("v1/socket")
    for name in ("v1/.hidden", "v1/new\nline", ".DS_Store"):
        (root / name).touch()
    (root / "v1/.git").mkdir()
    (root / "v1/.git/config").touch()
    (root / "lost+found").mkdir(mode=0)
    (root / "v1/empty").mkdir()
    (root / os.fsdecode(b"v1/\xff\xfe")).touch()
    (root / "/".join(["deep"] * 40)).mkdir(parents=True)
    assert keys(storage) == ["v1/folder/a"]
    for key in ("v1/pipe", "v1/socket"):
        with pytest.raises(MissingBytes):
            storage.open(key)
        assert storage.stat(key) is None


def test_a_plain_folder_of_files_is_a_store(root, storage):
    (root / "more").mkdir(parents=True)
    (root / "foo-1.0.tar.gz").write_bytes(b"1")
    (root / "more" / "bar-1.0.tar.gz").write_bytes(b"2")
    assert keys(storage) == ["foo-1.0.tar.gz", "more/bar-1.0.tar.gz"]
    assert get(storage, "foo-1.0.tar.gz") == b"1"


def test_folders_that_vanish_while_listing(root, storage):
    for name in ("a/1", "b/1", "c/1", "d"):
        put(storage, f"v1/{name}", b"")
    found = storage.list("v1/")
    assert next(found).key == "v1/a/1"
    storage.delete("v1/b/1")
    (root / "v1/d").unlink()
    assert [stat.key for stat in found] == ["v1/c/1"]
