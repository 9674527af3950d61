"""Who takes a new connection of several workers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pypicloud_like.cli import balance
from pypicloud_like.cli.balance import Shares


@pytest.fixture
def now(monkeypatch):
    """The clock, to be moved."""
    clock = [1000.0]
    monkeypatch.setattr(balance, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return clock


@pytest.fixture
def three():
    """Workers that have two, four and six."""
    shares = Shares(3)
    found = [shares.of(number) for number in (1, 2, 3)]
    for share, count in zip(found, (2, 4, 6), strict=True):
        share.begin()
        share.note(count)
    return found


def least(workers):
    return [worker.is_least() for worker in workers]


def test_the_one_that_has_fewest(three):
    assert least(three) == [True, False, False]
    three[0].note(4)
    assert least(three) == [True, True, False]


def test_one_that_takes_none_yet_or_none_any_more_is_not_waited_for(three):
    three[0].leave()
    three[0].note(0)  # its last connections end
    assert least(three)[1:] == [True, False]
    shares = Shares(2)
    begun, _ = shares.of(1), shares.of(2)
    begun.begin()
    begun.note(9)
    assert begun.is_least()


def test_one_that_does_not_take_what_is_left_to_it_is_not_waited_for_for_a_while(three, now):
    _, two, last = three
    for seconds in (0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0):
        two.waited_in_vain()
        assert two.is_least()
        assert not last.is_least()  # it has not waited for that one
        now[0] += seconds - 0.001
        assert two.is_least()
        now[0] += 0.002
        assert not two.is_least()
    now[0] += 11
    two.waited_in_vain()
    now[0] += 0.06
    assert not two.is_least()  # long ago


def test_while_one_is_not_waited_for_the_others_still_are(three, now):
    last = three[2]
    last.waited_in_vain()  # for the one that has fewest
    assert not last.is_least()  # another one has fewer as well
    last.waited_in_vain()
    assert last.is_least()
