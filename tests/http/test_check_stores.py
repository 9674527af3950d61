"""Check and repair over a folder and over S3, for packages of all three kinds, by the command itself."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.cli import opening
from pypicloud_like.cli.main import main
from pypicloud_like.core import keys
from pypicloud_like.core.model import Project
from tests.builders import a_crate, a_wheel
from tests.faults.setups import in_store
from tests.http.cargo.site import announced, framed
from tests.support.jsr import a_package
from tests.support.swift import s3_store  # noqa: F401 - a fixture

PROJECTS = [Project("pypi", "foo"), Project("cargo", "foo"), Project("jsr", "@acme/demo")]
DIGEST = "0" * 64


@pytest.fixture(params=["file", "s3"])
def ini(request):
    if request.param == "file":
        return {}
    store = request.getfixturevalue("s3_store")
    return in_store(store) | {"storage.prefix": "some/where/", "pypi.stream_files": "true"}


@pytest.fixture
def filled(app, users, services, clock):
    """One file of each kind, published long ago."""
    assert app.upload(*a_wheel("foo", "1.0")).status_int == 200
    crate = framed(json.dumps(announced("foo", "1.0.0")).encode(), a_crate("foo", "1.0.0").content)
    assert app.ask("PUT", "/api/v1/crates/new", user="boss", body=crate).status_int == 200
    path = "/api/scopes/acme/packages/demo/versions/1.0.0?config=/deno.json"
    headers = {"Content-Encoding": "gzip"}
    assert app.ask("POST", path, user="boss", body=a_package(), headers=headers).json["status"] == "success"
    clock.now = datetime.now(UTC) + timedelta(days=2)
    return services


@pytest.fixture
def command(services, monkeypatch, capsys):
    """The command over these very services."""

    @contextmanager
    def same(_args):
        yield services

    monkeypatch.setattr("pypicloud_like.cli.check.opened", same)
    assert opening.opened is not same

    def run(*arguments):
        code = main(["check", *arguments])
        return code, capsys.readouterr().out.splitlines()

    return run


def everything(services):
    return {stat.key for stat in services.storage.list("")}


def put(services, key, content=b"x"):
    digest = hashlib.sha256(content).hexdigest()
    services.storage.put(key, io.BytesIO(content), size=len(content), sha256=digest)


def the_file(services, project):
    (file,) = services.cache.files(project)
    return file


def test_nothing_is_wrong_and_nothing_is_done(filled, command):
    before = everything(filled)
    assert command("--verify", "--repair") == (0, ["3 files, 0 findings, 0 mended"])
    assert everything(filled) == before


@pytest.mark.promise(4, 73)
@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_bytes_without_a_row_or_record_go(filled, command, project):
    before = everything(filled)
    orphan = keys.blob(project, DIGEST, "x.tar.gz")
    put(filled, orphan)
    code, lines = command()
    assert code == 1
    assert lines == [
        f"orphan: {orphan}: nothing refers to these 1 bytes",
        "With --repair:",
        f"  1. remove {orphan}",
        "3 files, 1 findings, 0 mended",
    ]
    assert orphan in everything(filled)
    code, lines = command("--repair")
    assert code == 0
    assert lines[1:] == [
        "The plan:",
        f"  1. remove {orphan}",
        f"done: remove {orphan}",
        "3 files, 1 findings, 1 mended",
    ]
    assert everything(filled) == before
    assert command("--verify")[0] == 0


@pytest.mark.promise(73)
@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_a_row_without_its_record_gets_it(filled, command, project):
    before = everything(filled)
    file = the_file(filled, project)
    record = keys.record(project, file.identity, file.serial)
    filled.storage.delete(record)
    code, lines = command("--repair")
    assert code == 0
    assert f"done: write the record {record}" in lines
    assert everything(filled) == before
    assert command("--verify")[0] == 0


@pytest.mark.promise(29, 73)
@pytest.mark.parametrize("project", PROJECTS, ids=str)
def test_rows_without_bytes_and_wrong_bytes_are_told(filled, command, project):
    file = the_file(filled, project)
    other = bytes(file.blob.size)
    filled.storage.delete(file.blob.key)
    assert command("--repair") == (
        1,
        [
            f"missing: {project} {file.filename}: its bytes are missing in storage",
            "3 files, 1 findings, 0 mended",
        ],
    )
    put(filled, file.blob.key, other + b"more")
    assert command("--repair")[1][0].startswith(f"size: {project} {file.filename}: ")
    filled.storage.delete(file.blob.key)
    put(filled, file.blob.key, other)
    assert command("--repair")[0] == 0, "only reading them shows it"
    code, lines = command("--verify", "--repair")
    assert code == 1
    assert lines[0] == f"digest: {project} {file.filename}: its bytes do not match the recorded digest"
    assert filled.storage.stat(file.blob.key) is not None
    assert the_file(filled, project) == file


@pytest.fixture
def a_part(filled, ini):
    """Something that a broken upload left; gives its name, and whether it is still there."""
    if "storage.bucket" not in ini:
        root = filled.settings.storage.dir
        part = root / ".tmp" / secrets.token_hex(12)
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(b"half")
        return f".tmp/{part.name}", part.exists
    client = filled.storage._client()
    where = {"Bucket": ini["storage.bucket"], "Key": "some/where/v1/files/pypi/foo/x"}
    number = client.create_multipart_upload(**where)["UploadId"]

    def is_there():
        found = client.list_multipart_uploads(Bucket=ini["storage.bucket"]).get("Uploads", [])
        return any(upload["UploadId"] == number for upload in found)

    return f"v1/files/pypi/foo/x?uploadId={number}", is_there


@pytest.mark.promise(4, 48)
def test_parts_of_broken_uploads_go_when_they_are_old(filled, command, a_part, monkeypatch):
    name, is_there = a_part
    assert command("--repair")[0] == 0, "the storage looks at its own clock"
    monkeypatch.setattr(filled.storage, "_clock", lambda: datetime.now(UTC) + timedelta(days=2))
    code, lines = command()
    assert code == 1
    assert lines[0].startswith(f"part: {name}: ")
    assert is_there()
    code, lines = command("--repair")
    assert code == 0
    assert f"done: discard the unfinished upload {name}" in lines
    assert not is_there()


def test_how_old_is_said_by_an_option(filled, command, clock):
    orphan = keys.blob(PROJECTS[0], DIGEST, "x.tar.gz")
    put(filled, orphan)
    clock.now = datetime.now(UTC) + timedelta(hours=2)
    assert command("--repair")[0] == 0
    assert orphan in everything(filled)
    assert command("--repair", "--older-than", "1h")[0] == 0
    assert orphan not in everything(filled)
