"""Bars and pages of lists."""

from __future__ import annotations

from datetime import date

import pytest

from pypicloud_like.web.browse.charts import HEIGHT, WIDTH, by_day, growing
from pypicloud_like.web.browse.turning import turned

LAST = date(2026, 3, 1)


def test_bars_stand_for_counts():
    bars = by_day({LAST: 10, date(2026, 2, 28): 5, date(2025, 1, 1): 99}, until=LAST, days=7, what="things")
    assert bars.total == 15
    assert (bars.first, bars.last) == ("2026-02-23", "2026-03-01")
    assert [bar.height for bar in bars.each] == [0, 0, 0, 0, 0, HEIGHT / 2, HEIGHT]
    assert bars.each[-1].said == "2026-03-01: 10"
    assert "15 things from 2026-02-23 to 2026-03-01" in bars.said
    assert bars.each[-1].x + bars.each[-1].width <= WIDTH


def test_a_single_one_beside_many_is_seen():
    bars = by_day({LAST: 1_000_000, date(2026, 2, 28): 1}, until=LAST, days=2, what="things")
    assert bars.each[0].height == 1


def test_no_counts_are_no_bars():
    assert all(bar.height == 0 for bar in by_day({}, until=LAST, days=3, what="things").each)


@pytest.mark.parametrize(
    ("asked", "number", "start", "end"),
    [
        ({}, 1, 0, 10),
        ({"page": "3"}, 3, 20, 25),
        ({"page": "0"}, 1, 0, 10),
        ({"page": "99"}, 3, 20, 25),
        ({"page": "-1"}, 1, 0, 10),
        ({"page": "x"}, 1, 0, 10),
        ({"page": "9" * 5000}, 1, 0, 10),
        ({"page": "٣"}, 1, 0, 10),
    ],
)
def test_the_page_that_is_asked_for_or_the_nearest(asked, number, start, end):
    turn = turned(asked, 25, each=10)
    assert (turn.number, turn.start, turn.end, turn.last) == (number, start, end, 3)


def test_an_empty_list_has_one_page():
    turn = turned({}, 0, each=10)
    assert (turn.number, turn.last, turn.start, turn.end) == (1, 1, 0, 0)


def test_addresses_keep_the_rest_of_the_query():
    assert turned({"q": "a b&c"}, 25, each=10, fragment="#x").address(2) == "?q=a+b%26c&page=2#x"


class TestGrowing:
    def test_what_there_was_at_the_end_of_each_day(self):
        added = {date(2026, 1, 1): 100, date(2026, 1, 3): 50}
        bars = growing(added, until=date(2026, 1, 4), least=4)
        assert [bar.said for bar in bars.each] == [
            "2026-01-01: 100 Bytes",
            "2026-01-02: 100 Bytes",
            "2026-01-03: 150 Bytes",
            "2026-01-04: 150 Bytes",
        ]
        assert bars.each[-1].height == HEIGHT
        assert bars.total == 150
        assert bars.said == "From 100 Bytes on 2026-01-01 to 150 Bytes on 2026-01-04"

    def test_a_long_time_has_equal_steps_and_ends_today(self):
        added = {date(2020, 1, 1): 1, date(2026, 1, 1): 1}
        bars = growing(added, until=date(2026, 1, 1), most=52)
        assert len(bars.each) <= 52
        assert bars.last == "2026-01-01"
        assert bars.each[-1].said.startswith("2026-01-01: 2")

    def test_a_day_that_nobody_knows_is_before_all_others(self):
        bars = growing({date(1970, 1, 1): 7}, until=date(2026, 1, 30), least=30)
        assert (bars.first, bars.total) == ("2026-01-01", 7)

    def test_nothing_at_all(self):
        bars = growing({}, until=date(2026, 1, 30))
        assert all(bar.height == 0 for bar in bars.each)
        assert bars.total == 0
