"""Adopting crates from a folder, or from what another registry kept."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import pytest

from pypicloud_like.cli.main import main
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.ecosystems.cargo.adopter import CargoAdopter
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO
from pypicloud_like.ecosystems.pypi.adopter import PypiAdopter
from pypicloud_like.registry.adopt import EveryKind, adopt
from pypicloud_like.registry.rebuild import rebuild
from pypicloud_like.settings.model import FileStorageSettings
from pypicloud_like.storage.files import FileStorage
from tests.builders import a_crate, a_wheel

UPLOADED = datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)
OLD = "sparse+https://old.example.org/index/"
REST = f"""
[features]
new = ["dep:alias"]
[dependencies.alias]
version = "0.1"
package = "base"
registry-index = "{OLD}"
optional = true
[dependencies.serde]
version = "1"
"""


@pytest.fixture
def ini():
    return {"cargo.index_aliases": OLD}


def lay(folder, path, body):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    os.utime(target, (UPLOADED.timestamp(), UPLOADED.timestamp()))


@pytest.fixture
def folder(tmp_path):
    """What other registries leave: archives, flat or a folder for each crate, and an index nobody needs."""
    found = tmp_path / "old"
    for path, built in {
        "crates/{}": a_crate(
            "Demo", "1.0.0+x", rest=REST, files={"README.md": b"# Demo", "src/main.rs": b""}
        ),
        "crates/base/{}": a_crate("base", "0.1.0", package={"license": None, "description": None}),
        "crates/base/0.1.1/{}": a_crate("base", "0.1.1"),
    }.items():
        lay(found, path.format(built.filename), built.content)
    lay(found, "index/de/mo/demo", b'{"name":"Demo"}\n')
    return found


def adopted(services, folder, *others):
    source = FileStorage.from_settings(FileStorageSettings(folder))
    return adopt(services, EveryKind(*others, CargoAdopter.of(services)), source=source)


def test_the_archives_tell_all(site, services, folder):
    report = adopted(services, folder)
    assert (report.adopted, report.present, report.foreign, report.problems) == (3, 0, 1, [])
    line = site.line("Demo", "1.0.0+x")
    deps = {each["name"]: each for each in line["deps"]}
    assert (deps["alias"]["package"], deps["alias"]["registry"], deps["alias"]["req"]) == (
        "base",
        None,
        "^0.1",
    )
    assert deps["serde"]["registry"] == CRATES_IO
    assert line["features2"] == {"new": ["dep:alias"]}
    assert (
        line["cksum"]
        == a_crate("Demo", "1.0.0+x", rest=REST, files={"README.md": b"# Demo", "src/main.rs": b""}).sha256
    )
    assert line["pubtime"] == "2020-05-06T07:08:09Z"
    assert [each["vers"] for each in site.lines("base")] == ["0.1.0", "0.1.1"]
    (file,) = services.cache.described(Project("cargo", "demo"))
    assert site.stored_bytes(file.sidecars["readme"].key) == b"# Demo"
    assert (file.facts["has_lib"], file.facts["bin_names"]) == (True, ["Demo"])
    assert site.ask("GET", "/api/v1/crates/demo/1.0.0+x/download", user="boss").status_int == 200


def test_again_and_after_a_rebuild(site, services, folder):
    adopted(services, folder)
    before = site.index("Demo").body
    report = adopted(services, folder)
    assert (report.adopted, report.present) == (0, 3)
    assert rebuild(services).changed == 0
    assert site.index("Demo").body == before


def test_what_cannot_be_taken_is_told(services, folder):
    lay(folder, "torn-0.1.0.crate", a_crate("torn").content[:-20])
    lay(folder, "odd-0.1.0.crate", a_crate("other").content)
    lay(folder, "worse-0.1.0.crate", a_crate("worse", package={"rust-version": ">=1"}).content)
    lay(folder, "x/de_mo-0.1.0.crate", a_crate("de_mo").content)
    lay(folder, "x/de-mo-0.2.0.crate", a_crate("de-mo", "0.2.0").content)
    lay(folder, "x/base-0.1.0+again.crate", a_crate("base", "0.1.0+again").content)
    report = adopted(services, folder)
    assert report.adopted == 4
    told = "\n".join(report.problems)
    for word in ("torn", "odd", "worse", "previously named", "base"):
        assert word in told
    assert len(report.problems) == 5


def test_beside_python_packages(services, folder):
    wheel = a_wheel("loose")
    lay(folder, wheel.filename, wheel.content)
    report = adopted(services, folder, PypiAdopter())
    assert report.adopted == 4
    assert services.cache.exists(Project(PYPI, "loose"))


def test_by_the_command_line(site, services, folder, tmp_path, capsys):
    ini = tmp_path / "server.ini"
    ini.write_text(f"[app:main]\nuse = egg:pypicloud-like\ncargo.index_aliases = {OLD}\n")
    arguments = ["rebuild", "--from", str(folder), "--config", str(ini), "--data", str(tmp_path / "data")]
    assert main(arguments) == 0
    assert "3 files adopted" in capsys.readouterr().out
    assert json.loads(site.index("Demo").body)["deps"][0]["registry"] is None
