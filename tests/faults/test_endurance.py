"""A short stretch of what ``python -m tests.faults.endurance`` does for long."""

from __future__ import annotations

import pytest

from tests.faults import endurance
from tests.faults.endurance import Outcome, Sample, endure

MIB = 2**20


@pytest.mark.promise(168)
def test_a_little_mixed_load(tmp_path, monkeypatch):
    """Too short to tell a slow leak; what grows with every request shows."""
    monkeypatch.setitem(endurance.SLACK, "memory", 10 * MIB)
    monkeypatch.setitem(endurance.SLACK, "descriptors", 6)
    outcome = endure(tmp_path, 12, lanes=3)
    assert outcome.faults == []
    assert outcome.statuses.total() > 50
    assert outcome.statuses[200] > outcome.statuses.total() / 2
    assert outcome.grown() == []
    assert outcome.is_sound
    assert max(sample.memory for sample in outcome.samples) < 200 * MIB


@pytest.mark.parametrize(
    ("last", "grown"),
    [
        ((100, 30, 9), []),
        ((103, 33, 10), []),
        ((110, 30, 9), ["memory"]),
        ((100, 40, 12), ["descriptors", "threads"]),
    ],
)
def test_what_counts_as_growth(last, grown):
    first, then = Sample(500 * MIB, 300, 90), Sample(100 * MIB, 30, 9)
    samples = [first] * 5 + [then] * 5 + [Sample(last[0] * MIB, *last[1:])] * 5
    assert Outcome(samples, None, [], True).grown() == grown
