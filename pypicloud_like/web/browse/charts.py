"""Counts over time as bars, drawn on the server: a picture that needs no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jinja2.filters import do_filesizeformat

WIDTH = 280
HEIGHT = 56
_UNKNOWN = date(1970, 1, 1)
"""What stands for a day that nobody told."""


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
    bars = _bars(values, [f"{day}: {value}" for day, value in zip(shown, values, strict=True)])
    total = sum(values)
    said = f"{total} {what} from {shown[0]} to {shown[-1]}, at most {max(values)} on one day"
    return Bars(bars, said, str(shown[0]), str(shown[-1]), total)


def growing(added: Mapping[date, int], *, until: date, least: int = 30, most: int = 52) -> Bars:
    """What there was in all, in bytes, at the end of each of some equal times up to a day.

    :param added: day → the bytes that came on it
    :param least: how many days at least
    :param most: how many bars at most
    """
    known = [day for day in added if day > _UNKNOWN]
    first = min([*known, until - timedelta(days=least - 1)])
    step = max(1, -(-((until - first).days + 1) // most))
    ends = [until - timedelta(days=back) for back in range(0, (until - first).days + 1, step)]
    ends.reverse()
    total, rest = 0, sorted(added.items(), reverse=True)
    sums: list[int] = []
    for end in ends:
        while rest and rest[-1][0] <= end:
            total += rest.pop()[1]
        sums.append(total)
    bars = _bars(sums, [f"{end}: {do_filesizeformat(value)}" for end, value in zip(ends, sums, strict=True)])
    said = f"From {do_filesizeformat(sums[0])} on {ends[0]} to {do_filesizeformat(total)} on {ends[-1]}"
    return Bars(bars, said, str(ends[0]), str(ends[-1]), total)


def _bars(values: Sequence[int], said: Sequence[str]) -> Sequence[Bar]:
    """Side by side over the whole width, the highest as high as the picture; what is not nothing is seen."""
    step, most = WIDTH / len(values), max(values)
    return [
        Bar(
            x=round(place * step, 2),
            width=round(step * 0.8, 2),
            height=round(max(value / most * HEIGHT, 1), 2) if value else 0,
            said=sentence,
        )
        for place, (value, sentence) in enumerate(zip(values, said, strict=True))
    ]
