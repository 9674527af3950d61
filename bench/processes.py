"""What a process and its children cost: CPU time and memory, as the kernel counts them."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_OFTEN = 0.2
"""Seconds between two looks."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it, also of those that ended and were waited for."""
    ticks = 0
    for one in family(pid):
        fields = _stat(one)
        ticks += sum(map(int, fields[11:15])) if fields else 0
    return ticks / _TICKS


def memory(pid: int) -> float:
    """Resident memory of a process and all below it, in MiB. What they share is counted once (PSS), if this
    system tells.
    """
    return sum(map(_own_memory, family(pid)))


def largest_memory(pid: int) -> float:
    """As :func:`memory`, of the one that has most of it."""
    return max(map(_own_memory, family(pid)))


def settle(pid: int) -> None:
    """Wait until a process does nothing any more by itself, for a minute at most."""
    deadline = time.monotonic() + 60
    before = -1.0
    while before != (now := cpu_seconds(pid)) and time.monotonic() < deadline:
        before = now
        time.sleep(0.5)


def ended_cpu_seconds() -> float:
    """User and system time of all children of this process that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass
class Peak:
    """The most resident memory, in MiB."""

    mib: float = 0.0


@contextmanager
def most_memory() -> Iterator[Peak]:
    """The most that any child of this process has while the block runs. The kernel's own figure for children
    that ended counts what this process had when they began.
    """
    peak, done = Peak(), threading.Event()

    def look() -> None:
        while not done.wait(_OFTEN):
            _, *children = family(os.getpid())
            peak.mib = max([peak.mib, *map(_most_of, children)])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        done.set()
        looking.join()


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += parents.get(one, [])


def _own_memory(pid: int) -> float:
    return _figure(pid, "smaps_rollup", "Pss:")


def _most_of(pid: int) -> float:
    return _figure(pid, "status", "VmHWM:")


def _figure(pid: int, file: str, name: str) -> float:
    """A figure in KiB that the kernel tells of a process, in MiB; 0 if it is gone."""
    try:
        lines = (_PROC / str(pid) / file).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0) / 1024


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name, which may hold anything; none if it is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
