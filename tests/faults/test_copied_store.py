"""Objects that are copied by their keys and bytes alone are a whole registry again."""

from __future__ import annotations

import random

import pytest

from pypicloud_like.ecosystems.cargo.names import index_path
from tests.faults.forked import ForkedServer
from tests.faults.setups import client_of, in_store
from tests.faults.world import BOSS, ECOSYSTEMS, JSON, World
from tests.support.server import LiveServer

OPTIONS = {"pypi.default_read": "authenticated", "auth.hash_rounds": "1", "pypi.stream_files": "true"}


@pytest.mark.promise(52, 71)
def test_without_metadata_of_objects_nothing_is_lost(s3_store, tmp_path):
    before, after = in_store(s3_store), in_store(s3_store)
    with ForkedServer(tmp_path / "one", options=OPTIONS | before) as one:
        one.add_user(*BOSS, admin=True)
        world = World(one, random.Random(7))
        for ecosystem in ECOSYSTEMS * 3:
            thing = world.new(ecosystem)
            assert world.publish(thing)
            if thing.version.startswith("2"):
                assert world.yank(thing)
        gone = world.existing("pypi")
        assert gone is not None
        assert world.delete(gone)
        shown = answers(one, world)
    client = client_of(s3_store)
    source, target = before["storage.bucket"], after["storage.bucket"]
    listed = [one["Key"] for one in client.list_objects_v2(Bucket=source)["Contents"]]
    assert len(listed) > 20
    for key in sorted(listed, reverse=True):
        found = client.get_object(Bucket=source, Key=key)
        assert found["Metadata"] == {}
        client.put_object(Bucket=target, Key=key, Body=found["Body"].read(), ContentType="x/y")
    with ForkedServer(tmp_path / "two", options=OPTIONS | after) as two:
        two.add_user(*BOSS, admin=True)
        assert answers(two, world) == shown
        world.server = two
        world.verify("of the copy", every=True)
        assert " 0 findings" in two.run("check", "--verify")


def answers(server: LiveServer, world: World) -> dict[str, tuple[int, bytes, str | None]]:
    """Pages and files, with their types, as they are without the addresses of this server."""
    paths: set[str] = set()
    for thing in world.states:
        paths |= {
            "pypi": {f"/simple/{thing.name}/"},
            "cargo": {f"/cargo/index/{index_path(thing.name)}"},
            "jsr": {
                f"/{thing.name}/meta.json",
                f"/{thing.name}/{thing.version}_meta.json",
                f"/{thing.name}/{thing.version}/mod.ts",
            },
        }[thing.ecosystem]
    found = {}
    for path in sorted(paths):
        answer = server.request(path, auth=BOSS, headers=JSON if path.startswith("/simple") else {})
        body = answer.body.replace(server.url.encode(), b"")
        found[path] = (answer.status, body, answer.headers["Content-Type"])
    return found
