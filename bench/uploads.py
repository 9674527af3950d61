"""Uploads of small wheels by token, from one uploader and from four, each on a connection that it keeps.

Nothing is removed while it is measured: a file system may spend a while on each new file to keep from it the
numbers of those that were removed in the last minutes (ext4 does).
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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
Figures = tuple[float, float, float]
"""Uploads a second, half of them within so many milliseconds, and milliseconds of CPU for each."""


@dataclass
class _Site:
    """A server to upload to, and what was found: by number of uploaders, one figure of each kind a round."""

    where: str
    running: Running
    headers: dict[str, str]
    found: dict[int, list[Figures]] = field(default_factory=lambda: {1: [], 4: []})

    def medians(self, uploaders: int) -> Figures:
        rate, p50, cpu = (median(values) for values in zip(*self.found[uploaders], strict=True))
        return rate, p50, cpu


def measure(kind: str, rules: Rules, table: Table, count: int, folder: Path) -> None:
    """``count`` uploads from one, then as many from four at once; to both databases in turns."""
    with ExitStack() as stack:
        sites = [stack.enter_context(_site(f"{kind}, SQLite", kind, folder / "files"))]
        why = ""
        try:
            urls = stack.enter_context(_databases(folder))
        except (pytest.skip.Exception, OSError) as error:
            why = str(error)
        else:
            where = f"{kind}, two workers, PostgreSQL"
            sites.append(stack.enter_context(_site(where, kind, folder / "more", urls, workers=2)))
        for turn in range(rules.rounds):
            for site in sites if turn % 2 == 0 else sites[::-1]:
                for uploaders, figures in site.found.items():
                    figures.append(
                        upload(site.running, site.headers, uploaders, count, f"{turn}-{uploaders}")
                    )
        _tell(sites, table)
        if why:
            table.skipped("PostgreSQL", why)


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    database = Server(durable=True, below=folder)
    with ExitStack() as stack:
        stack.callback(database.stop)
        yield {key: stack.enter_context(database.postgres.database()) for key in ("db.url", "state.url")}


@contextmanager
def _site(
    where: str, kind: str, folder: Path, urls: Mapping[str, str] | None = None, *, workers: int = 1
) -> Iterator[_Site]:
    server = LiveServer(folder, options=OPTIONS | dict(urls or {}), server=kind, workers=workers)
    server.add_user("ann", "a long enough password")
    headers = basic("__token__", server.add_token("ann"))
    with ours(server) as running:
        yield _Site(where, running, headers)


def _tell(sites: Sequence[_Site], table: Table) -> None:
    """All that was found; databases beside SQLite are to be as fast."""
    first, *others = sites
    for site in sites:
        table.heading(
            f"Uploads of small wheels on {site.where}, durable", "a second", "p50 ms", "CPU ms", "MiB"
        )
        for uploaders in site.found:
            rate, p50, cpu = site.medians(uploaders)
            values = [f"{rate:,.0f}", f"{p50:.1f}", f"{cpu:.2f}", f"{memory(site.running.pid):.0f}"]
            table.told(f"{uploaders} at once", *values)
            if site is first:
                table.judged(f"{uploaders} at once, CPU each", cpu, MOST_CPU, "ms")
        table.reached("4 at once", site.medians(4)[0], LEAST_RATE, "a second")
    for site in others:
        ratio = site.medians(4)[0] / first.medians(4)[0]
        table.reached("4 at once, of SQLite's", ratio, 1, "times")


def upload(running: Running, headers: dict[str, str], uploaders: int, count: int, tag: str) -> Figures:
    """So many uploads, shared by as many uploaders."""
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
