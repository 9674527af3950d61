"""The real cargo, away from the settings and caches of this machine's user."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import need
from tests.support.clients import Outcome, clean_environ

PROVIDER = '[registry]\nglobal-credential-providers = ["cargo:token"]\n'


@dataclass
class Cargo:
    """cargo with a home of its own, in which the registry ``acme`` is known.

    ``token`` is handed over in the environment, as build machines do it; None for none.
    """

    home: Path
    index: str
    token: str | None = None
    config: str = PROVIDER
    environ: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.program = need.program("cargo")
        folder = self.home / ".cargo"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(
            f'[registries.acme]\nindex = "{self.index}"\n{self.config}\n[net]\nretry = 0\n'
        )

    def run(self, *arguments: str, cwd: Path | None = None, stdin: str = "", **environ: str) -> Outcome:
        """Run cargo, whatever its exit code."""
        done = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd or self.home,
            env=self._environ() | environ,
            timeout=300,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def ok(self, *arguments: str, cwd: Path | None = None, stdin: str = "", **environ: str) -> str:
        """Run, expect success, and give what was written."""
        outcome = self.run(*arguments, cwd=cwd, stdin=stdin, **environ)
        assert outcome.code == 0, f"cargo {arguments} ended with {outcome.code}:\n{outcome.output}"
        return outcome.output

    def fails(self, *arguments: str, cwd: Path | None = None, stdin: str = "", **environ: str) -> str:
        """Run, expect failure, and give what was written."""
        outcome = self.run(*arguments, cwd=cwd, stdin=stdin, **environ)
        assert outcome.code != 0, f"cargo {arguments} should have failed:\n{outcome.output}"
        return outcome.output

    def _environ(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in clean_environ(self.home).items()
            if not name.startswith(("CARGO", "RUST")) or name == "RUSTUP_TOOLCHAIN"
        }
        known = {
            "CARGO_HOME": str(self.home / ".cargo"),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup"),
            "CARGO_TERM_COLOR": "never",
        }
        if self.token is not None:
            known["CARGO_REGISTRIES_ACME_TOKEN"] = self.token
        return kept | known | dict(self.environ)


def write_crate(
    folder: Path, name: str, version: str = "0.1.0", *, rest: str = "", code: str = "", main: str = ""
) -> Path:
    """The source of a crate in ``folder/name``, which is given back."""
    source = folder / name / "src"
    source.mkdir(parents=True)
    (source.parent / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\nlicense = "MIT"\n'
        f'description = "The crate {name}"\nreadme = "README.md"\n{rest}'
    )
    (source.parent / "README.md").write_text(f"# {name}\n")
    (source / "lib.rs").write_text(code or f'pub fn name() -> &\'static str {{ "{name}" }}\n')
    if main:
        (source / "main.rs").write_text(main)
    return source.parent
