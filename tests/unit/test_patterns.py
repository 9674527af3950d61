"""Every pattern of the package, on texts made to keep it busy: the time it takes must be in proportion to theirs.

A pattern that goes through a text once for each of its characters holds all threads of the process meanwhile.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import time
from collections.abc import Iterator

import pytest

import pypicloud_like

PIECES = (
    "a", "1", "-", "_", ".", "a-", "a.", "1.", "1:", ":", "a::", "(", "[", "<", '"', "'", "\\", " ", "\t", "\n",
    "=", "/", "/*", "*/", "@", "#", "%2", "a=", "${", "`", "{", "a,", "a;", '\\"', "://", "+", "é", "\r",
)  # fmt: skip
SHORT_TEXTS = {"pypicloud_like.registry.archives.tar_records": "fields of a header have at most twelve bytes"}
"""Modules whose patterns see short texts only, and why."""
LENGTHS = (100, 300, 2000, 20_000)
MOST = 0.02
"""seconds; in proportion they would be a tenth of it at most"""


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(pypicloud_like.__path__, "pypicloud_like."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            yield found.name


def patterns_of(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from patterns_of(each)
    elif isinstance(value, dict):
        yield from patterns_of(list(value.values()))


def ways(source: str, name: str) -> set[str]:
    """How a module uses a pattern of its."""
    used = {way for way in ("match", "fullmatch") if re.search(rf"\b{name}\.{way}\b", source)}
    if not used or re.search(rf"\b{name}\.(search|sub|subn|split|finditer|findall)\b", source):
        used.add("search")
    return used


def seconds(work, text) -> float:
    """The better of two times, so that a busy machine is no fault of a pattern."""
    times = []
    for _ in range(2):
        before = time.thread_time()
        work(text)
        times.append(time.thread_time() - before)
        if times[-1] < MOST:
            break
    return min(times)


def slow(pattern: re.Pattern, way: str) -> str:
    """The piece by which it is kept busy, if there is one."""
    is_bytes = isinstance(pattern.pattern, bytes)
    spelled = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    own = set(re.findall(r"[A-Za-z:<\"'/@_]{2,12}", spelled))
    for piece in (*PIECES, *sorted(own)):
        for length in LENGTHS:
            text = piece * (length // len(piece)) + "!"
            if seconds(getattr(pattern, way), text.encode() if is_bytes else text) > MOST:
                return piece
    return ""


@pytest.mark.promise(99)
def test_no_pattern_takes_long():
    seen, found = set(), []
    for name in modules():
        if name in SHORT_TEXTS:
            continue
        module = importlib.import_module(name)
        source = inspect.getsource(sys.modules[name])
        for attribute, value in vars(module).items():
            for pattern in patterns_of(value):
                for way in ways(source, attribute):
                    key = (pattern.pattern, pattern.flags, way)
                    if key in seen:
                        continue
                    seen.add(key)
                    piece = slow(pattern, way)
                    if piece:
                        found.append(f"{name}.{attribute}: {way} of {piece!r} again and again")
    assert len(seen) > 100, "they are still found where they are looked for"
    assert not found


@pytest.mark.parametrize(
    ("pattern", "way"), [(r"[0-9:]*:[0-9:]*:[0-9:]*(:[0-9])?\Z", "match"), (r"eyJ[\w-]{4,}\.", "search")]
)
def test_those_that_do_are_found(pattern, way):
    assert slow(re.compile(pattern), way)
