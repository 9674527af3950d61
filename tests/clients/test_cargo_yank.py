"""Real cargo yanks, un-yanks, and is kept from what was yanked."""

from __future__ import annotations

import pytest

from tests.clients.crates import cargo_of, lines, write_app
from tests.support.cargo import write_crate

ACME = ("--registry", "acme")


@pytest.fixture
def cargo(site, tmp_path):
    """cargo of whoever published ``yanked`` 0.1.0 and 0.1.1."""
    return cargo_of(site, tmp_path / "home")


def test_yanked_and_seen_so(site, cargo, tmp_path):
    for version in ("0.1.0", "0.1.1"):
        cargo.ok("publish", *ACME, cwd=write_crate(tmp_path / version, "yanked", version))
    locked = write_app(tmp_path, 'yanked = { version = "0.1", registry = "acme" }\n', name="locked")
    cargo.ok("generate-lockfile", cwd=locked)
    assert 'version = "0.1.1"' in (locked / "Cargo.lock").read_text()

    cargo.ok("yank", "yanked@0.1.1", *ACME)
    assert [line["yanked"] for line in lines(site, "yanked")] == [False, True]

    fresh = write_app(tmp_path, 'yanked = { version = "0.1", registry = "acme" }\n', name="fresh")
    cargo.ok("generate-lockfile", cwd=fresh)
    assert 'name = "yanked"\nversion = "0.1.0"' in (fresh / "Cargo.lock").read_text()
    exact = write_app(tmp_path, 'yanked = { version = "=0.1.1", registry = "acme" }\n', name="exact")
    assert "yanked" in cargo.fails("generate-lockfile", cwd=exact)
    cargo_of(site, tmp_path / "another-home").ok("build", "--locked", cwd=locked)

    cargo.ok("yank", "--undo", "yanked@0.1.1", *ACME)
    cargo.ok("generate-lockfile", cwd=exact)
    assert [line["yanked"] for line in lines(site, "yanked")] == [False, False]


def test_a_version_with_build_metadata(site, cargo, tmp_path):
    cargo.ok("publish", *ACME, cwd=write_crate(tmp_path, "yanked-build", "1.0.0+b.1"))
    cargo.ok("yank", "yanked-build@1.0.0+b.1", *ACME)
    assert lines(site, "yanked-build")[0]["yanked"] is True
    cargo.ok("yank", "--undo", "--version", "1.0.0+b.1", "yanked_build", *ACME)
    assert lines(site, "yanked-build")[0]["yanked"] is False


def test_what_is_not_there(cargo):
    said = cargo.fails("yank", "nothing-here@1.0.0", *ACME)
    assert "404 Not Found" in said
    assert "nothing" in said
