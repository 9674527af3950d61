"""Other indexes in the same run, each set up as its own project advises, in an environment of its own.

They are installed below ``.cache/peers`` when first asked for; what cannot be installed or does not start is
skipped, and the table says why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bench import corpus
from bench.contest import Rules, Seen, Table, Target, compare
from bench.load import Silent
from bench.pages import HTML, JSON, OPTIONS
from bench.servers import Lacking, Running, below, ours, process, require_kind
from tests.builders import a_wheel
from tests.support.server import DIRECT, LiveServer, free_port

CACHE = Path(__file__).parents[1] / ".cache" / "peers"
REQUIRED: Mapping[str, Sequence[str]] = {
    "proxpi": ("proxpi", "gunicorn"),
    "pypiserver": ("pypiserver[passlib,cache]", "gunicorn", "gevent"),
    "devpi": ("devpi-server", "devpi-client"),
    "pypicloud": ("setuptools<58", "wheel", "sqlalchemy<2", "pypicloud", "uwsgi"),
}
NEEDS_PYTHON = {"pypicloud": "python3.10"}
"""Newer ones cannot run it."""
LEAST = {
    "waitress": {"proxpi": 2.5, "pypicloud": 4, "devpi": 8, "pypiserver": 50},
    "granian": {"proxpi": 10, "pypicloud": 15},
}
OF_LARGE = {"HTML": 20.0, "JSON": 6.0}
"""At least so many times the requests of each, for 10 files; of the best one, for 2,000."""

_BEYOND = 1_000_000
"""More than any serial of what indexes are filled with first."""
_FOR_LARGE = 4.0
"""Seconds: some need more than one for the first answer on each connection."""

Peer = Callable[[Path, Path, int], AbstractContextManager[tuple[Running, str]]]
"""Given a folder, wheels, and the port of an index: a server, and the path of its pages with ``{}``."""


def measure(
    filled: corpus.Corpus, kinds: Sequence[str], projects: int, rules: Rules, table: Table, folder: Path
) -> None:
    """The pages of 10 and of 2,000 files among ``projects`` others of 10 files each, ours on each WSGI server
    and all the others in turns.
    """
    wheels = below(folder, "wheels")
    for name, count in (("small", corpus.SMALL), ("large", corpus.LARGE)):
        for number in range(count):
            built = a_wheel(name, f"1.{number}")
            (wheels / built.filename).write_bytes(built.content)
    corpus.many_wheels(wheels, projects, corpus.SMALL)
    title = f"Against other indexes, among {projects:,} other projects of {corpus.SMALL} files"
    table.heading(title, "req/s", "CPU ms", "ours by req/s", "by CPU")
    with ExitStack() as stack:
        mine: dict[str, tuple[Running, str]] = {}
        port = 0
        for kind in kinds:
            try:
                require_kind(kind)
            except Lacking as why:
                table.skipped(kind, why)
                continue
            server = LiveServer(_among(filled, projects, folder / kind), options=OPTIONS, server=kind)
            server.run("rebuild", timeout=1800)
            running = stack.enter_context(ours(server))
            mine[kind], port = (running, "/simple/{}/"), running.port
        others = {}
        for name, peer in PEERS.items():
            try:
                others[name] = stack.enter_context(peer(below(folder, name), wheels, port))
            except (Lacking, OSError, subprocess.SubprocessError) as why:
                table.skipped(name, str(why)[-200:])
        longer = replace(rules, seconds=max(rules.seconds, _FOR_LARGE))
        for project, label, each in (
            ("small", f"{corpus.SMALL} files", rules),
            ("large", f"{corpus.LARGE:,} files", longer),
        ):
            for form, headers in (("HTML", HTML), ("JSON", JSON)):
                try:
                    _page(mine, others, project, headers, each, table, f"{label}, {form}")
                except Silent as why:
                    table.skipped(f"{label}, {form}", why)


def _among(filled: corpus.Corpus, projects: int, folder: Path) -> Path:
    """A copy of what is filled, with so many other projects beside it in storage."""
    data = Path(shutil.copytree(filled.data, folder / "data"))
    corpus.many_projects(data, projects, corpus.SMALL, after=_BEYOND)
    return data


def _page(
    mine: Mapping[str, tuple[Running, str]],
    others: Mapping[str, tuple[Running, str]],
    project: str,
    headers: Mapping[str, str],
    rules: Rules,
    table: Table,
    label: str,
) -> None:
    everybody = {**mine, **{name: each for name, each in others.items() if _has(each, project, headers)}}
    targets = [Target(running, path.format(project), headers, 16) for running, path in everybody.values()]
    seen = dict(zip(everybody, compare(targets, rules), strict=True))
    for kind in mine:
        _row(table, f"{label}, ours on {kind}", seen[kind], None, None)
    rivals = {name: each for name, each in seen.items() if name in others}
    for kind in mine:
        best = max((each.rate for each in rivals.values()), default=0.0)
        for name, each in rivals.items():
            least = LEAST[kind].get(name) if project == "small" else None
            if project == "large" and each.rate == best:
                least = OF_LARGE[label.rpartition(" ")[2]]
            _row(table, f"  {name}, against {kind}", each, seen[kind], least)


def _row(table: Table, label: str, seen: Seen, mine: Seen | None, least: float | None) -> None:
    values = [f"{seen.rate:,.0f}", f"{seen.cpu:.3f}"]
    goal = ""
    if mine is not None:
        ratio = mine.rate / seen.rate
        values += [f"{ratio:.1f}", f"{seen.cpu / mine.cpu:.1f}"]
        if least is not None:
            goal = f">= {least:g}" + ("" if ratio >= least else "  missed")
            if ratio < least:
                table.missed.append(label.strip())
    table.told(label, *values, goal=goal)


def _has(peer: tuple[Running, str], project: str, headers: Mapping[str, str]) -> bool:
    """Whether a peer shows the project in the form that is asked for."""
    running, path = peer
    url = f"http://127.0.0.1:{running.port}{path.format(project)}"
    from urllib.request import Request  # noqa: PLC0415

    try:
        with DIRECT.open(Request(url, headers=dict(headers)), timeout=120) as answer:
            body = answer.read()
            kind = answer.headers.get("Content-Type", "")
    except OSError:
        return False
    return f"{project}-1.0".encode() in body and ("json" in kind) == ("json" in headers["Accept"])


@contextmanager
def proxpi(folder: Path, _wheels: Path, port: int) -> Iterator[tuple[Running, str]]:
    """A cache in front of our index; as its container image: one worker, two threads."""
    programs, listen = _installed("proxpi"), free_port()
    words = [
        programs / "gunicorn",
        "-w",
        "1",
        "--threads",
        "2",
        "-b",
        f"127.0.0.1:{listen}",
        "proxpi.server:app",
    ]
    more = _environ(folder, PROXPI_INDEX_URL=f"http://127.0.0.1:{port}/simple/")
    with process("proxpi", [*map(str, words)], listen, folder, env=more) as running:
        yield running, "/index/{}/"


@contextmanager
def pypiserver(folder: Path, wheels: Path, _port: int) -> Iterator[tuple[Running, str]]:
    """Over a folder of wheels; as its container image: gunicorn, one gevent worker, preloaded."""
    programs, listen = _installed("pypiserver"), free_port()
    app = f"pypiserver:app(roots=['{wheels}'], disable_fallback=True)"
    words = [programs / "gunicorn", "-w", "1", "-k", "gevent", "--preload", "-b", f"127.0.0.1:{listen}", app]
    with process("pypiserver", [*map(str, words)], listen, folder, env=_environ(folder)) as running:
        yield running, "/simple/{}/"


@contextmanager
def devpi(folder: Path, wheels: Path, _port: int) -> Iterator[tuple[Running, str]]:
    """devpi-server alone, on its own waitress. Without most of the files, because its uploads are slow: fewer
    files can only be of use to it.
    """
    programs, listen = _installed("devpi"), free_port()
    where = ["--serverdir", str(folder / "server")]
    env = _environ(folder, DEVPI_CLIENTDIR=str(folder / "client"))
    subprocess.run(
        [programs / "devpi-init", *where, "--no-root-pypi"],
        check=True,
        capture_output=True,
        timeout=120,
        env=env,
    )
    words = [str(programs / "devpi-server"), *where, "--host", "127.0.0.1", "--port", str(listen)]
    with process("devpi", words, listen, folder, path="/+api", env=env) as running:
        some = below(folder, "some")
        for wheel in wheels.iterdir():
            if not wheel.name.startswith(("large-", "project_")):
                shutil.copy(wheel, some)
        for command in (
            ["use", f"http://127.0.0.1:{listen}"],
            ["login", "root", "--password="],
            ["index", "-c", "root/bench", "bases="],
            ["use", "root/bench"],
            ["upload", "--from-dir", str(some)],
        ):
            subprocess.run(
                [programs / "devpi", *command], check=True, capture_output=True, timeout=300, env=env
            )
        yield running, "/root/bench/+simple/{}/"


@contextmanager
def pypicloud(folder: Path, wheels: Path, _port: int) -> Iterator[tuple[Running, str]]:
    """Its production template: uWSGI, 20 processes; file storage, SQLite cache, no fallback. Connections are
    kept, which the template does not, so that their closing is not counted as an error.
    """
    programs, listen = _installed("pypicloud"), free_port()
    packages = folder / "packages"
    for wheel in wheels.iterdir():
        name, version = wheel.name.split("-")[:2]
        target = packages / name / version
        target.mkdir(parents=True)
        shutil.copy(wheel, target)
    (folder / "server.ini").write_text(
        "[app:main]\nuse = egg:pypicloud\npypi.fallback = none\npypi.default_read = everyone\n"
        f"pypi.storage = file\nstorage.dir = {packages}\ndb.url = sqlite:///{folder}/db.sqlite\n"
        "auth.admins =\nsession.encrypt_key = 0123456789abcdef0123456789abcdef\n"
        "session.validate_key = 0123456789abcdef0123456789abcdef\n"
        f"[uwsgi]\npaste = config:%p\nmaster = true\nprocesses = 20\nreload-mercy = 15\n"
        f"worker-reload-mercy = 15\nmax-requests = 1000\nenable-threads = true\nhttp = 127.0.0.1:{listen}\n"
        "http-keepalive = 1\n"
    )
    words = [str(programs / "uwsgi"), "--die-on-term", "--virtualenv", str(programs.parent)]
    words += ["--ini-paste-logged", str(folder / "server.ini")]
    with process("pypicloud", words, listen, folder, path="/simple/", env=_environ(folder)) as running:
        yield running, "/simple/{}/"


PEERS: Mapping[str, Peer] = {
    "proxpi": proxpi,
    "pypicloud": pypicloud,
    "devpi": devpi,
    "pypiserver": pypiserver,
}


def _installed(name: str) -> Path:
    """The folder of a peer's programs.

    :raises Lacking: it cannot be installed here
    """
    home = CACHE / name
    if not (home / "complete").exists():
        python = shutil.which(NEEDS_PYTHON[name]) if name in NEEDS_PYTHON else sys.executable
        if python is None:
            raise Lacking(f"needs {NEEDS_PYTHON[name]}")
        shutil.rmtree(home, ignore_errors=True)
        try:
            subprocess.run([python, "-m", "venv", home], check=True, capture_output=True, timeout=120)
            for words in ([REQUIRED[name][0]], REQUIRED[name]):  # build tools first, where they come first
                subprocess.run(
                    [home / "bin" / "pip", "install", "-q", *words],
                    check=True,
                    capture_output=True,
                    timeout=600,
                )
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", b"") or b""
            raise Lacking(f"cannot be installed: {said.decode()[-150:] or error}") from error
        (home / "complete").touch()
    return home / "bin"


def _environ(folder: Path, **more: str) -> dict[str, str]:
    """The environment without this machine's user."""
    return {**os.environ, "HOME": str(folder), **more}
