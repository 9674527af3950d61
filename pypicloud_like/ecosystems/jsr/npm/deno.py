"""``deno pack``, which makes programs and declarations of TypeScript, as a child process within bounds.

deno comes from its package on PyPI, an optional extra of this one. It parses sources and runs none of them;
still it gets nothing but them: a folder, home and caches of its own, no variables of ours, no way to any
network, and limits of time, memory and size of files. What it says stays in the log: its excerpts may be of
anything.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from pypicloud_like.ecosystems.jsr.npm.prepare import Prepared
from pypicloud_like.registry.archives.tar_records import GzipStream, Kind, OddMember, read_entries

log = logging.getLogger(__name__)

PREFIX = "npm-"
"""What the names of working folders begin with."""
_STALE = 24 * 3600
_NOWHERE = "http://127.0.0.1:9/"
"""The discard port, where nobody listens."""
_TOP = "package"
_SAID = 2000


@dataclass(frozen=True, slots=True)
class Deno:
    """Where it is, and its bounds: seconds, bytes of memory, bytes that it may write. ``folder`` is where
    it works; None for the system's.
    """

    program: str
    seconds: int
    memory: int
    largest: int
    folder: Path | None = None

    def transpile(self, prepared: Prepared) -> Mapping[str, bytes]:
        """The programs and declarations that it makes, by their paths in the package.

        :raises Inconvertible: it makes none of these sources, or takes too much for it
        """
        with _working_folder(self.folder) as work:
            _write(work / _TOP, prepared)
            self._run(work)
            return self._read(work / "out.tgz")

    def _run(self, work: Path) -> None:
        command = [
            self.program, "pack", "--quiet", "--allow-dirty", "--no-source-maps",
            "--config", str(work / _TOP / "deno.json"), "--output", str(work / "out.tgz"),
        ]  # fmt: skip
        with (work / "said.txt").open("w+b") as said:
            process = subprocess.Popen(  # noqa: S603 - no shell, and no argument is anybody else's
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=work / _TOP,
                env=_environ(work),
                start_new_session=True,
            )
            try:
                self._limit(process.pid)
                code = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                raise Inconvertible(f"converting it takes longer than {self.seconds} seconds") from None
            finally:
                _end(process)
            if code:
                said.seek(0)
                raise Inconvertible(
                    "its sources cannot be converted", detail=said.read(_SAID).decode("utf-8", "replace")
                )

    def _limit(self, process: int) -> None:
        """Bounds that the system keeps, where it can (Linux); elsewhere there is the time alone."""
        try:
            import resource  # noqa: PLC0415 - there is none on Windows

            prlimit = resource.prlimit
        except (ImportError, AttributeError):
            return
        with suppress(OSError):  # it has ended already
            prlimit(process, resource.RLIMIT_DATA, (self.memory, self.memory))
            prlimit(process, resource.RLIMIT_CPU, (self.seconds, self.seconds))
            prlimit(process, resource.RLIMIT_FSIZE, (self.largest, self.largest))
            prlimit(process, resource.RLIMIT_CORE, (0, 0))
            os.setpriority(os.PRIO_PROCESS, process, 10)

    def _read(self, tarball: Path) -> Mapping[str, bytes]:
        made: dict[str, bytes] = {}
        left = self.largest
        try:
            with tarball.open("rb") as source:
                stream = GzipStream(source, tarball.stat().st_size)
                for entry in read_entries(stream, lambda _name: True, largest=self.largest):
                    left -= entry.size
                    if left < 0:
                        raise Inconvertible(f"what is made of it has more than {self.largest} bytes")
                    if entry.kind is Kind.FILE:
                        name = entry.raw_name.decode("utf-8", "replace")
                        made[name.removeprefix(_TOP)] = entry.data or b""
        except (OSError, OddMember, InvalidUpload) as error:
            raise Inconvertible("its sources cannot be converted", detail=str(error)) from error
        return made


def find() -> str | None:
    """The program of the package ``deno``, if that is installed."""
    try:
        found: str = importlib.import_module("deno").find_deno_bin()
    except (ImportError, AttributeError, OSError):
        return None
    return found if os.access(found, os.X_OK) else None


@contextmanager
def _working_folder(parent: Path | None) -> Iterator[Path]:
    """A folder that nobody else sees, and that is gone afterwards."""
    _sweep(parent or Path(tempfile.gettempdir()))
    work = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
    try:
        for name in (_TOP, "home", "deno", "tmp"):
            (work / name).mkdir()
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what a process that was killed has left of ours."""
    for left in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            mine = left.is_dir() and left.stat().st_uid == os.getuid()
            if mine and left.stat().st_mtime < time.time() - _STALE:
                shutil.rmtree(left, ignore_errors=True)


def _write(folder: Path, prepared: Prepared) -> None:
    for path, body in prepared.sources.items():
        target = folder / path.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    config = {
        "name": prepared.name,
        "version": prepared.version,
        "exports": dict(prepared.exports),
        "compilerOptions": dict(prepared.options),
    }
    (folder / "deno.json").write_text(json.dumps(config))


def _environ(work: Path) -> Mapping[str, str]:
    """All that it knows. Whatever it might want to fetch is asked for where nobody answers."""
    return {
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
        "DENO_DIR": str(work / "deno"),
        "DENO_NO_UPDATE_CHECK": "1",
        "DENO_NO_PROMPT": "1",
        "DENO_NO_PACKAGE_JSON": "1",
        "NO_COLOR": "1",
        "JSR_URL": _NOWHERE,
        "NPM_CONFIG_REGISTRY": _NOWHERE,
        **{f"{scheme}_PROXY": _NOWHERE for scheme in ("HTTP", "HTTPS", "ALL")},
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it has begun."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
