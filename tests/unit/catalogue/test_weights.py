"""Weights: the published example, every line of the formula at its limit, and grids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.catalogue.weights import Facts, weigh_grid, weigh_package

NOW = datetime(2024, 6, 3, tzinfo=UTC)
NOTHING = Facts(False, False, 0, 0, 0, 0, None, None, False)
GOLDEN = Facts(
    documented=True,
    described=True,
    forks=189,
    watchers=1047,
    downloads=0,
    usage=2,
    released_at=datetime(2024, 1, 12, 15, 28, 41, tzinfo=UTC),
    committed_at=datetime(2024, 1, 12, 10, 3, 34, tzinfo=UTC),
    deprecated=False,
)


def test_the_published_example():
    assert weigh_package(GOLDEN, NOW) == 112


def test_the_heaviest_weighs_160():
    assert weigh_package(replace(GOLDEN, downloads=10**9, usage=99, committed_at=NOW), NOW) == 160
    assert weigh_package(NOTHING, NOW) == 0


@pytest.mark.parametrize(
    ("change", "weight"),
    [
        ({"documented": True}, 20),
        ({"described": True}, 20),
        ({"forks": 19}, 19),
        ({"forks": 20}, 20),
        ({"forks": 21}, 20),
        ({"watchers": 20}, 20),
        ({"watchers": 21}, 20),
        ({"downloads": 999}, 0),
        ({"downloads": 1000}, 1),
        ({"downloads": 20_999}, 20),
        ({"downloads": 21_000}, 20),
        ({"usage": 3}, 3),
        ({"usage": 21}, 20),
        ({"released_at": NOW - timedelta(days=365) + timedelta(seconds=1)}, 20),
        ({"released_at": NOW - timedelta(days=365)}, 0),
        ({"committed_at": NOW - timedelta(days=90) + timedelta(seconds=1)}, 20),
        ({"committed_at": NOW - timedelta(days=90)}, 10),
        ({"committed_at": NOW - timedelta(days=182) + timedelta(seconds=1)}, 10),
        ({"committed_at": NOW - timedelta(days=182)}, 5),
        ({"committed_at": NOW - timedelta(days=365) + timedelta(seconds=1)}, 5),
        ({"committed_at": NOW - timedelta(days=365)}, 0),
    ],
)
def test_each_line_at_its_limit(change, weight):
    assert weigh_package(replace(NOTHING, **change), NOW) == weight


def test_a_deprecated_one_keeps_documentation_and_activity():
    assert weigh_package(replace(GOLDEN, deprecated=True), NOW) == 30


@pytest.mark.parametrize(
    ("heaviest", "weights"), [(160, (133, 106, 80, 53)), (120, (100, 80, 60, 40)), (100, (83, 66, 50, 33))]
)
def test_grids(heaviest, weights):
    kinds = ((True, True, True), (False, True, True), (False, False, True), (False, False, False))
    assert (
        tuple(
            weigh_grid(heaviest, locked=locked, header=header, filled=filled)
            for locked, header, filled in kinds
        )
        == weights
    )


def test_no_float_is_between():
    assert weigh_grid(112, locked=False, header=False, filled=True) == 56
