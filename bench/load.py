"""Load generators: wrk where there is one, else keep-alive connections from a process of Python's own."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_REPORT = """
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("\\nREPORT %d %d %d %.3f %d\\n", summary.requests, summary.bytes,
    summary.duration, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""
"""wrk's own script for its summary: durations and latencies are in microseconds."""


class Silent(Exception):
    """A server answered nothing while the load ran."""


@dataclass(frozen=True)
class Load:
    """What one run saw: requests, bytes received, the seconds it took, the time of the slowest hundredth in
    milliseconds.
    """

    requests: int
    received: int
    seconds: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@cache
def wrk() -> str | None:
    """The path of wrk, if this machine has it."""
    return shutil.which("wrk")


def run(port: int, path: str, headers: Mapping[str, str], *, connections: int, seconds: float) -> Load:
    """Ask ``path`` for so long. The load comes from another process, so its CPU time is nobody else's.

    :raises Silent: nothing was answered in that time
    :raises AssertionError: an answer was an error, or a connection broke
    """
    if program := wrk():
        return _with_wrk(program, port, path, headers, connections, seconds)
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_in_process, (port, request, connections, seconds))


def _with_wrk(
    program: str, port: int, path: str, headers: Mapping[str, str], connections: int, seconds: float
) -> Load:
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "report.lua")
        script.write_text(_REPORT)
        # whole seconds are all that wrk's option takes
        whole = f"-d{max(1, round(seconds))}s"
        done = subprocess.run(
            [program, "-t1", f"-c{connections}", whole, "--timeout=30s", "-s", script, *words,
             f"http://127.0.0.1:{port}{path}"],
            capture_output=True, text=True, check=False, timeout=seconds + 60,
        )  # fmt: skip
    _, found, report = done.stdout.rpartition("REPORT ")
    assert found, done.stdout + done.stderr
    requests, received, micros, p99, errors = map(float, report.split())
    if not requests:
        raise Silent(f"{path}: nothing in {whole[2:]}")
    assert not errors, f"{path}: {done.stdout}"
    return Load(int(requests), int(received), micros / 1e6, p99)


def _in_process(port: int, request: bytes, connections: int, seconds: float) -> Load:
    return asyncio.run(_all(port, request, connections, seconds))


async def _all(port: int, request: bytes, connections: int, seconds: float) -> Load:
    start = time.perf_counter()
    results = await asyncio.gather(*(_one(port, request, start + seconds) for _ in range(connections)))
    elapsed = time.perf_counter() - start
    times = sorted(1000 * one for result in results for one in result[0])
    if not times:
        raise Silent(f"nothing in {seconds:g}s")
    return Load(len(times), sum(result[1] for result in results), elapsed, times[int(len(times) * 0.99)])


async def _one(port: int, request: bytes, end: float) -> tuple[list[float], int]:
    times: list[float] = []
    total = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    while (before := time.perf_counter()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        assert status in {200, 304}, head
        lowered = head.lower()
        length = 0
        if status == 200 and b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
        total += len(head) + length
        times.append(time.perf_counter() - before)
        if b"connection: close" in lowered:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.close()
    return times, total
