"""Uploads of small wheels by token, from one uploader and from four, each on a connection that it keeps."""

from __future__ import annotations

import http.client
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from bench.contest import Rules, Table
from bench.pages import OPTIONS, basic
from bench.processes import cpu_seconds, memory
from bench.servers import Running, ours
from tests.builders import a_wheel
from tests.support.postgres import Server
from tests.support.server import LiveServer
from tests.support.uploads import multipart

MOST_CPU = 6.0
"""milliseconds for each upload, all told"""
LEAST_RATE = 120.0
"""a second, from four"""


def measure(kind: str, rules: Rules, table: Table, count: int) -> None:
    """``count`` uploads from one, then as many from four at once, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder) / "data", options=OPTIONS, server=kind)
        rate = _measure(server, f"{kind}, SQLite", rules, table, count, most=MOST_CPU)
        table.reached("4 at once", rate, LEAST_RATE, "a second")
        try:
            database = Server(durable=True)
        except (pytest.skip.Exception, OSError) as why:
            table.skipped("PostgreSQL", why)
            return
        with ExitStack() as stack:
            stack.callback(database.remove)
            urls = {key: stack.enter_context(database.postgres.database()) for key in ("db.url", "state.url")}
            server = LiveServer(Path(folder) / "more", options=OPTIONS | urls, server=kind, workers=2)
            there = _measure(server, f"{kind}, two workers, PostgreSQL", rules, table, count)
            table.reached("4 at once, of SQLite's", there / rate, 1, "times")


def _measure(
    server: LiveServer, where: str, rules: Rules, table: Table, count: int, *, most: float | None = None
) -> float:
    """Tells all, and gives how many a second came from four."""
    table.heading(f"Uploads of small wheels on {where}, durable", "a second", "p50 ms", "CPU ms", "MiB")
    server.add_user("ann", "a long enough password")
    headers = basic("__token__", server.add_token("ann"))
    with ours(server) as running:
        seen: dict[int, list[tuple[float, float, float]]] = {1: [], 4: []}
        for turn in range(rules.rounds):
            for uploaders, found in seen.items():
                found.append(upload(running, headers, uploaders, count, f"{turn}-{uploaders}"))
        for uploaders, found in seen.items():
            rate, p50, cpu = (median(one[place] for one in found) for place in range(3))
            values = [f"{rate:,.0f}", f"{p50:.1f}", f"{cpu:.2f}", f"{memory(running.pid):.0f}"]
            table.told(f"{uploaders} at once", *values)
            if most is not None:
                table.judged(f"{uploaders} at once, CPU each", cpu, most, "ms")
    return rate


def upload(
    running: Running, headers: dict[str, str], uploaders: int, count: int, tag: str
) -> tuple[float, float, float]:
    """How many a second, half of them within so many milliseconds, and milliseconds of CPU for each."""
    before = cpu_seconds(running.pid)
    rate, p50 = _upload(running.port, headers, uploaders, count, tag)
    return rate, p50, 1000 * (cpu_seconds(running.pid) - before) / count


def _upload(port: int, headers: dict[str, str], uploaders: int, count: int, tag: str) -> tuple[float, float]:
    times: list[float] = []
    failures: list[object] = []

    def work(bodies: list[tuple[str, bytes]]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for kind, body in bodies:
            began = time.perf_counter()
            connection.request("POST", "/simple/", body, {"Content-Type": kind, **headers})
            answer = connection.getresponse()
            told = answer.read()
            times.append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                failures.append((answer.status, told))
        connection.close()

    shares = [
        [
            multipart(*a_wheel(f"uploaded-{tag}-{uploader}", f"1.{number}"))
            for number in range(count // uploaders)
        ]
        for uploader in range(uploaders)
    ]
    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    return len(times) / (time.perf_counter() - began), median(times)
