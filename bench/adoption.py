"""Adoption: records for files that lie in the storage without any, and once more when all are known."""

from __future__ import annotations

import time
from pathlib import Path

from bench.contest import Table
from bench.pages import OPTIONS
from bench.processes import ended_cpu_seconds, most_memory
from tests.builders import a_wheel
from tests.support.server import LiveServer

FILES = 10
"""of each project"""
MOST_CPU = 5.0
"""milliseconds for each small file"""
MOST_MEMORY = 300.0
"""MiB"""


def measure(projects: int, table: Table, folder: Path) -> None:
    """Wheels of so many projects, adopted where they lie. What a command costs anyway is not counted."""
    data = folder / "adoption"
    server = LiveServer(data, options=OPTIONS)
    nothing = _timed(server, "rebuild")[0]
    for number in range(projects):
        below = data / "storage" / f"project-{number:05d}"
        below.mkdir(parents=True)
        for minor in range(FILES):
            built = a_wheel(below.name, f"1.{minor}")
            (below / built.filename).write_bytes(built.content)
    count = projects * FILES
    table.heading(f"Adoption of {count:,} small wheels", "seconds", "CPU ms each")
    for label, most in (("where they lie", MOST_CPU), ("again, all known", None)):
        cpu, seconds, peak = _timed(server, "rebuild", "--adopt", "")
        each = 1000 * (cpu - nothing) / count
        table.told(label, f"{seconds:,.1f}", f"{each:.2f}")
        if most is not None:
            table.judged("CPU each", each, most, "ms")
            table.judged("most memory", peak, MOST_MEMORY, "MiB")


def _timed(server: LiveServer, *command: str) -> tuple[float, float, float]:
    """Seconds of CPU and on the clock, and MiB at most, that a command took."""
    before, began = ended_cpu_seconds(), time.perf_counter()
    with most_memory() as peak:
        server.run(*command, timeout=3600)
    return ended_cpu_seconds() - before, time.perf_counter() - began, peak.mib
