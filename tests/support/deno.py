"""The real deno and the real ``jsr`` command, from npm, away from the settings and caches of this user."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.support import need
from tests.support.clients import CACHE, Outcome, clean_environ, locked

PACKAGES = ("deno", "jsr")


@dataclass
class Deno:
    """deno with a home and a cache of its own, whose registry is at ``url``."""

    home: Path
    url: str
    environ: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tools = installed()
        self.home.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, cwd: Path | None = None, program: str = "deno", **environ: str) -> Outcome:
        """Run deno (or ``jsr``), whatever its exit code."""
        done = subprocess.run(
            [str(self.tools / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd or self.home,
            env=self._environ() | environ,
            timeout=240,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def ok(self, *arguments: str, cwd: Path | None = None, program: str = "deno", **environ: str) -> str:
        """Run, expect success, and give what was written."""
        outcome = self.run(*arguments, cwd=cwd, program=program, **environ)
        assert outcome.code == 0, f"{program} {arguments} ended with {outcome.code}:\n{outcome.output}"
        return outcome.output

    def fails(self, *arguments: str, cwd: Path | None = None, program: str = "deno", **environ: str) -> str:
        """Run, expect failure, and give what was written."""
        outcome = self.run(*arguments, cwd=cwd, program=program, **environ)
        assert outcome.code != 0, f"{program} {arguments} should have failed:\n{outcome.output}"
        return outcome.output

    def forget(self) -> None:
        """Throw the cache away, as on another machine."""
        shutil.rmtree(self.home / "deno", ignore_errors=True)

    def _environ(self) -> dict[str, str]:
        steering = ("DENO", "JSR", "NPM", "npm_", "NODE")
        kept = {
            name: value for name, value in clean_environ(self.home).items() if not name.startswith(steering)
        }
        known = {
            "DENO_DIR": str(self.home / "deno"),
            "DENO_NO_UPDATE_CHECK": "1",
            "DENO_BIN_PATH": str(self.tools / "deno"),
            "JSR_URL": self.url,
        }
        return kept | known | dict(self.environ)


@cache
def installed() -> Path:
    """The folder of the programs, installed by npm when first asked for; or skip."""
    npm = need.program("npm")
    folder = CACHE / "clients" / "deno"
    marker = folder / ".complete"
    with locked(folder.with_name("deno.lock")):
        if not marker.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "package.json").write_text('{"private": true, "allowScripts": {"deno": true}}')
            done = subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", *PACKAGES],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd=folder,
                timeout=300,
                check=False,
            )
            if done.returncode:
                need.lacking(f"deno (npm could not install it: {done.stderr.strip()[-200:]})")
            marker.touch()
    return folder / "node_modules" / ".bin"


def write_package(
    folder: Path, name: str, version: str = "1.0.0", files: Mapping[str, str] | None = None, **more: Any
) -> Path:
    """A package on disk; what is None is left out of its configuration."""
    said = {"name": name, "version": version, "exports": "./mod.ts", "license": "MIT", **more}
    body = json.dumps({key: value for key, value in said.items() if value is not None})
    for path, text in {"deno.json": body, **(files or {"mod.ts": "export const one: number = 1;\n"})}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def write_workspace(folder: Path, scope: str) -> Path:
    """Three packages that need one another, by the names they have in the workspace."""
    write_package(
        folder / "base",
        f"@{scope}/base",
        files={
            "mod.ts": "export function greet(name: string): string {\n  return `hello ${name}`;\n}\n",
            "lib/sub.ts": 'import { greet } from "../mod.ts";\nexport const sub: string = greet("sub");\n',
            "README.md": "# base\n",
        },
        exports={".": "./mod.ts", "./sub": "./lib/sub.ts"},
    )
    write_package(
        folder / "middle",
        f"@{scope}/middle",
        "1.2.3",
        files={
            "mod.tsx": f'import {{ greet }} from "@{scope}/base";\nimport {{ sub }} from "@{scope}/base/sub";\n'
            "export function twice(name: string): string {\n  return greet(name) + `, ${sub}`;\n}\n"
        },
        exports="./mod.tsx",
    )
    write_package(
        folder / "top",
        f"@{scope}/top",
        "0.1.0",
        files={
            "mod.ts": f'import {{ twice }} from "@{scope}/middle";\nimport {{ greet }} from "@{scope}/base";\n'
            'export const top: string = `${twice("x")}; ${greet("y")}`;\n'
        },
    )
    (folder / "deno.json").write_text('{"workspace": ["./base", "./middle", "./top"]}')
    return folder


def write_app(folder: Path, main: str, **config: Any) -> Path:
    """A program with a configuration, so that there is a lock file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "deno.json").write_text(json.dumps(config))
    (folder / "main.ts").write_text(main)
    return folder
