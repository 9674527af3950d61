"""Owners, tokens and private registries, as real cargo meets them and tells of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.crates import cargo_of, lines, new_token, new_user, write_app
from tests.clients.site import Site, started
from tests.support.cargo import write_crate

ACME = ("--registry", "acme")
REFUSED = "the remote server responded with an error (status {})"


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[Site]:
    """Everyone reads, whoever is logged in may publish names that are new. ``ann`` administers."""
    yield from started(
        tmp_path_factory.mktemp("shop"),
        pypi__default_read="everyone",
        pypi__allow_create_groups="authenticated",
    )


@pytest.fixture(scope="module")
def tokens(shop) -> dict[str, str]:
    """Tokens of two users without rights of their own."""
    return {name: new_user(shop, name) for name in ("bob", "cid")}


def test_owners(shop, tokens, tmp_path):
    bob, cid = (cargo_of(shop, tmp_path / name, token=tokens[name]) for name in ("bob", "cid"))
    bob.ok("publish", *ACME, cwd=write_crate(tmp_path, "owned"))
    newer = write_crate(tmp_path / "newer", "owned", "0.2.0")
    said = cid.fails("publish", *ACME, cwd=newer)
    assert REFUSED.format("403 Forbidden") in said
    assert "not allowed" in said
    assert REFUSED.format("403 Forbidden") in cid.fails("owner", "--add", "cid", "owned", *ACME)
    assert REFUSED.format("403 Forbidden") in cid.fails("yank", "owned@0.1.0", *ACME)

    assert "bob" in bob.ok("owner", "--list", "owned", *ACME)
    assert "cid" in bob.ok("owner", "--add", "cid", "owned", *ACME)
    assert bob.ok("owner", "--list", "owned", *ACME).split()[-2:] == ["bob", "cid"]
    cid.ok("publish", *ACME, cwd=newer)
    cid.ok("owner", "--remove", "bob", "owned", *ACME)
    assert REFUSED.format("403 Forbidden") in bob.fails("yank", "owned@0.1.0", *ACME)
    assert "only owner" in cid.fails("owner", "--remove", "cid", "owned", *ACME)
    assert "nobody" in cid.fails("owner", "--add", "nobody", "owned", *ACME)


def test_a_token_that_may_do_less(shop, tokens, tmp_path):
    reading = cargo_of(shop, tmp_path / "home", token=new_token(shop, "bob", "read"))
    said = reading.fails("publish", *ACME, cwd=write_crate(tmp_path, "unpublished"))
    assert REFUSED.format("403 Forbidden") in said
    assert "The scope of this token does not include 'create'" in said
    assert not lines(shop, "unpublished")


def test_a_token_that_is_none(shop, tmp_path):
    cargo = cargo_of(shop, tmp_path / "home", token="pcl_nonsense")
    said = cargo.fails("publish", *ACME, cwd=write_crate(tmp_path, "unpublished"))
    assert REFUSED.format("401 Unauthorized") in said
    assert "Authentication required" in said


def test_login_and_logout(shop, tokens, tmp_path):
    cargo = cargo_of(shop, tmp_path / "home", token=None)
    cargo.ok("login", *ACME, stdin=tokens["bob"] + "\n")
    assert tokens["bob"] in (cargo.home / ".cargo" / "credentials.toml").read_text()
    cargo.ok("publish", *ACME, cwd=write_crate(tmp_path, "logged-in"))
    cargo.ok("logout", *ACME)
    assert "no token found" in cargo.fails("yank", "logged-in@0.1.0", *ACME)


@pytest.fixture(scope="module")
def crate(closed_site, tmp_path_factory) -> str:
    """The name of a crate of the server where nobody reads without a login."""
    folder = tmp_path_factory.mktemp("private")
    cargo_of(closed_site, folder / "home").ok("publish", *ACME, cwd=write_crate(folder, "private-one"))
    return "private-one"


class TestPrivate:
    """Nobody reads without a login."""

    def test_with_a_token_it_is_as_any_other(self, closed_site, crate, tmp_path):
        cargo = cargo_of(closed_site, tmp_path / "home")
        app = write_app(tmp_path, "")
        cargo.ok("add", crate, *ACME, cwd=app)
        cargo.ok("build", cwd=app)
        cargo.ok("info", crate, *ACME)
        cargo.ok("yank", f"{crate}@0.1.0", *ACME)
        cargo.ok("yank", "--undo", f"{crate}@0.1.0", *ACME)

    def test_with_a_token_that_login_stored(self, closed_site, crate, tmp_path):
        cargo = cargo_of(closed_site, tmp_path / "home", token=None)
        cargo.ok("login", *ACME, stdin=closed_site.token + "\n")
        cargo.ok("build", cwd=write_app(tmp_path, f'{crate} = {{ version = "0.1", registry = "acme" }}\n'))

    def test_with_a_token_that_a_command_prints(self, closed_site, crate, tmp_path):
        script = tmp_path / "token.sh"
        script.write_text(f"#!/bin/sh\necho {closed_site.token}\n")
        script.chmod(0o700)
        config = f'[registry]\nglobal-credential-providers = ["cargo:token-from-stdout {script}"]\n'
        cargo = cargo_of(closed_site, tmp_path / "home", token=None, config=config)
        cargo.ok("info", crate, *ACME)

    def test_without_a_token(self, closed_site, crate, tmp_path):
        cargo = cargo_of(closed_site, tmp_path / "home", token=None)
        said = cargo.fails("info", crate, *ACME)
        assert "no token found for `acme`, please run `cargo login --registry acme`" in said

    def test_with_a_wrong_token(self, closed_site, crate, tmp_path):
        cargo = cargo_of(closed_site, tmp_path / "home", token="pcl_nonsense")
        said = cargo.fails("info", crate, *ACME)
        assert "token rejected for `acme`" in said

    def test_without_a_credential_provider(self, closed_site, crate, tmp_path):
        cargo = cargo_of(closed_site, tmp_path / "home", config="")
        assert "credential-provider" in cargo.fails("info", crate, *ACME)

    def test_one_who_may_not_read_sees_nothing(self, closed_site, crate, tmp_path):
        server = closed_site.server
        token = new_user(closed_site, "dan")
        for right in ("read", "write"):
            path = f"/admin/package/cargo:secret-one/user/{closed_site.user}/{right}"
            assert (
                server.request(path, method="PUT", auth=(closed_site.user, closed_site.password)).status
                == 200
            )
        cargo_of(closed_site, tmp_path / "home").ok("publish", *ACME, cwd=write_crate(tmp_path, "secret-one"))
        dan = cargo_of(closed_site, tmp_path / "dan", token=token)
        secret, unknown = (dan.fails("info", name, *ACME) for name in ("secret-one", "nothing-at-all"))
        assert secret.replace("secret-one", "") == unknown.replace("nothing-at-all", "")
