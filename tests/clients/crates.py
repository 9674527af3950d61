"""cargo beside a live server: users with tokens, and the small crates that the tests publish."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pypicloud_like.ecosystems.cargo.names import index_path
from tests.clients.site import Site
from tests.support.cargo import PROVIDER, Cargo, write_crate


def index_url(base: str) -> str:
    """How cargo's settings name the index of a server."""
    return f"sparse+{base}/cargo/index/"


def cargo_of(
    site: Site, home: Path, *, token: str | None = "", config: str = PROVIDER, base: str = ""
) -> Cargo:
    """cargo that knows the server as ``acme``. ``token`` is that of the site's user if nothing else is said,
    None for none; ``base`` another address of the server.
    """
    chosen = site.token if token == "" else token
    return Cargo(home, index_url(base or site.server.url), chosen, config)


def new_user(site: Site, name: str, *actions: str) -> str:
    """A user of this name and a token of theirs, for these actions or for all that concerns packages."""
    site.server.add_user(name, "a long enough password")
    return new_token(site, name, *actions)


def new_token(site: Site, name: str, *actions: str) -> str:
    """Another token of a user."""
    scope = ["--actions", ",".join(actions)] if actions else []
    return site.server.run("token", "add", name, "--name", "test", *scope).split()[-1]


def lines(site: Site, name: str) -> Sequence[dict[str, Any]]:
    """The lines of a crate's index file; none if it is not there."""
    answer = site.server.request(f"/cargo/index/{index_path(name)}", headers={"Authorization": site.token})
    return [json.loads(line) for line in answer.text.splitlines()] if answer.status == 200 else []


def write_app(folder: Path, dependencies: str, *, main: str = "fn main() {}\n", name: str = "app") -> Path:
    """A program with these lines of dependencies, for building and not for publishing."""
    return write_crate(folder, name, rest=f"publish = false\n[dependencies]\n{dependencies}\n", main=main)


def write_workspace(folder: Path, prefix: str) -> Path:
    """Three crates that need one another: features, a renamed and optional dependency, build metadata."""
    folder.mkdir(parents=True)
    base, middle, top = (f"{prefix}-{name}" for name in ("base", "middle", "top"))
    (folder / "Cargo.toml").write_text(
        f'[workspace]\nresolver = "2"\nmembers = ["{base}", "{middle}", "{top}"]\n'
    )
    write_crate(
        folder,
        base,
        rest="[features]\nextra = []\n",
        code='pub fn name() -> &\'static str { if cfg!(feature = "extra") { "extra" } else { "plain" } }\n',
    )
    write_crate(
        folder,
        middle,
        "1.2.3+build.5",
        rest='rust-version = "1.70"\nkeywords = ["demo"]\n'
        '[features]\ndefault = ["ren"]\nren = ["dep:alias"]\nweak = ["alias?/extra"]\n'
        f'[dependencies.alias]\npackage = "{base}"\npath = "../{base}"\nversion = "0.1"\n'
        'registry = "acme"\noptional = true\n',
        code='pub fn name() -> &\'static str {\n    #[cfg(feature = "ren")]\n    return alias::name();\n'
        '    #[cfg(not(feature = "ren"))]\n    return "none";\n}\n',
    )
    write_crate(
        folder,
        top,
        rest=f'[dependencies]\n{middle} = {{ path = "../{middle}", version = "1", registry = "acme" }}\n'
        f'[dev-dependencies]\n{base} = {{ path = "../{base}", version = "0.1", registry = "acme" }}\n'
        '[features]\nloud = ["' + middle + '/weak"]\n',
        main=f'fn main() {{ println!("top over {{}}", {middle.replace("-", "_")}::name()); }}\n',
    )
    return folder
