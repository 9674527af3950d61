"""An index of many projects: its root list, its start, its rebuild, its memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import corpus
from bench.contest import COMPARED, Rules, Table, Target, compare
from bench.pages import GZIP, HTML, JSON, OF_HELLO, OPTIONS, basic
from bench.peers import proxpi
from bench.processes import largest_memory, most_memory, settle
from bench.servers import Lacking, Running, below, hello, ours
from bench.uploads import upload
from tests.builders import a_wheel
from tests.support.server import LiveServer
from tests.support.uploads import multipart

AFTER_CHANGE, START, REBUILD = 100.0, 1.5, 180.0
"""The bounds: milliseconds, seconds, seconds for 200,000 files."""
REBUILDING, IDLE, WARM = 300.0, 90.0, 250.0
"""And of memory in MiB; the last two for each process."""
OF_FEW, UPLOADS = 0.8, 100
"""The least share, by CPU, of what costs the same in an index of any size; and uploads in each turn."""
OF_PEER = 5.0
"""The least times that the root list is given, for each time that the fastest other index gives it."""


@contextmanager
def filled(projects: int, files: int, table: Table) -> Iterator[LiveServer]:
    """A server over so many files, its index rebuilt from storage: the time for that is told."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        corpus.many_projects(data, projects, files)
        server = LiveServer(data, options=OPTIONS)
        table.heading(f"{projects:,} projects, {projects * files:,} files")
        began = time.perf_counter()
        with most_memory() as peak:
            server.run("rebuild", timeout=1800)
        seconds = time.perf_counter() - began
        table.judged("rebuild", seconds, REBUILD * projects * files / 200_000, "s")
        table.judged("most memory", peak.mib, REBUILDING, "MiB")
        server.add_user(corpus.USER, "a long enough password")
        yield server


def measure(
    server: LiveServer, kind: str, rules: Rules, table: Table, folder: Path, *, with_peers: bool
) -> None:
    """Start, memory and the root list on one WSGI server."""
    token = basic("__token__", server.add_token(corpus.USER, label=kind))
    server.server = kind
    try:
        with hello(kind, folder) as other:
            seconds = median(_start(server) for _ in range(rules.rounds))
            table.judged(f"start to first answer on {kind}", seconds, START, "s")
            with ours(server) as running:
                table.judged("memory of the largest process, idle", largest_memory(running.pid), IDLE, "MiB")
                _after_changes(server, token, rules, table)
                settle(running.pid)
                table.heading(f"Root list on {kind}, against Pyramid's hello of as many bytes", *COMPARED)
                for label, headers in (("HTML", HTML), ("JSON", JSON), ("JSON, gzip", JSON | GZIP)):
                    length = len(server.request("/simple/", headers=headers).body)
                    mine, least = compare(
                        [Target(running, "/simple/", headers, 4), Target(other, f"/bytes/{length}", {}, 4)],
                        rules,
                    )
                    table.compared(label, mine, least, least=OF_HELLO)
                _beside_few(server, running, token, rules, table, folder / f"few-{kind}")
                table.judged("memory of the largest process, warm", largest_memory(running.pid), WARM, "MiB")
                if with_peers:
                    _against_peer(running, rules, table, below(folder, f"proxpi-{kind}"))
    except Lacking as why:
        table.skipped(f"lists on {kind}", why)


def _start(server: LiveServer) -> float:
    """Seconds from the command to the first answer; it is stopped again."""
    began = time.perf_counter()
    with ours(server):
        return time.perf_counter() - began


def _beside_few(
    server: LiveServer, running: Running, token: dict[str, str], rules: Rules, table: Table, folder: Path
) -> None:
    """What a page and an upload cost here, and in an index of ten projects."""
    data = folder / "data"
    corpus.many_projects(data, 10, 10)
    few = LiveServer(data, options=OPTIONS, server=server.server)
    few.run("rebuild")
    few.add_user(corpus.USER, "a long enough password")
    with ours(few) as other:
        settle(other.pid)
        table.heading(f"Among so many projects on {server.server}, against ten", *COMPARED)
        page = "/simple/project-00000/"
        table.compared(
            "page, 10 files, JSON",
            *compare([Target(each, page, JSON) for each in (running, other)], rules),
            least=OF_FEW,
        )
        both = ((running, token), (other, basic("__token__", few.add_token(corpus.USER))))
        rounds = [
            [upload(one, sent, 1, UPLOADS, str(time.time_ns()))[2] for one, sent in both]
            for _ in range(rules.rounds + 1)
        ]
        many, ten = (median(found) for found in zip(*rounds[1:], strict=True))
        table.told("upload, CPU ms each", f"{many:.2f}", f"{ten:.2f}")
        table.reached("upload, by CPU", ten / many, OF_FEW, "times")


def _against_peer(running: Running, rules: Rules, table: Table, folder: Path) -> None:
    """proxpi in front of ours, whose root list is the fastest of the others."""
    table.heading("Root list as HTML, against proxpi", *COMPARED)
    try:
        with proxpi(folder, folder, running.port) as (peer, path):
            targets = [Target(running, "/simple/", HTML, 4), Target(peer, path.replace("{}/", ""), HTML, 4)]
            table.compared("root list", *compare(targets, rules), least=OF_PEER)
    except (Lacking, OSError) as why:
        table.skipped("proxpi", why)


def _after_changes(server: LiveServer, token: dict[str, str], rules: Rules, table: Table) -> None:
    """The first answer after each of some uploads; the very first one is not counted."""
    times = []
    for number in range(rules.rounds + 1):
        kind, body = multipart(*a_wheel(f"new-{time.time_ns()}", f"1.{number}"))
        answer = server.request("/simple/", method="POST", headers={"Content-Type": kind, **token}, body=body)
        assert answer.status == 200, answer.text
        began = time.perf_counter()
        assert server.request("/simple/", headers=JSON).status == 200
        times.append(1000 * (time.perf_counter() - began))
    table.told("first root list after the start", f"{times[0]:,.0f} ms")
    table.judged("root list after a change", median(times[1:]), AFTER_CHANGE, "ms")
