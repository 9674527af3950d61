"""Real package clients, each in a virtual environment of its own, made when first asked for.

They live in ``.cache/clients`` of the checkout (or below ``PYPICLOUD_LIKE_TEST_CACHE``), so a second
run finds them there. Versions are not pinned: what people have today is what must work.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import venv
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import need

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("PYPICLOUD_LIKE_TEST_CACHE") or ROOT / ".cache")

# Variables by which a machine's owner steers these clients; a test must not depend on them.
_STEERING = (
    "PIP_",
    "UV_",
    "TWINE_",
    "POETRY_",
    "FLIT_",
    "HATCH_",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYENV_VERSION",
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")


@dataclass(frozen=True)
class Outcome:
    """How a client ended, and all that it wrote."""

    code: int
    output: str


@dataclass(frozen=True)
class Client:
    """A program in its environment, run away from the settings of this machine and its user.

    ``home`` is the folder that stands for the user's home; caches and settings land there.
    """

    bin: Path
    home: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        *command: str,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
        timeout: float = 240,
    ) -> Outcome:
        """Run one of the environment's programs, whatever its exit code."""
        name, *arguments = command
        done = subprocess.run(
            [str(self.bin / name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd or self.home,
            env=clean_environ(self.home) | dict(self.environ) | dict(environ or {}),
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def ok(self, *command: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
        """Run, expect success, and give what was written."""
        outcome = self.run(*command, cwd=cwd, environ=environ)
        assert outcome.code == 0, f"{command} ended with {outcome.code}:\n{outcome.output}"
        return outcome.output

    def fails(self, *command: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
        """Run, expect failure, and give what was written."""
        outcome = self.run(*command, cwd=cwd, environ=environ)
        assert outcome.code != 0, f"{command} should have failed:\n{outcome.output}"
        return outcome.output


def client(name: str, home: Path, *, also: Sequence[str] = ()) -> Client:
    """The newest release of the client ``name`` (and the packages ``also``), or skip where it cannot be
    installed.
    """
    home.mkdir(parents=True, exist_ok=True)
    return Client(_installed(name, also), home)


def clean_environ(home: Path) -> dict[str, str]:
    """This process's environment without what steers clients, proxies or their caches."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith((*_STEERING, "XDG_", "PPC_")) and key.lower() not in _PROXIES
    }
    return kept | {
        "HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": str(home / "uv-cache"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


def empty_environment(folder: Path) -> Path:
    """A virtual environment without anything, for a client to install into: its interpreter."""
    venv.create(folder, symlinks=True, with_pip=False)
    return folder / "bin" / "python"


def _installed(name: str, also: Sequence[str]) -> Path:
    # an environment for each set: one that another test uses is never made anew under its feet
    others = f"-{zlib.crc32(' '.join(also).encode()):08x}" if also else ""
    folder = CACHE / "clients" / f"{name}-{sys.implementation.cache_tag}{others}"
    marker = folder / ".complete"
    wanted = " ".join((name, *also))
    with locked(folder.with_name(folder.name + ".lock")):
        if not (marker.exists() and marker.read_text() == wanted and (folder / "bin" / "python").exists()):
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, (name, *also))
            marker.write_text(wanted)
    return folder / "bin"


def _install(folder: Path, packages: Sequence[str]) -> None:
    # pip's own environment variables (an index, a proxy) stay here: they are how this machine installs
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        need.lacking("the standard library's venv with pip")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--upgrade", *packages],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        shutil.rmtree(folder, ignore_errors=True)
        need.lacking(f"{' and '.join(packages)} (pip could not install it: {reason})")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time: several test workers may want the same client."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
