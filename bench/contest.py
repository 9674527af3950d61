"""Comparisons within one run: all that is compared takes turns, so what else goes on hits all alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

from bench.load import Load, Silent, run
from bench.processes import cpu_seconds
from bench.servers import Running

WARMING = 0.5


@dataclass(frozen=True)
class Rules:
    """How long and how often."""

    seconds: float = 1.0
    rounds: int = 3


@dataclass(frozen=True)
class Target:
    """One thing to ask for, again and again."""

    server: Running
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = 16


@dataclass(frozen=True)
class Seen:
    """The medians of a target: requests a second, CPU time of the server in milliseconds a request, bytes a
    request on the wire, and the time of the slowest hundredth in milliseconds.
    """

    rate: float
    cpu: float
    size: float
    p99: float

    @property
    def cpu_per_gb(self) -> float:
        """Seconds of CPU for a gigabyte sent."""
        return self.cpu / 1000 / (self.size / 1e9)


def compare(targets: Sequence[Target], rules: Rules) -> list[Seen]:
    """Measure all of them in turns."""
    for target in targets:
        with suppress(Silent):
            _once(target, WARMING)
    rounds: list[list[tuple[Load, float]]] = [[] for _ in targets]
    for turn in range(_fair(rules.rounds, len(targets))):
        for step in range(len(targets)):
            place = (turn + step) % len(targets)  # what comes first may find a processor at rest
            rounds[place].append(_once(targets[place], rules.seconds))
    return [_seen(found) for found in rounds]


def _fair(rounds: int, targets: int) -> int:
    """So many rounds or a few more, that each target comes first as often, unless there are more targets."""
    return rounds if targets > rounds else -(-rounds // targets) * targets


def _once(target: Target, seconds: float) -> tuple[Load, float]:
    before = cpu_seconds(target.server.pid)
    load = run(
        target.server.port, target.path, target.headers, connections=target.connections, seconds=seconds
    )
    return load, 1000 * (cpu_seconds(target.server.pid) - before) / load.requests


def _seen(found: Sequence[tuple[Load, float]]) -> Seen:
    return Seen(
        rate=median(load.rate for load, _ in found),
        cpu=median(cpu for _, cpu in found),
        size=median(load.received / load.requests for load, _ in found),
        p99=median(load.p99 for load, _ in found),
    )


class Table:
    """Prints lines as they come. A ratio above 1 is better than what it is compared with; by CPU time it is
    steady on a busy machine, by requests a second it is not.
    """

    def __init__(self) -> None:
        self.missed: list[str] = []

    def heading(self, title: str, *names: str) -> None:
        """Begin a part."""
        print(f"\n{title}")
        if names:
            print(f"  {'':44}" + "".join(f"{name:>12}" for name in names), flush=True)

    def compared(self, label: str, one: Seen, other: Seen, *, least: float | None = None) -> None:
        """One against another."""
        by_cpu = other.cpu / one.cpu if one.cpu else float("inf")
        goal = ""
        if least is not None:
            goal = f"{f'>= {least:g}':>9}" + ("" if by_cpu >= least else "  missed")
            if by_cpu < least:
                self.missed.append(label)
        print(
            f"  {label:44}{one.rate:12,.0f}{other.rate:12,.0f}{one.rate / other.rate:12.2f}"
            f"{one.cpu:12.3f}{other.cpu:12.3f}{by_cpu:12.2f}{goal}",
            flush=True,
        )

    def told(self, label: str, *values: str, goal: str = "") -> None:
        """Any other line."""
        print(
            f"  {label:44}" + "".join(f"{value:>12}" for value in values) + f"   {goal}".rstrip(), flush=True
        )

    def skipped(self, label: str, why: object) -> None:
        """What could not be measured."""
        print(f"  {label:44}  skipped: {why}", flush=True)

    def judged(self, label: str, value: float, most: float, unit: str) -> None:
        """A figure that has a bound."""
        self._judged(label, f"{value:,.2f} {unit}", f"<= {most:g} {unit}", reached=value <= most)

    def reached(self, label: str, value: float, least: float, unit: str) -> None:
        """A figure that has to be reached."""
        self._judged(label, f"{value:,.2f} {unit}", f">= {least:g} {unit}", reached=value >= least)

    def _judged(self, label: str, value: str, goal: str, *, reached: bool) -> None:
        if not reached:
            self.missed.append(label)
        self.told(label, value, goal=goal if reached else f"{goal}  missed")


COMPARED = ("req/s", "other", "ratio", "CPU ms", "other", "by CPU")
