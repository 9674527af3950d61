"""Real cargo builds through a mirror, from a registry that thinks it is the public one."""

from __future__ import annotations

import pytest

from tests.clients.crates import cargo_of, write_app
from tests.support.cargo import Cargo, write_crate
from tests.support.server import LiveServer

REPLACED = """
[source.crates-io]
replace-with = "mirror"
[source.mirror]
registry = "sparse+{url}/cargo/mirror/"
"""


@pytest.fixture
def front(site, tmp_path):
    """A server that mirrors the crates of ``site``."""
    options = {
        "pypi.default_read": "everyone",
        "pypi.cache_update": "everyone",
        "cargo.upstreams": "far",
        "upstream.far.url": f"{site.server.url}/cargo/index",
        "upstream.ttl": "0",
    }
    with LiveServer(tmp_path / "front", options=options) as server:
        yield server


def mirrored(home, front) -> Cargo:
    """cargo that takes the mirror for the public registry, with empty caches."""
    return Cargo(home, f"sparse+{front.url}/cargo/index/", None, REPLACED.format(url=front.url))


def test_a_build_cold_warm_and_with_the_upstream_down(site, front, tmp_path):
    source = tmp_path / "crates"
    publisher = cargo_of(site, tmp_path / "publisher")
    base = write_crate(source, "far-base", "1.2.3+build.4")
    publisher.ok("publish", "--registry", "acme", cwd=base)
    needs = '[dependencies]\nfar-base = { version = "1", registry = "acme" }\n'
    code = "pub fn name() -> &'static str { far_base::name() }\n"
    publisher.ok("publish", "--registry", "acme", cwd=write_crate(source, "far-top", rest=needs, code=code))
    app = write_app(
        tmp_path / "app", 'far-top = "0.1"\n', main='fn main() { println!("{}", far_top::name()); }\n'
    )
    cold = mirrored(tmp_path / "cold", front)
    assert "far-base" in cold.ok("run", cwd=app)
    locked = (app / "Cargo.lock").read_text()
    assert "crates.io-index" in locked, "the lock file is that of the public registry"
    assert front.url not in locked
    site.server.stop()
    try:
        warm = mirrored(tmp_path / "warm", front)
        warm.ok("fetch", "--locked", cwd=app)
        (app / "Cargo.lock").unlink()
        mirrored(tmp_path / "again", front).ok("fetch", cwd=app)
        assert (app / "Cargo.lock").read_text() == locked
    finally:
        site.server.start()


def test_publishing_to_the_mirror_is_refused_in_words(site, front, tmp_path):
    crate = write_crate(tmp_path / "crates", "not-there")
    home = tmp_path / "home"
    token = site.token
    cargo = Cargo(home, f"sparse+{front.url}/cargo/mirror/", token)
    assert "mirror" in cargo.fails("publish", "--registry", "acme", cwd=crate)
