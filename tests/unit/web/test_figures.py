"""Numbers that are dear to find out: by one thread at a time, believed for a while, told when they are not there."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from pypicloud_like.web.control import figures
from pypicloud_like.web.control.figures import Figures


@pytest.fixture
def now(monkeypatch):
    """A clock that is set."""
    time = [1000.0]
    monkeypatch.setattr(figures, "time", SimpleNamespace(monotonic=lambda: time[0]))
    return time


class Counter:
    """Gives 1, 2, 3 … and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


def test_a_number_is_found_out_once_a_while(now):
    kept, load = Figures(), Counter()
    assert [kept.get("n", load, wait=5) for _ in range(3)] == [1, 1, 1]
    now[0] += 61
    assert kept.get("n", load, wait=5) == 2
    assert load.calls == 2


def test_while_nothing_moves_it_stands(now):
    kept, load = Figures(), Counter()
    assert kept.get("n", load, moved=7, wait=5) == 1
    now[0] += 1000
    assert kept.get("n", load, moved=7, wait=5) == 1
    assert kept.get("n", load, moved=8, wait=5) == 2


def test_nobody_waits_long_and_all_share_one_search():
    kept, go, calls = Figures(), threading.Event(), Counter()

    def load() -> int:
        go.wait(10)
        return calls()

    assert [kept.get("n", load, wait=0.01) for _ in range(5)] == [None] * 5
    go.set()
    assert kept.get("n", load, wait=5) == 1


def test_an_old_one_is_better_than_none_unless_it_is_not(now):
    kept, go = Figures(), threading.Event()
    assert kept.get("n", lambda: 1, wait=5) == 1
    now[0] += 61

    def load() -> int:
        go.wait(10)
        return 2

    assert kept.get("n", load, wait=0.01) == 1
    assert kept.get("n", load, wait=0.01, old=False) is None
    go.set()
    assert kept.get("n", load, wait=5, old=False) == 2


def test_a_failure_is_no_number_and_is_tried_again():
    kept = Figures()

    def fails() -> int:
        raise ValueError

    assert kept.get("n", fails, wait=5) is None
    assert kept.get("n", lambda: 3, wait=5) == 3
