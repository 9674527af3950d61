"""From arguments to commands, from errors to one line and an exit code."""

import subprocess
import sys

import pytest

from pypicloud_like.cli import show_config
from pypicloud_like.cli.main import COMMANDS
from pypicloud_like.core.errors import Unavailable


def test_help_names_every_command(run):
    outcome = run("--help")
    assert outcome.code == 0
    for command in COMMANDS:
        assert f"    {command.name}" in outcome.out


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_takes_config_and_data(run, command):
    words = {name: ["list"] for name in ("user", "token", "publisher")} | {"catalogue": ["grids", "list"]}
    outcome = run(command, *words.get(command, []), "--help")
    assert outcome.code == 0
    assert "--config INI" in outcome.out
    assert "--data DIR" in outcome.out


@pytest.mark.parametrize("argv", [[], ["fly"], ["serve", "--port", "70000"], ["token", "add", "ann"]])
def test_wrong_arguments_are_2(run, argv):
    outcome = run(*argv)
    assert outcome.code == 2
    assert "usage:" in outcome.err


def test_commands_start_without_the_web_framework(tmp_path):
    modules = [f"pypicloud_like.cli.{command.module}" for command in COMMANDS if command.name != "serve"]
    code = f"""
import importlib, sys
from pypicloud_like.cli.main import main
for module in {modules!r}:
    importlib.import_module(module)
code = main(["rebuild", "--data", {str(tmp_path / "data")!r}])
print(code, *sorted({{"pyramid", "webob", "jinja2", "waitress"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["0"]


@pytest.mark.promise(165)
def test_wrong_settings_are_2_and_one_line_each(run, monkeypatch):
    monkeypatch.setenv("PPC_LIMITS_FILE", "big")
    monkeypatch.setenv("PPC_PYPI_DB", "redis")
    outcome = run("show-config")
    assert outcome.code == 2
    assert outcome.out == ""
    lines = outcome.err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("pypicloud-like: PPC_") for line in lines)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Unavailable("database"), "The database is unavailable, try again"),
        (FileNotFoundError(2, "No such file or directory", "x.json"), "x.json: No such file or directory"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_other_errors_are_1_without_a_traceback(run, monkeypatch, error, line):
    def fail(_args):
        raise error

    monkeypatch.setattr(show_config, "run", fail)
    outcome = run("show-config")
    assert (outcome.code, outcome.err) == (1, f"pypicloud-like: {line}\n")


def test_interrupted(run, monkeypatch):
    def stop(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(show_config, "run", stop)
    assert run("show-config").code == 130


def test_as_a_module_and_with_a_closed_pipe(tmp_path):
    command = f"{sys.executable} -m pypicloud_like.cli"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} show-config | head -n 1 >/dev/null; {command} --version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout.startswith("pypicloud-like ")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
