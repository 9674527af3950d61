"""A load generator: keep-alive connections that each ask the same again and again, from one process."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """What one run saw: requests, bytes of bodies, the seconds it took, times of requests in seconds."""

    requests: int
    body_bytes: int
    seconds: float
    times: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """The time, in milliseconds, within which this share of the requests was answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run(port: int, path: str, headers: dict[str, str], *, connections: int, seconds: float) -> Load:
    """Ask ``path`` for so long, from a process of its own, so that nothing is taken from the caller.

    :raises AssertionError: an answer was not 200 or 304
    """
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_in_process, (port, request, connections, seconds))


def _in_process(port: int, request: bytes, connections: int, seconds: float) -> Load:
    return asyncio.run(_all(port, request, connections, seconds))


async def _all(port: int, request: bytes, connections: int, seconds: float) -> Load:
    start = time.perf_counter()
    results = await asyncio.gather(*(_one(port, request, start + seconds) for _ in range(connections)))
    elapsed = time.perf_counter() - start
    times = tuple(one for result in results for one in result[0])
    return Load(len(times), sum(result[1] for result in results), elapsed, times)


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
        if b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if status == 200:
            await reader.readexactly(length)
            total += length
        times.append(time.perf_counter() - before)
        if b"connection: close" in lowered:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.close()
    return times, total
