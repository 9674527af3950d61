"""What an archive of a crate may hold, read without unpacking it."""

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.archive import Contents, read_crate
from pypicloud_like.registry.archives import limits
from tests.builders import Built, a_crate, cargo_toml
from tests.support.raw_archives import END_OF_TAR, gzipped, pax_header, tar_header, tar_member

TOP = "demo-0.1.0"
MANIFEST = tar_member(b"demo-0.1.0/Cargo.toml", cargo_toml().encode())


def crate(*members: bytes, manifest: bytes = MANIFEST, end: bytes = END_OF_TAR) -> Built:
    return Built(f"{TOP}.crate", gzipped(manifest + b"".join(members) + end))


def read(built: Built, **rest) -> Contents:
    return read_crate(built.stream(), built.size, TOP, **rest)


def refused(built: Built, *words: str) -> None:
    with pytest.raises(InvalidUpload) as caught:
        read(built)
    for word in words:
        assert word in str(caught.value)


def test_files_and_the_manifest():
    contents = read(a_crate(files={"README.md": b"# demo", "src/a/b.rs": b""}))
    assert set(contents.files) == {"Cargo.toml", "src/lib.rs", "README.md", "src/a/b.rs"}
    assert set(contents.kept) == {"Cargo.toml"}
    assert contents.manifest == "Cargo.toml"


def test_files_that_are_wanted_are_kept():
    contents = read(a_crate(files={"README.md": b"# demo"}), wanted=lambda path: path == "README.md")
    assert contents.kept["README.md"] == b"# demo"


def test_folders_may_be_listed():
    folders = [tar_header(name, kind=b"5") for name in (b"demo-0.1.0/", b"demo-0.1.0/src/")]
    assert set(read(crate(*folders)).files) == {"Cargo.toml"}


@pytest.mark.promise(94)
def test_everything_lies_in_the_one_folder():
    for name in (b"other-0.1.0/x", b"x", b"demo-0.1.0x/y", b"Demo-0.1.0/x"):
        refused(crate(tar_member(name)), "invalid path found", name.decode())
    refused(a_crate(top="demo-0.1.1"), "invalid path found")
    refused(crate(tar_member(b"demo-0.1.0", b"a file")), "invalid path found")


@pytest.mark.promise(94)
@pytest.mark.parametrize(
    "name",
    [
        b"demo-0.1.0/../x",
        b"/demo-0.1.0/x",
        b"demo-0.1.0/a/../../x",
        b"demo-0.1.0//x",
        b"demo-0.1.0/./x",
        b"demo-0.1.0/\xff",
    ],
)
def test_no_path_leads_out(name):
    refused(crate(tar_member(name)))


@pytest.mark.promise(94)
@pytest.mark.parametrize(
    ("kind", "word"),
    [(b"2", "symbolic link"), (b"1", "hard link"), (b"3", ""), (b"4", ""), (b"6", ""), (b"S", "")],
)
def test_files_and_folders_only(kind, word):
    refused(crate(tar_header(b"demo-0.1.0/x", kind=kind, target=b"Cargo.toml")), word)


def test_a_sparse_file_in_pax():
    refused(crate(pax_header({"GNU.sparse.major": "1"}), tar_member(b"demo-0.1.0/x")), "sparse")


@pytest.mark.promise(95)
def test_a_size_in_pax_that_is_not_that_of_the_header():
    refused(crate(pax_header({"size": "1"}), tar_member(b"demo-0.1.0/x", b"ab")), "two sizes")


def test_one_manifest():
    refused(crate(manifest=tar_member(b"demo-0.1.0/src/lib.rs")), "missing a Cargo.toml")
    refused(crate(tar_member(b"demo-0.1.0/cargo.toml")), "more than one")
    refused(crate(tar_member(b"demo-0.1.0/Cargo.toml")))
    refused(crate(manifest=tar_member(b"demo-0.1.0/CARGO.TOML")), "exact casing")
    folder = tar_header(b"demo-0.1.0/CARGO.toml/", kind=b"5")
    refused(crate(folder), "more than one")
    refused(crate(manifest=folder), "missing a Cargo.toml")
    assert read(crate(manifest=tar_member(b"demo-0.1.0/cargo.toml", b"x"))).manifest == "cargo.toml"
    # one further down belongs to something else
    assert read(crate(tar_member(b"demo-0.1.0/examples/x/Cargo.toml"))).manifest == "Cargo.toml"


def test_two_members_of_one_name():
    refused(crate(tar_member(b"demo-0.1.0/x", b"1"), tar_member(b"demo-0.1.0/x", b"2")), "two members")


def test_a_file_that_is_a_folder_too():
    refused(crate(tar_member(b"demo-0.1.0/x"), tar_member(b"demo-0.1.0/x/y")), "both a file and a folder")


@pytest.mark.promise(97)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not gzip at all",
        gzipped(b"no tar"),
        a_crate().content[:-20],
        a_crate().content + b"more",
        gzipped(MANIFEST)[:40],
    ],
)
def test_broken_archives(content):
    refused(Built("demo-0.1.0.crate", content))


@pytest.mark.promise(94)
def test_a_bomb_is_stopped_while_it_is_read(monkeypatch):
    monkeypatch.setattr(limits, "MAX_DECODED", 4 * 1024 * 1024)
    bomb = crate(tar_member(b"demo-0.1.0/zeros", bytes(64 * 1024 * 1024)))
    assert bomb.size < 100_000
    refused(bomb, "times its size")


@pytest.mark.promise(94)
def test_too_many_members(monkeypatch):
    monkeypatch.setattr(limits, "MAX_MEMBERS", 10)
    refused(crate(*(tar_member(b"demo-0.1.0/%d" % number) for number in range(10))), "members")


@pytest.mark.promise(93)
def test_an_endless_manifest_is_not_read():
    refused(crate(manifest=tar_member(b"demo-0.1.0/Cargo.toml", bytes(3 * 1024 * 1024))), "larger than")
