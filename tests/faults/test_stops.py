"""A server that ends at any named point of a change loses nothing it acknowledged and shows nothing half.

A run takes a few points of each kind of change. ``python -m tests.faults.cycles 1000`` takes as many as are wanted.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.faults.crashing import PLANS, Crashes
from tests.faults.cycles import CYCLES, REPORT, SEED
from tests.faults.setups import SETUPS, set_up

FEW = 2
MANY = int(os.environ.get(CYCLES, "0"))
CHANCE = int(os.environ.get(SEED, "0")) or random.randrange(10**9)


@pytest.mark.skipif(MANY > 0, reason="many cycles over all set-ups are wanted")
@pytest.mark.promise(1, 2, 3, 10, 11, 69, 81)
@pytest.mark.parametrize("plan", PLANS)
def test_at_some_points_of_each_change(tmp_path, upstream, plan):
    crashes = Crashes.of(tmp_path / "data", {}, upstream, f"{CHANCE} {plan}")
    try:
        for point in crashes.world.chance.sample(crashes.points(plan), FEW):
            crashes.cycle(plan, point)
        crashes.finish()
        assert not crashes.missed, f"seed {CHANCE}"
    finally:
        crashes.server.stop()


@pytest.mark.promise(1, 2, 3, 10, 11, 69, 81)
@pytest.mark.parametrize("name", SETUPS if MANY else SETUPS[1:])
def test_one_after_another_in_every_set_up(tmp_path, upstream, request, name):
    with set_up(name, request) as options:
        crashes = Crashes.of(tmp_path / "data", options, upstream, f"{CHANCE} {name}")
        try:
            for _ in range(MANY or FEW):
                crashes.cycle(*crashes.choose())
            crashes.finish()
        finally:
            crashes.server.stop()
            report(name, crashes)


def report(name: str, crashes: Crashes) -> None:
    """Add a line to the report, where one is wanted."""
    if path := os.environ.get(REPORT):
        told = {
            "set-up": name,
            "seed": CHANCE,
            "crashes": crashes.counts.total(),
            "acknowledged": crashes.world.acknowledged,
            "versions": len(crashes.world.states),
            "points": dict(crashes.counts),
            "missed": dict(crashes.missed),
        }
        with Path(path).open("a") as file:
            file.write(json.dumps(told) + "\n")
