"""What a machine may lack: the test says so and skips, or fails where nothing may be skipped."""

import os
import shutil

import pytest

STRICT = "PYPICLOUD_LIKE_TEST_EVERYTHING"


def lacking(what: str) -> None:
    """Skip because ``what`` is missing; fail instead where the variable forbids skips."""
    if os.environ.get(STRICT):
        pytest.fail(f"{what} is missing, and {STRICT} is set")
    pytest.skip(f"{what} is missing on this machine")


def program(name: str) -> str:
    """The path of a program, or skip."""
    path = shutil.which(name)
    if path is None:
        lacking(name)
    assert path
    return path
