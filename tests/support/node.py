"""The real npm, pnpm, yarn (1 and 4), node and TypeScript, away from the settings and caches of this user."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypicloud_like.ecosystems.jsr.npm import deno
from tests.support import need
from tests.support.clients import CACHE, Outcome, clean_environ, locked

TOOLS = ("pnpm", "yarn@1", "@yarnpkg/cli-dist", "typescript")
CLIENTS = ("npm", "pnpm", "yarn 1", "yarn 4")

_OPTIONS = {"compilerOptions": {"module": "nodenext", "strict": True, "noEmit": True, "types": []}}
_STEERING = ("NPM_", "npm_", "NODE", "YARN", "PNPM", "COREPACK", "DENO", "JSR")


@dataclass
class Project:
    """A program in ``folder`` that has packages of the registry at ``registry`` (with its last slash)."""

    folder: Path
    registry: str
    token: str | None = None

    def __post_init__(self) -> None:
        self.tools = installed()
        self.home = self.folder.with_name(f"{self.folder.name}-home")
        self.home.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "package.json").write_text('{"name": "app", "private": true, "type": "module"}')
        (self.folder / "tsconfig.json").write_text(json.dumps(_OPTIONS))
        (self.folder / ".npmrc").write_text(self._npmrc())
        (self.folder / ".yarnrc.yml").write_text(self._yarnrc())
        (self.folder / "yarn.lock").touch()  # or yarn 4 looks for a project above

    def run(self, program: str, *arguments: str) -> Outcome:
        """Run a client, ``node`` or ``tsc``, whatever its exit code."""
        done = subprocess.run(
            [*self._command(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=self._environ(),
            timeout=240,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def ok(self, program: str, *arguments: str) -> str:
        """Run, expect success, and give what was written."""
        outcome = self.run(program, *arguments)
        assert outcome.code == 0, f"{program} {arguments} ended with {outcome.code}:\n{outcome.output}"
        return outcome.output

    def fails(self, program: str, *arguments: str) -> str:
        """Run, expect failure, and give what was written."""
        outcome = self.run(program, *arguments)
        assert outcome.code != 0, f"{program} {arguments} should have failed:\n{outcome.output}"
        return outcome.output

    def add(self, client: str, *packages: str) -> str:
        """Install packages with a client."""
        return self.ok(client, "install" if client == "npm" else "add", *packages)

    def write(self, name: str, text: str) -> None:
        """A file of the program."""
        (self.folder / name).write_text(text)

    def node(self, code: str) -> str:
        """Run a module; what it printed."""
        self.write("main.mjs", code)
        return self.ok("node", "main.mjs").strip()

    def _command(self, program: str) -> list[str]:
        modules = self.tools / "node_modules"
        node = need.program("node")
        return {
            "npm": [need.program("npm"), "--no-audit", "--no-fund", "--fetch-retries=0"],
            "node": [node],
            "pnpm": [str(modules / ".bin" / "pnpm")],
            "tsc": [str(modules / ".bin" / "tsc")],
            "yarn 1": [node, str(modules / "yarn" / "bin" / "yarn.js")],
            "yarn 4": [node, str(modules / "@yarnpkg" / "cli-dist" / "bin" / "yarn.js")],
        }[program]

    def _npmrc(self) -> str:
        lines = [f"@jsr:registry={self.registry}"]
        if self.token is not None:
            lines.append(f"{self.registry.removeprefix('http:')}:_authToken={self.token}")
        return "\n".join(lines) + "\n"

    def _yarnrc(self) -> str:
        scope = {"npmRegistryServer": self.registry.rstrip("/")}
        if self.token is not None:
            scope["npmAuthToken"] = self.token
        said = {
            "npmScopes": {"jsr": scope},
            "unsafeHttpWhitelist": ["127.0.0.1"],
            "nodeLinker": "node-modules",
            "enableTelemetry": False,
            "enableGlobalCache": False,
        }
        return json.dumps(said)  # which is YAML too

    def _environ(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in clean_environ(self.home).items()
            if not name.startswith(_STEERING) and name != "CI"
        }
        return kept | {"YARN_ENABLE_IMMUTABLE_INSTALLS": "0", "NO_UPDATE_NOTIFIER": "1"}


@cache
def installed() -> Path:
    """The folder of the tools, installed by npm when first asked for; or skip."""
    npm = need.program("npm")
    folder = CACHE / "clients" / "node"
    marker = folder / ".complete"
    with locked(folder.with_name("node.lock")):
        if not marker.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "package.json").write_text('{"private": true, "allowScripts": {"pnpm": true}}')
            done = subprocess.run(
                [npm, "install", "--no-audit", "--no-fund", *TOOLS],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd=folder,
                timeout=300,
                check=False,
            )
            if done.returncode:
                need.lacking(f"pnpm, yarn, typescript (npm could not install them: {done.stderr[-200:]})")
            marker.touch()
    return folder


def deno_for_server() -> str:
    """The deno that the server converts with, or skip."""
    program = deno.find()
    if program is None:
        need.lacking("deno (the Python package)")
    assert program
    return program
