"""Every promise has a test or a reason; every number on a test is that of a promise."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import promises
from tests.promises import Promise, read_marks, read_promises, tell, without_proof


def test_every_promise_has_a_test_or_a_reason():
    assert without_proof(read_promises(), read_marks()) == []


def test_every_number_on_a_test_is_that_of_a_promise_that_applies():
    known = {promise.number for promise in read_promises() if not promise.reason}
    assert {number: names for number, names in read_marks().items() if number not in known} == {}


def test_a_promise_without_either_is_found(tmp_path):
    document = tmp_path / "promises.md"
    document.write_text(
        "## One\n* **P001** First\n  goes on.\n* **P002** Second.\n  *Does not apply:* there\n  is none.\n"
        "## Two\n* **P003** Third.\n  *Not proved yet:* tomorrow.\n* **P004** Fourth.\n"
    )
    found = read_promises(document)
    assert found == [
        Promise(1, "First goes on."),
        Promise(2, "Second.", "there is none."),
        Promise(3, "Third.", "tomorrow.", is_open=True),
        Promise(4, "Fourth."),
    ]
    assert without_proof(found, {1: ["tests/x.py::test_x"]}) == [4]
    document.write_text("* **P001** First\n* **P003** Third\n")
    with pytest.raises(ValueError, match="gaps"):
        read_promises(document)


def test_marks_are_found_in_functions_and_classes(tmp_path):
    (tmp_path / "test_one.py").write_text(
        "@pytest.mark.promise(1, 2)\ndef test_a(): ...\n"
        "class TestB:\n    @pytest.mark.promise(2)\n    def test_c(self): ...\n    def test_d(self): ...\n"
    )
    name = f"{tmp_path.name}/test_one.py"
    assert read_marks(tmp_path) == {1: [f"{name}::test_a"], 2: [f"{name}::test_a", f"{name}::TestB::test_c"]}
    (tmp_path / "test_one.py").write_text("@pytest.mark.promise('1')\ndef test_a(): ...\n")
    with pytest.raises(ValueError, match="is no number"):
        read_marks(tmp_path)


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        (None, "1 tests"),
        (Counter(passed=2), "holds (2 passed)"),
        (Counter(passed=2, skipped=1), "holds (2 passed, 1 skipped)"),
        (Counter(passed=2, failed=1), "FAILED (1 of 3)"),
        (Counter(skipped=1), "NOT RUN HERE"),
        (Counter(), "NOT RUN HERE"),
    ],
)
def test_what_is_told_of_one(outcomes, word):
    assert tell(Promise(7, "x"), ["tests/t.py::test"], outcomes) == f"P007 {word}: x\n     - tests/t.py::test"


def test_what_is_told_without_tests():
    assert tell(Promise(7, "x"), [], None) == "P007 NO TEST: x"
    assert tell(Promise(7, "x", "why"), [], None) == "P007 does not apply: x\n     why"
    assert tell(Promise(7, "x", "why", is_open=True), [], None) == "P007 NOT PROVED YET: x\n     why"


def test_the_command_fails_with_a_failing_test_and_passes_without(tmp_path):
    code, told = command(tmp_path / "one", "assert True")
    assert (code, "P001 holds (1 passed): It works." in told) == (0, True), told
    code, told = command(tmp_path / "two", "assert False")
    assert (code, "P001 FAILED (1 of 1)" in told) == (1, True), told
    code, told = command(tmp_path / "three", "pytest.skip('not here')")
    assert (code, "no test passed: [1]" in told) == (1, True), told


def command(folder: Path, body: str) -> tuple[int, str]:
    """The command over a project of one promise whose test has this body."""
    folder.mkdir()
    document = folder / "promises.md"
    document.write_text("* **P001** It works.\n")
    (folder / "conftest.py").write_text("from tests.conftest import pytest_collection_modifyitems\n")
    (folder / "test_it.py").write_text(
        f"import pytest\n@pytest.mark.promise(1)\ndef test_it():\n    {body}\n"
    )
    line = f"main([], document=Path({str(document)!r}), folder=Path({str(folder)!r}))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from pathlib import Path; from tests.promises import main; raise SystemExit({line})",
        ],
        cwd=promises.TESTS.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
