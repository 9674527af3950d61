"""What people wait for: whole runs of pip, uv, cargo and deno, cold and warm, against nginx over the same
files and against other indexes.

Clients spend most of that time themselves, so beside it stands what the server spent.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest import mock

import pytest

from bench import peers
from bench.contest import Rules, Table
from bench.corpus import USER
from bench.pages import JSON, OPTIONS
from bench.processes import cpu_seconds
from bench.servers import Lacking, Running, below, nginx, ours, require_kind
from pypicloud_like.ecosystems.cargo.names import index_path
from tests.builders import a_wheel
from tests.http.cargo.site import CargoSite
from tests.http.conftest import PASSWORD, SteppingClock, make_services
from tests.http.jsr.site import JsrSite
from tests.support.cargo import Cargo, write_crate
from tests.support.clients import client
from tests.support.deno import Deno
from tests.support.server import LiveServer

WHEELS, CRATES, MODULES = 50, 150, 50
"""How many are fetched: a project that requires all others, crates of a program, imports of a module."""
PARTS, WHOLE = [f"part{number:02d}" for number in range(WHEELS - 1)], "whole"


@dataclass(frozen=True)
class Source:
    """A server, and where Python's index begins there. One with a root of plain files has all ecosystems."""

    running: Running
    simple: str = "/simple/"
    is_whole: bool = True

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.running.port}"


Fetch = Callable[[Source, Path, Path], None]
"""Fetch everything into a new folder (the second one), with the caches below a home (the first one)."""


def measure(kinds: Sequence[str], rules: Rules, table: Table, folder: Path, *, with_peers: bool) -> None:
    """Every client with every server, in turns."""
    data = folder / "installs"
    wheels = _filled(data, folder / "parts")
    with ExitStack() as stack:
        sources = dict(_sources(stack, data, wheels, kinds, table, folder, with_peers=with_peers))
        for name, fetch in CLIENTS.items():
            able = {
                each: source for each, source in sources.items() if source.is_whole or name in {"pip", "uv"}
            }
            table.heading(f"{name}, seconds and CPU ms of the server", *able)
            try:
                rounds = [_round(fetch, able, folder / f"{name}-{turn}") for turn in range(rules.rounds)]
            except (pytest.skip.Exception, Lacking) as why:
                table.skipped(name, why)
                continue
            for heat in ("cold", "warm"):
                for label, place, form in ((heat, 0, ".2f"), (f"{heat}, CPU", 1, ".0f")):
                    values = [median(each[server, heat][place] for each in rounds) for server in able]
                    table.told(label, *[format(value, form) for value in values])


def _round(
    fetch: Fetch, sources: Mapping[str, Source], folder: Path
) -> dict[tuple[str, str], tuple[float, float]]:
    """Server and heat → seconds, and milliseconds of its CPU."""
    found = {}
    for name, source in sources.items():
        home = folder / name / "home"
        home.mkdir(parents=True)
        for heat in ("cold", "warm"):
            target = folder / name / heat
            target.mkdir()
            cpu, began = cpu_seconds(source.running.pid), time.perf_counter()
            fetch(source, home, target)
            seconds = time.perf_counter() - began
            found[name, heat] = seconds, 1000 * (cpu_seconds(source.running.pid) - cpu)
        shutil.rmtree(folder / name)
    return found


def _with_pip(source: Source, home: Path, target: Path) -> None:
    client("pip", home).ok(
        "pip", "install", "-q", "--target", str(target), "--index-url", source.url + source.simple, WHOLE
    )


def _with_uv(source: Source, home: Path, target: Path) -> None:
    client("uv", home).ok(
        "uv", "pip", "install", "-q", "--python", sys.executable, "--target", str(target),
        "--index-url", source.url + source.simple, WHOLE,
    )  # fmt: skip


def _with_cargo(source: Source, home: Path, target: Path) -> None:
    cargo = Cargo(home, f"sparse+{source.url}/cargo/index/")
    needed = "".join(
        f'{_crate(number)} = {{ version = "0.1", registry = "acme" }}\n' for number in range(CRATES)
    )
    cargo.ok("fetch", cwd=write_crate(target, "app", rest=f"publish = false\n[dependencies]\n{needed}"))


def _with_deno(source: Source, home: Path, target: Path) -> None:
    main = target / "main.ts"
    main.write_text("".join(f'import "jsr:{_module(number)}";\n' for number in range(MODULES)))
    Deno(home, f"{source.url}/").ok("cache", "--reload", str(main), cwd=target)


CLIENTS: Mapping[str, Fetch] = {"pip": _with_pip, "uv": _with_uv, "cargo": _with_cargo, "deno": _with_deno}


def _sources(
    stack: ExitStack,
    data: Path,
    wheels: Path,
    kinds: Sequence[str],
    table: Table,
    folder: Path,
    *,
    with_peers: bool,
) -> Iterator[tuple[str, Source]]:
    first: Source | None = None
    for kind in kinds:
        try:
            require_kind(kind)
        except Lacking as why:
            table.skipped(kind, why)
            continue
        copy = Path(shutil.copytree(data, folder / f"installs-{kind}"))
        server = LiveServer(copy, options=OPTIONS, server=kind)
        source = Source(stack.enter_context(ours(server)))
        if first is None:
            first, root = source, folder / "plain"
            _copy_answers(server, root)
        yield kind, source
    if first is None:
        return
    try:
        plain = Source(stack.enter_context(nginx(folder, root)))
        _tell_where(plain, root)
        yield "nginx", plain
    except Lacking as why:
        table.skipped("nginx", why)
    for name, peer in peers.PEERS.items() if with_peers else ():
        home = below(folder, f"{name}-installs")
        try:
            running, path = stack.enter_context(peer(home, wheels, first.running.port))
        except (Lacking, OSError, subprocess.SubprocessError) as why:
            table.skipped(name, str(why)[-200:])
            continue
        yield name, Source(running, path.replace("{}/", ""), is_whole=False)


def _filled(data: Path, wheels: Path) -> Path:
    """Publish everything; the folder in which the wheels lie as well."""
    wheels.mkdir()
    services = make_services(data, OPTIONS, SteppingClock())
    built = [a_wheel(name, "1.0", files={"data.bin": bytes(20_000)}) for name in PARTS]
    built.append(a_wheel(WHOLE, "1.0", metadata={"Requires-Dist": PARTS}))
    with mock.patch("os.fsync"), closing(services):
        services.access.add_user(USER, PASSWORD, admin=True, actor=None)
        clock = SteppingClock()
        site = JsrSite(services, clock)
        for each in built:
            site.publish(each, user=USER)
            (wheels / each.filename).write_bytes(each.content)
        crates = CargoSite(services, clock)
        for number in range(CRATES):
            crates.taken(_crate(number), user=USER)
        site.done("POST", "scopes", {"scope": "bench"}, user=USER)
        for number in range(MODULES):
            _, _, package = _module(number).partition("/")
            site.done("POST", "scopes/bench/packages", {"package": package}, user=USER)
            site.taken(_module(number), user=USER)
    return wheels


def _crate(number: int) -> str:
    return f"bench-{number:03d}"


def _module(number: int) -> str:
    return f"@bench/module-{number:02d}"


def _copy_answers(server: LiveServer, root: Path) -> None:
    """All that the clients ask for, as plain files below ``root``."""

    def copy(path: str, headers: Mapping[str, str] | None = None) -> None:
        answer = server.request(path, headers=headers or {})
        assert answer.status == 200, f"{path}: {answer.text}"
        target = root / (path[1:] + "index.html" if path.endswith("/") else path[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(answer.body)

    for name in (WHOLE, *PARTS):
        copy(f"/simple/{name}/", {"Accept": "text/html"})
        (file,) = server.request(f"/simple/{name}/", headers=JSON).json["files"]
        for path in (file["url"], f"{file['url']}.metadata"):
            copy(path)
    for number in range(CRATES):
        copy(f"/cargo/index/{index_path(_crate(number))}")
        copy(f"/api/v1/crates/{_crate(number)}/0.1.0/download")
    for number in range(MODULES):
        for path in ("meta.json", "1.0.0_meta.json", "1.0.0/mod.ts"):
            copy(f"/{_module(number)}/{path}")


def _tell_where(plain: Source, root: Path) -> None:
    """cargo's settings name the server."""
    told = {"dl": f"{plain.url}/api/v1/crates", "api": plain.url}
    (root / "cargo" / "index" / "config.json").write_text(json.dumps(told))
