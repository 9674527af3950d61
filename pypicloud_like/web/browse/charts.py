"""Counts over time as bars, drawn on the server: a picture that needs no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 280
HEIGHT = 56


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the picture."""

    x: float
    width: float
    height: float
    said: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart; ``said`` is what it shows in words, ``first`` and ``last`` stand below its ends."""

    each: Sequence[Bar]
    said: str
    first: str
    last: str
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def by_day(counts: Mapping[date, int], *, until: date, days: int, what: str) -> Bars:
    """The counts of some days up to one.

    :param what: what is counted, in the plural
    """
    shown = [until - timedelta(days=back) for back in reversed(range(days))]
    values = [counts.get(day, 0) for day in shown]
    most, total = max(values, default=0), sum(values)
    step = WIDTH / days
    bars = [
        Bar(
            x=round(place * step, 2),
            width=round(step * 0.8, 2),
            height=round(max(value / most * HEIGHT, 1), 2) if value else 0,
            said=f"{day}: {value}",
        )
        for place, (day, value) in enumerate(zip(shown, values, strict=True))
    ]
    said = f"{total} {what} from {shown[0]} to {shown[-1]}, at most {most} on one day"
    return Bars(bars, said, str(shown[0]), str(shown[-1]), total)
