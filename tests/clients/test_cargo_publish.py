"""Real cargo publishes a workspace, and another project builds with what was published."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from tests.clients.crates import cargo_of, lines, write_app, write_workspace
from tests.clients.recorder import Recorder
from tests.support.cargo import write_crate

ACME = ("--registry", "acme")


@pytest.fixture(scope="module")
def published(site, tmp_path_factory):
    """A workspace of three crates, published by one command; what cargo said, and its folder."""
    folder = tmp_path_factory.mktemp("workspace")
    source = write_workspace(folder / "ws", "ws")
    said = cargo_of(site, folder / "home").ok("publish", "--workspace", *ACME, cwd=source)
    return said, source


@pytest.fixture
def cargo(site, tmp_path, published):
    """cargo of somebody else, who has no token: everyone may read here."""
    return cargo_of(site, tmp_path / "home", token=None)


def test_a_workspace_in_one_command(site, published):
    said, _ = published
    for name in ("ws-base", "ws-middle", "ws-top"):
        assert f"Published {name}" in said
    assert "warning" not in said
    (base,), (middle,), (top,) = (lines(site, f"ws-{name}") for name in ("base", "middle", "top"))
    assert base["features"] == {"extra": []}
    assert middle["vers"] == "1.2.3+build.5"
    assert middle["rust_version"] == "1.70"
    assert middle["features2"] == {"default": ["ren"], "ren": ["dep:alias"], "weak": ["alias?/extra"]}
    (alias,) = middle["deps"]
    dev, needed = top["deps"]
    assert (alias["name"], alias["package"], alias["req"], alias["optional"]) == (
        "alias",
        "ws-base",
        "^0.1",
        True,
    )
    assert (dev["name"], dev["kind"], dev["registry"]) == ("ws-base", "dev", None)
    assert (needed["name"], needed["kind"], needed["registry"]) == ("ws-middle", "normal", None)


def test_another_project_builds_with_it(site, cargo, tmp_path):
    app = write_app(
        tmp_path,
        'ws-top = { version = "0.1", registry = "acme", features = ["loud"] }\n',
        main='fn main() { println!("{}", ws_top::name()); }\n',
    )
    said = cargo.ok("run", cwd=app)
    assert "Compiling ws-middle v1.2.3+build.5 (registry `acme`)" in said
    tree = cargo.ok("tree", "-e", "features", cwd=app)
    assert 'ws-base feature "extra"' in tree
    assert f"sparse+{site.server.url}/cargo/index/" in (app / "Cargo.lock").read_text()


def test_added_fetched_and_built_offline(cargo, tmp_path):
    app = write_app(tmp_path, "")
    assert "Adding ws-middle v1.2.3" in cargo.ok("add", "ws-middle", *ACME, cwd=app)
    cargo.ok("fetch", cwd=app)
    cargo.ok("build", "--offline", "--locked", cwd=app)
    assert "ws-base" in cargo.ok("tree", "--offline", cwd=app)


def test_added_by_the_other_spelling(cargo, tmp_path):
    app = write_app(tmp_path, "")
    cargo.ok("add", "ws_base", *ACME, cwd=app)
    assert "ws-base" in (app / "Cargo.toml").read_text()


def test_a_feature_that_is_switched_off(cargo, tmp_path):
    app = write_app(
        tmp_path,
        'ws-middle = { version = "1", registry = "acme", default-features = false, features = ["weak"] }\n',
    )
    assert "── ws-base" not in cargo.ok("tree", cwd=app)


def test_vendored(cargo, tmp_path):
    app = write_app(tmp_path, 'ws-top = { version = "0.1", registry = "acme" }\n')
    config = cargo.ok("vendor", cwd=app)
    (app / ".cargo").mkdir()
    (app / ".cargo" / "config.toml").write_text(config[config.index("[source") :])
    assert (app / "vendor" / "ws-middle" / "Cargo.toml").exists()
    cargo.ok("build", "--offline", cwd=app)


def test_installed(cargo, tmp_path):
    cargo.ok("install", "ws-top", *ACME, "--root", str(tmp_path / "root"))
    done = subprocess.run([tmp_path / "root" / "bin" / "ws-top"], capture_output=True, text=True, check=True)
    assert done.stdout == "top over plain\n"


def test_information(cargo):
    said = cargo.ok("info", "ws-middle", *ACME)
    assert "version: 1.2.3+build.5" in said
    assert "rust-version: 1.70" in said
    assert "#demo" in said


def test_the_same_version_again(site, published, tmp_path):
    _, source = published
    cargo = cargo_of(site, tmp_path / "home")
    assert "already exists" in cargo.fails("publish", "-p", "ws-base", *ACME, cwd=source)


def test_a_version_that_differs_by_build_metadata_only(site, tmp_path):
    cargo = cargo_of(site, tmp_path / "home")
    cargo.ok("publish", *ACME, cwd=write_crate(tmp_path / "1", "built", "1.0.0+one"))
    said = cargo.fails("publish", *ACME, cwd=write_crate(tmp_path / "2", "built", "1.0.0+two"))
    assert "already" in said
    assert [line["vers"] for line in lines(site, "built")] == ["1.0.0+one"]


def test_a_dry_run_sends_nothing(site, tmp_path):
    with Recorder(site.server.port) as recorder:
        cargo = cargo_of(site, tmp_path / "home", base=recorder.url)
        cargo.ok("publish", "--dry-run", *ACME, cwd=write_crate(tmp_path, "rehearsed"))
        assert recorder.exchanges
        assert {each.method for each in recorder.exchanges} == {"GET"}


def test_advice_is_shown(site, tmp_path):
    source = write_crate(tmp_path, "plain-one")
    manifest = source / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('license = "MIT"\n', 'license = "Nonsense"\n'))
    said = cargo_of(site, tmp_path / "home").ok("publish", *ACME, cwd=source)
    assert "warning: unknown or invalid license expression: Nonsense" in said


def test_two_crates_that_link_one_library(site, tmp_path):
    cargo = cargo_of(site, tmp_path / "home")
    for name in ("one-sys", "two-sys"):
        source = write_crate(tmp_path / "src", name, rest='links = "demo_native"\nbuild = "build.rs"\n')
        (source / "build.rs").write_text("fn main() {}\n")
        cargo.ok("publish", *ACME, cwd=source)
    app = write_app(
        tmp_path,
        "".join(f'{name}-sys = {{ version = "0.1", registry = "acme" }}\n' for name in ("one", "two")),
    )
    assert "links to the native library `demo_native`" in cargo.fails("generate-lockfile", cwd=app)


def test_a_large_crate(site, tmp_path):
    source = write_crate(tmp_path, "large")
    noise = bytes(range(256)) * 16
    (source / "noise.bin").write_bytes(b"".join(hash_of(number) for number in range(100_000)) + noise)
    cargo = cargo_of(site, tmp_path / "home")
    cargo.ok("publish", "--no-verify", *ACME, cwd=source)
    assert lines(site, "large")


def hash_of(number: int) -> bytes:
    """32 bytes that do not compress."""
    return hashlib.sha256(b"%d" % number).digest()
