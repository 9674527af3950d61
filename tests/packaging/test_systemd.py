"""The sample units for systemd, as systemd itself judges them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support import need

CONFIG = Path(__file__).parents[2] / "config"
MOST_EXPOSED = 20
"""Of a hundred; "OK" for systemd begins below fifty."""


@pytest.fixture(params=["pypicloud-like.service", "team.service"])
def sample(request):
    return CONFIG / request.param


@pytest.fixture
def analyze():
    return need.program("systemd-analyze")


@pytest.mark.promise(171)
def test_how_exposed_it_is(analyze, sample):
    """What is left open is the network, which it is there for."""
    command = [
        analyze,
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED}",
        "--no-pager",
        str(sample),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


def test_systemd_understands_every_line(analyze, sample, tmp_path):
    text, number = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", sample.read_text())
    assert number == 1
    unit = tmp_path / sample.name
    unit.write_text(text)
    command = [analyze, "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert sample.name not in done.stderr


def test_it_has_longer_to_stop_than_the_server_takes(sample):
    """``server.grace`` is 30 seconds, and threads get some more to notice."""
    seconds = int(re.search(r"(?m)^TimeoutStopSec=(\d+)s$", sample.read_text())[1])
    assert seconds > 40
