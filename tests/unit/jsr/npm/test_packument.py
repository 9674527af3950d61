"""What npm's clients are told of a package, from rows alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pypicloud_like.core.model import Action, Blob, FileRecord, Origin, Stamp
from pypicloud_like.ecosystems.jsr.npm.packument import Telling, facts_of, render_packument
from pypicloud_like.ecosystems.jsr.npm.tarball import Digests
from tests.unit.jsr.npm.versions import PACKAGE

AT = datetime(2026, 1, 20, 3, 4, 5, tzinfo=UTC)
TELLING = Telling(PACKAGE, "https://example.org/npm/", description="A demo")


def a_file(version: str, *, npm: bool = True, at: datetime = AT, **more) -> FileRecord:
    told = facts_of(Digests(f"sha512-{version}", f"sha1-{version}"), {"ms": "2"})
    return FileRecord(
        project=PACKAGE.project,
        identity=version,
        filename=f"{version}.pack",
        version=version,
        kind="module",
        blob=Blob("k", 1, "d"),
        uploaded_at=at,
        stamp=Stamp(Action.UPLOAD, None, at),
        display_name=str(PACKAGE),
        sidecars={"npm": Blob("n", 1, "d")} if npm else {},
        facts={"npm": told} if npm else {},
        **more,
    )


def told(*files: FileRecord, telling: Telling = TELLING) -> dict:
    return json.loads(render_packument(telling, files))


def test_a_version():
    assert told(a_file("1.0.0+b.1"))["versions"]["1.0.0+b.1"] == {
        "name": "@jsr/acme__demo",
        "version": "1.0.0+b.1",
        "description": "A demo",
        "type": "module",
        "dist": {
            "tarball": "https://example.org/npm/@jsr/acme__demo/-/acme__demo-1.0.0%2Bb.1.tgz",
            "shasum": "sha1-1.0.0+b.1",
            "integrity": "sha512-1.0.0+b.1",
        },
        "dependencies": {"ms": "2"},
    }


def test_versions_are_in_their_order_and_yanked_ones_left_out():
    found = told(a_file("1.10.0"), a_file("1.9.0"), a_file("2.0.0", yanked=""), a_file("3.0.0", npm=False))
    assert list(found["versions"]) == ["1.9.0", "1.10.0"]
    assert found["dist-tags"] == {"latest": "1.10.0"}
    assert found["time"].keys() == {"created", "modified", "1.9.0", "1.10.0"}


@pytest.mark.parametrize(
    ("versions", "latest"),
    [
        (["1.0.0", "2.0.0-rc.1"], "1.0.0"),
        (["1.0.0-rc.1", "1.0.0-rc.2"], "1.0.0-rc.2"),
        (["1.0.0", "1.0.1", "1.0.1-rc.1"], "1.0.1"),
    ],
)
def test_the_latest(versions, latest):
    assert told(*map(a_file, versions))["dist-tags"] == {"latest": latest}


def test_nothing_to_tell():
    found = told(a_file("1.0.0", npm=False))
    assert (found["versions"], found["time"], found["dist-tags"]) == ({}, {}, {})


def test_times():
    origin = Origin("up", "https://other.example/", AT)
    other = a_file("1.1.0", at=AT.replace(day=10), origin=origin)
    times = told(a_file("1.0.0"), other)["time"]
    assert times["1.0.0"] == "2026-01-13T03:04:05.000000Z"
    assert times["1.1.0"] == "2026-01-10T03:04:05.000000Z"  # not ours: as it is
    assert (times["created"], times["modified"]) == (times["1.1.0"], times["1.0.0"])
    real = told(a_file("1.0.0"), telling=Telling(PACKAGE, "/", backdated=False))["time"]
    assert real["1.0.0"] == "2026-01-20T03:04:05.000000Z"
