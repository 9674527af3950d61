"""A backup made while people publish and delete, brought back on a new server of either kind."""

from __future__ import annotations

import json
import random
import threading
from pathlib import Path

import pytest

from tests import builders
from tests.http.cargo.site import announced, framed
from tests.support.jsr import a_package
from tests.support.server import LiveServer
from tests.support.uploads import post_file

BOSS, ANN = ("boss", "some secret words"), ("ann", "other secret words")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def publish_all_kinds(server: LiveServer) -> None:
    for name in ("open", "closed"):
        built = builders.a_wheel(name, "1.0")
        assert post_file(server, *BOSS, built.filename, built.content).status == 200
    body = framed(json.dumps(announced("foo", "1.0.0")).encode(), builders.a_crate("foo", "1.0.0").content)
    assert server.request("/api/v1/crates/new", method="PUT", auth=BOSS, body=body).status == 200
    path = "/api/scopes/acme/packages/demo/versions/1.0.0?config=/deno.json"
    headers = {"Content-Encoding": "gzip"}
    answer = server.request(path, method="POST", auth=BOSS, headers=headers, body=a_package())
    assert answer.json["status"] == "success"
    assert server.request("/admin/package/closed/user/boss/read", method="PUT", auth=BOSS).status == 200
    assert server.request("/api/package/open/1.0/yank", method="POST", auth=BOSS, body=b"").status == 200


PATHS = [
    "/simple/open/",
    "/simple/closed/",
    "/cargo/index/3/f/foo",
    "/@acme/demo/meta.json",
    "/@acme/demo/1.0.0_meta.json",
    "/@acme/demo/1.0.0/mod.ts",
    f"/api/package/open/{builders.a_wheel('open', '1.0').filename}",
    "/api/v1/crates/foo/1.0.0/download",
    "/admin/user",
    "/admin/package/closed",
]


def shown(server: LiveServer) -> dict[object, object]:
    answers = {path: server.request(path, auth=BOSS, headers=JSON) for path in PATHS}
    found = {path: (answer.status, answer.body) for path, answer in answers.items()}
    assert {status for status, _ in found.values()} == {200}
    return found | {"ann": server.request("/simple/closed/", auth=ANN).status}


class Busy:
    """Uploads, and now and then deletes, one lane after the other's example, until told to stop."""

    def __init__(self, server: LiveServer, lane: int) -> None:
        self.server, self.lane = server, lane
        self.there: set[str] = set()
        self.deleted: set[str] = set()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        chance = random.Random(self.lane)
        turn = 0
        while not self.stop.is_set():
            turn += 1
            built = builders.a_wheel(
                "busy", f"{self.lane}.{turn}", files={"x.bin": bytes(200_000)}, stored=True
            )
            assert post_file(self.server, *BOSS, built.filename, built.content).status == 200
            self.there.add(built.filename)
            if chance.random() < 0.5:
                victim = chance.choice(sorted(self.there))
                path = f"/api/package/busy/{victim}"
                assert self.server.request(path, method="DELETE", auth=BOSS).status == 200
                self.there.discard(victim)
                self.deleted.add(victim)


def busy_files(server: LiveServer) -> dict[str, str]:
    page = server.request("/simple/busy/", auth=BOSS, headers=JSON).json
    return {file["filename"]: file["hashes"]["sha256"] for file in page["files"]}


@pytest.mark.promise(74, 75, 179)
def test_while_people_publish_and_delete(tmp_path, options):
    folder = str(tmp_path / "backup")
    with LiveServer(tmp_path / "data", options=options) as server:
        server.add_user(*BOSS, admin=True)
        server.add_user(*ANN)
        token = server.add_token("boss")
        publish_all_kinds(server)
        lanes = [Busy(server, lane) for lane in range(2)]
        for lane in lanes:
            lane.thread.start()
        server.run("backup", folder)
        early = {name for lane in lanes for name in lane.there}
        server.run("backup", folder)  # again, of what is new since
        for lane in lanes:
            lane.stop.set()
        for lane in lanes:
            lane.thread.join()
        deleted = {name for lane in lanes for name in lane.deleted}
        digests = busy_files(server)
        before = shown(server)
    with LiveServer(tmp_path / "elsewhere", options={"pypi.default_read": "authenticated"}) as other:
        other.stop()
        (tmp_path / "elsewhere" / "secret.key").unlink()
        told = other.run("restore", folder)
        assert "as of 20" in told
        other.start()
        assert shown(other) == before
        listed = busy_files(other)
        assert early - deleted <= listed.keys(), "what was there when it began, and still is"
        assert all(listed[name] == digest for name, digest in digests.items() if name in listed)
        assert other.request("/simple/closed/", auth=("__token__", token)).status == 200
        built = builders.a_wheel("open", "2.0")
        assert post_file(other, *BOSS, built.filename, built.content).status == 200
        with pytest.raises(AssertionError, match="already"):
            other.run("restore", folder)
        assert "0 findings" in other.run("check", "--verify", "--older-than", "10w")
        if "pypi.storage" not in options:
            secret = (tmp_path / "data" / "secret.key").read_bytes()
            assert (tmp_path / "elsewhere" / "secret.key").read_bytes() == secret
    modes = {path.name: path.stat().st_mode & 0o777 for path in Path(folder).iterdir()}
    assert modes.pop("storage") & 0o022 == 0
    assert set(modes.values()) == {0o600}
    assert Path(folder).stat().st_mode & 0o777 == 0o700


@pytest.mark.promise(179)
def test_half_a_backup_is_none(tmp_path):
    with LiveServer(tmp_path / "data", options={"pypi.default_read": "authenticated"}) as server:
        server.add_user(*BOSS, admin=True)
        publish_all_kinds(server)
        server.run("backup", str(tmp_path / "backup"))
    (tmp_path / "backup" / "backup.json").rename(tmp_path / "aside.json")
    with LiveServer(tmp_path / "other", options={"pypi.default_read": "authenticated"}) as other:
        other.stop()
        with pytest.raises(AssertionError, match="A complete backup"):
            other.run("restore", str(tmp_path / "backup"))
        (tmp_path / "aside.json").rename(tmp_path / "backup" / "backup.json")
        state = tmp_path / "backup" / "state.jsonl.gz"
        whole = state.read_bytes()
        secret = tmp_path / "other" / "secret.key"
        secret.unlink()
        state.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(AssertionError, match="is damaged"):
            other.run("restore", str(tmp_path / "backup"))
        assert not secret.exists()
        state.write_bytes(whole)
        (blob,) = (tmp_path / "backup" / "storage" / "v1" / "files" / "pypi" / "open").rglob("*.whl")
        blob.chmod(0o600)
        blob.write_bytes(b"x" * blob.stat().st_size)
        with pytest.raises(AssertionError, match="do not have the digest"):
            other.run("restore", str(tmp_path / "backup"))
