"""The command line in this process, on a data folder of its own."""

import io
import sys
from dataclasses import dataclass

import pytest

from pypicloud_like.cli import main


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command; ``stdin`` is text. Works in an empty current folder, without PPC_ variables."""
    monkeypatch.chdir(tmp_path)

    def command(*argv, stdin=""):
        raw = io.TextIOWrapper(io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode()))
        monkeypatch.setattr(sys, "stdin", raw)
        try:
            code = main(argv)
        except SystemExit as stop:  # argparse leaves by itself
            code = stop.code
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return command
