"""Files that are there whole or not at all."""

import stat

import pytest

from pypicloud_like.core.private_files import private_file


def put(path, content, **how):
    with private_file(path, **how) as file:
        file.write(content)


def test_is_for_its_owner_only_and_takes_the_place_of_another(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    put(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_leaves_the_first_one_where_that_is_wanted(tmp_path):
    put(tmp_path / "file", b"first", replace=False)
    put(tmp_path / "file", b"second", replace=False)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"first")]


@pytest.mark.parametrize("replace", [True, False])
def test_what_breaks_off_leaves_nothing(tmp_path, replace):
    kept = tmp_path / "kept"
    kept.write_bytes(b"old")
    for path in (kept, tmp_path / "new"):
        with pytest.raises(TypeError):
            put(path, "no bytes", replace=replace)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("kept", b"old")]


def test_two_at_once_do_not_meet(tmp_path):
    with private_file(tmp_path / "file") as one, private_file(tmp_path / "file") as other:
        one.write(b"one")
        other.write(b"other")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"one")]
