"""The promises of docs/promises.md, the tests that carry their numbers, and what came of them.

``python -m tests.promises`` runs those tests and prints every promise; ``--list`` runs nothing. Whatever else
is said goes to pytest (``-n 2``, ``-x``). It ends with 1 if a promise has no test and no reason, if a
test failed, or if of a promise not one test could be run here.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs" / "promises.md"
MARK = "promise"
PROPERTY = "promise"
"""Under this name tests/conftest.py puts the numbers of a test into its reports."""

_ITEM = re.compile(
    r"^\* \*\*P(?P<number>\d{3})\*\* (?P<text>.*?)(?=^\* \*\*P|^## |\Z)", re.MULTILINE | re.DOTALL
)
_REASON = re.compile(
    r"^  \*(?P<kind>Does not apply|Not proved yet):\* (?P<reason>.*)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Promise:
    """One numbered sentence; ``reason`` says why it needs no test, ``is_open`` that it still lacks one."""

    number: int
    text: str
    reason: str = ""
    is_open: bool = False


@dataclass
class Outcomes:
    """What came of the tests of each promise. A plug-in of pytest."""

    of: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failed: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended: its call, or whatever ended it before or after."""
        if report.when != "call" and report.outcome == "passed":
            return
        if report.outcome == "failed":
            self.failed.add(report.nodeid)
        for name, number in report.user_properties:
            if name == PROPERTY:
                assert isinstance(number, int)
                self.of[number][report.outcome] += 1


def read_promises(document: Path = DOCUMENT) -> list[Promise]:
    """All promises of the document, in its order.

    :raises ValueError: their numbers are not 1, 2, 3 …
    """
    found = []
    for match in _ITEM.finditer(document.read_text(encoding="utf-8")):
        told = match["text"]
        why = _REASON.search(told)
        text = told[: why.start()] if why else told
        reason = " ".join(why["reason"].split()) if why else ""
        is_open = why is not None and why["kind"] == "Not proved yet"
        found.append(Promise(int(match["number"]), " ".join(text.split()), reason, is_open))
    if [promise.number for promise in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"{document.name}: the numbers of the promises have gaps or are out of order")
    return found


def read_marks(folder: Path = TESTS) -> dict[int, list[str]]:
    """The tests of each number, as pytest names them, read from the sources without importing them.

    :raises ValueError: a mark has something else than whole numbers
    """
    marked: dict[int, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        if f"mark.{MARK}" not in source:
            continue
        where = path.relative_to(folder.parent).as_posix()
        for name, numbers in _marked(ast.parse(source), where):
            for number in numbers:
                marked[number].append(name)
    return dict(marked)


def _marked(tree: ast.AST, where: str) -> Iterator[tuple[str, list[int]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _marked(node, f"{where}::{node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{MARK}":
                    yield f"{where}::{node.name}", [_number(one, where) for one in mark.args]


def _number(node: ast.expr, where: str) -> int:
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        raise ValueError(f"{where}: {ast.unparse(node)} is no number of a promise")
    return node.value


def without_proof(promises: Sequence[Promise], marked: Mapping[int, Sequence[str]]) -> list[int]:
    """The numbers of promises that have neither a test nor a reason."""
    return [one.number for one in promises if not one.reason and not marked.get(one.number)]


def tell(promise: Promise, tests: Sequence[str], outcomes: Counter[str] | None) -> str:
    """The lines about one promise; without outcomes nothing was run."""
    state = _state(promise, tests, outcomes)
    head = textwrap.fill(
        f"P{promise.number:03} {state}: {promise.text}",
        110,
        subsequent_indent="     ",
        break_long_words=False,
    )
    why = [f"     {promise.reason}"] if promise.reason else []
    return "\n".join([head, *why, *(f"     - {name}" for name in tests)])


def _state(promise: Promise, tests: Sequence[str], outcomes: Counter[str] | None) -> str:
    if promise.is_open:
        return "NOT PROVED YET"
    if not tests:
        return "does not apply" if promise.reason else "NO TEST"
    if outcomes is None:
        return f"{len(tests)} tests"
    if outcomes["failed"]:
        return f"FAILED ({outcomes['failed']} of {outcomes.total()})"
    if not outcomes["passed"]:
        return "NOT RUN HERE"
    skipped = f", {outcomes['skipped']} skipped" if outcomes["skipped"] else ""
    return f"holds ({outcomes['passed']} passed{skipped})"


def main(arguments: Sequence[str], *, document: Path = DOCUMENT, folder: Path = TESTS) -> int:
    """Run the tests of all promises, print every promise; 0 if all of them hold."""
    promises, marked = read_promises(document), read_marks(folder)
    outcomes = Outcomes()
    is_run = "--list" not in arguments
    broken = 0
    if is_run:
        names = {name.partition("::")[0] for names in marked.values() for name in names}
        paths = [str(folder.parent / name) for name in sorted(names)]
        broken = int(pytest.main(["-q", "-m", MARK, *arguments, *paths], plugins=[outcomes]))
        sys.stdout.write("\n")
    for promise in promises:
        counted = outcomes.of[promise.number] if is_run else None
        sys.stdout.write(tell(promise, marked.get(promise.number, []), counted) + "\n")
    missing = without_proof(promises, marked)
    still_open = [promise.number for promise in promises if promise.is_open]
    idle = [
        promise.number
        for promise in promises
        if is_run and marked.get(promise.number) and not outcomes.of[promise.number]["passed"]
    ]
    sys.stdout.write(
        f"\n{len(promises)} promises; without test or reason: {missing or 'none'}; not proved yet:"
        f" {still_open or 'none'}; no test passed: {idle or 'none'}; {len(outcomes.failed)} tests failed\n"
    )
    return 1 if missing or still_open or idle or broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
