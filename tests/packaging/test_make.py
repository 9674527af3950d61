"""How the Makefile finds a Python, and what it says where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import need

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "ls", "grep", "sort", "tr", "rm")


@pytest.fixture
def machine(tmp_path):
    """A machine that has a few tools only; what is put into its ``bin`` is on the path."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(need.program(tool))
    return tmp_path


def python(machine, name, *, version=None, without=()):
    """An interpreter for that machine, perhaps one that lacks modules or says another version."""
    script = machine / "bin" / name
    lines = ["#!/bin/sh"]
    lines += [f'[ "$1 $2" = "-m {module}" ] && exit 1' for module in without]
    if version:
        lines += [f"""case "$2" in *sys.exit*) exit {0 if version >= (3, 11) else 1} ;; esac"""]
    lines += [f'exec "{sys.executable}" "$@"']
    script.write_text("\n".join(lines) + "\n")
    script.chmod(0o755)


def make_environment(machine):
    return subprocess.run(
        [machine / "bin" / "sh", ROOT / ".ci" / "environment", machine / "made"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_environment_with_pip_is_made(machine):
    python(machine, "python3")
    done = make_environment(machine)
    assert done.returncode == 0, done.stderr
    assert (machine / "made" / "bin" / "pip").exists()


def test_an_older_python_that_can_is_better_than_a_newer_one_that_cannot(machine):
    python(machine, "python3.99", without=["venv", "virtualenv"])
    python(machine, "python3.12")
    assert make_environment(machine).returncode == 0


def test_no_python(machine):
    done = make_environment(machine)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or newer is missing" in done.stderr


def test_a_python_that_is_too_old(machine):
    python(machine, "python3", version=(3, 10))
    done = make_environment(machine)
    assert done.returncode == 1
    assert "Python 3.11 or newer is missing" in done.stderr


def test_no_venv_no_virtualenv_no_uv(machine):
    python(machine, "python3", without=["venv", "virtualenv"])
    done = make_environment(machine)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "-venv" in done.stderr
    assert not (machine / "made").exists()


def test_make_lists_its_targets():
    make = need.program("make")
    done = subprocess.run([make, "-C", ROOT], capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench"):
        assert f"make {target}" in done.stdout
