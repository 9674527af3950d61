"""Migrating, rebuilding, adopting and checking."""

import hashlib
import io
import random

import pytest

from pypicloud_like.cli.migrate import copy
from pypicloud_like.core import keys
from pypicloud_like.core.model import Project
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.memory import MemoryStorage
from tests.builders import a_wheel


def put(storage, key, content):
    storage.put(key, io.BytesIO(content), size=len(content), sha256=hashlib.sha256(content).hexdigest())


def content(storage):
    found = {}
    for stat in storage.list(""):
        with storage.open(stat.key) as file:
            found[stat.key] = file.read()
    return found


@pytest.fixture
def source():
    storage = MemoryStorage()
    put(storage, keys.blob(Project("pypi", "foo"), "0" * 64, "foo-1.0.tar.gz"), b"x" * 3_000_000)
    put(storage, keys.record(Project("pypi", "foo"), "id", 7), b"{}")
    put(storage, keys.MARKER, b"{}")
    put(storage, f"{keys.ROOT}files/pypi/empty", b"")
    return storage


def test_everything_is_copied_once(source):
    target = MemoryStorage()
    assert copy(source, target).copied == 4
    assert content(target) == content(source)
    again = copy(source, target)
    assert (again.copied, again.skipped, again.problems) == (0, 4, [])


def test_it_goes_on_where_it_was_stopped(source):
    class Stopping(MemoryStorage):
        left = 2

        def put(self, *args, **kwargs):
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            super().put(*args, **kwargs)

    target = Stopping()
    with pytest.raises(KeyboardInterrupt):
        copy(source, target)
    target.left = 9
    outcome = copy(source, target)
    assert (outcome.copied, outcome.skipped) == (2, 2)
    assert content(target) == content(source)


def test_another_size_is_left_alone_and_told(source):
    target = MemoryStorage()
    put(target, keys.MARKER, b"{ }")
    outcome = copy(source, target)
    assert len(outcome.problems) == 1
    assert keys.MARKER in outcome.problems[0]
    assert content(target)[keys.MARKER] == b"{ }"


@pytest.mark.promise(74)
def test_migrate(run, source, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.ini").write_text(f"[app:main]\nserver.data = %(here)s/{name}\n")
    copy(source, FileStorage(tmp_path / "a" / "storage"))
    outcome = run("migrate", "a.ini", "b.ini")
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("Copied 4 objects, 0 were there already\n")
    assert "rebuild --config b.ini" in outcome.out
    assert content(FileStorage(tmp_path / "b" / "storage")) == content(source)
    assert run("migrate", "a.ini", "b.ini").out == "Copied 0 objects, 4 were there already\n"
    same = run("migrate", "a.ini", "a.ini")
    assert (same.code, same.err) == (1, "pypicloud-like: TO.ini: has the same storage as FROM.ini\n")


def test_memory_cannot_be_migrated(run, tmp_path):
    (tmp_path / "m.ini").write_text("[app:main]\npypi.storage = memory\n")
    (tmp_path / "f.ini").write_text("[app:main]\n")
    assert run("migrate", "m.ini", "f.ini").code == 2


def test_rebuild_and_check_of_nothing(run):
    assert (
        run("rebuild", "--verify").out
        == "0 projects, 0 records, 0 rows changed, 0 removed\n0 files verified, 0 findings\n"
    )
    assert run("check", "--verify", "--repair").out == "0 files, 0 findings, 0 mended\n"


def test_adopting_from_a_folder(run, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    filename, body = a_wheel("foo", "1.0")
    (wheels / filename).write_bytes(body)
    (wheels / "README.txt").write_text("no package")
    outcome = run("rebuild", "--from", str(wheels), "--verify")
    assert outcome.code == 0, outcome.err
    assert "1 files adopted, 0 known, 1 of no known kind" in outcome.out
    assert "1 files verified, 0 findings" in outcome.out
    assert "0 files adopted, 1 known" in run("rebuild", "--from", str(wheels)).out
    assert run("rebuild", "--from", "absent").code == 1
    blob = next(path for path in (tmp_path / "data" / "storage" / "v1" / "files").rglob(filename))
    blob.chmod(0o644)
    blob.write_bytes(b"damaged")
    checked = run("check")
    assert checked.code == 1
    assert checked.out.startswith("size: foo ")


def test_adopting_what_does_not_fit_into_memory(run, tmp_path):
    filename, body = a_wheel("big", "1.0", files={"big/data.bin": random.Random(1).randbytes(2_000_000)})
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / filename).write_bytes(body)
    outcome = run("rebuild", "--from", "wheels")
    assert outcome.code == 0, outcome.err
    assert "1 files adopted" in outcome.out


def test_a_backup_is_for_its_owner_alone_whoever_made_the_folder(run, tmp_path):
    folder = tmp_path / "backup"
    folder.mkdir(mode=0o755)
    assert run("backup", "backup").code == 0
    assert {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir()} == {
        "backup.json": 0,
        "secret.key": 0,
        "state.jsonl.gz": 0,
        "storage": 0,
    }
