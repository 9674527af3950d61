"""Downloads: small files against Pyramid's hello, a large one against nginx by CPU time for each gigabyte."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from bench import corpus
from bench.contest import COMPARED, Rules, Table, Target, compare
from bench.pages import OPTIONS, basic
from bench.servers import Lacking, hello, nginx, ours
from tests.builders import a_wheel
from tests.support.server import LiveServer

OF_HELLO = {"waitress": 0.4, "granian": 0.7}
OF_NGINX = 1.2
"""At most so much more CPU than nginx."""


def measure(filled: corpus.Corpus, kind: str, rules: Rules, table: Table, folder: Path) -> None:
    """Small and large files on one WSGI server."""
    server = LiveServer(filled.data, options=OPTIONS, server=kind)
    small = f"/api/package/small/{a_wheel('small', '1.0').filename}"
    with ExitStack() as stack:
        try:
            other = stack.enter_context(hello(kind, folder))
        except Lacking as why:
            table.skipped(f"files on {kind}", why)
            return
        token = basic("__token__", server.add_token(filled.user))
        running = stack.enter_context(ours(server))
        table.heading(f"Small files on {kind}, against Pyramid's hello of as many bytes", *COMPARED)
        for label, path in (("a wheel", small), ("its metadata", f"{small}.metadata")):
            answer = server.request(path)
            if answer.status != 200:
                table.skipped(label, f"answered {answer.status}")
                continue
            length = len(answer.body)
            targets = [Target(running, path), Target(running, path, token), Target(other, f"/bytes/{length}")]
            mine, closed, least = compare(targets, rules)
            table.compared(label, mine, least, least=OF_HELLO[kind])
            table.compared(f"{label}, token", closed, least, least=OF_HELLO[kind])
        _large(filled, server, stack, rules, table, folder, running)


def _large(filled, server, stack, rules, table, folder, running) -> None:  # type: ignore[no-untyped-def]
    path = f"/api/package/bulk/{a_wheel('bulk', '1.0').filename}"
    stored = next((filled.data / "storage" / "v1" / "files" / "pypi" / "bulk").rglob("*.whl"))
    table.heading(
        f"A file of 100 MiB over one connection on {server.server}", "MB/s", "CPU s per GB", "times nginx"
    )
    try:
        physical = stack.enter_context(nginx(folder, stored.parent))
    except Lacking as why:
        table.skipped("against nginx", why)
        return
    mine, best = compare(
        [Target(running, path, connections=1), Target(physical, f"/{stored.name}", connections=1)], rules
    )
    for label, seen in (("ours", mine), ("nginx", best)):
        times = seen.cpu_per_gb / best.cpu_per_gb
        goal = f"<= {OF_NGINX}" + ("  missed" if times > OF_NGINX else "") if label == "ours" else ""
        if "missed" in goal:
            table.missed.append("100 MiB")
        table.told(
            label, f"{seen.rate * seen.size / 1e6:,.0f}", f"{seen.cpu_per_gb:.3f}", f"{times:.2f}", goal=goal
        )
