"""``python -m tests.faults.endurance [--minutes 15]``: mixed load on one server, and what it keeps for itself.

The size of the data stays the same: what is published is deleted again. Every few seconds memory, descriptors,
threads and connections of the server are noted; at the end the last third is compared with the second, after a
first one in which everything warms up. It ends with 1 if anything grew or anybody got a wrong answer.
"""

from __future__ import annotations

import argparse
import http.client
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import builders
from tests.faults.world import BOSS, GONE, JSON, Thing, World
from tests.support.server import LiveServer
from tests.support.uploads import post_file
from tests.support.upstream import Upstream

OPTIONS = {
    "pypi.default_read": "everyone",
    "pypi.cache_update": "everyone",
    "pypi.fallback": "cache",
    "auth.hash_rounds": "1",
    "auth.failures": "1000000",
    "pypi.allow_overwrite_groups": "admin",
}
PROJECTS = 30
FILES = 6
GROWTH = 1.05
"""More than this is growth."""
SLACK = {"memory": 2 * 2**20, "descriptors": 3, "threads": 1}
"""And less than this is none, however small the numbers are."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process has at one moment."""

    memory: int
    """Resident bytes that it shares with nobody, and those it has of files."""
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Sample:
        """Of a process that runs."""
        status = Path(f"/proc/{pid}/status").read_text()
        told = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return cls(
            memory=int(told["RssAnon"].split()[0]) * 1024,
            descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
            threads=int(told["Threads"]),
        )


@dataclass
class Load:
    """Clients that ask for this and that, in a few threads, until told to stop."""

    server: LiveServer
    upstream: Upstream
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def fill(self) -> None:
        """What is read: projects of all three ecosystems, and some of an upstream."""
        for number in range(PROJECTS):
            for version in range(FILES):
                built = builders.a_wheel(f"fixed-{number}", f"{version}.0")
                assert post_file(self.server, *BOSS, built.filename, built.content).status == 200
            far = f"far-{number}"
            self.upstream.add(far, builders.a_wheel(far, "1.0", files={"x.bin": bytes(20_000)}))
        world = World(self.server, random.Random(1))
        for number in range(PROJECTS):
            assert world.publish(Thing("cargo", f"fixed-{number}", "1.0.0"))
            assert world.publish(Thing("jsr", f"@acme/fixed-{number}", "1.0.0"))

    def run(self, lane: int) -> None:
        """One thread's share: reads, writes and nonsense."""
        chance = random.Random(lane)
        reads: Sequence[Callable[[int], str]] = [
            lambda n: f"/simple/fixed-{n}/",
            lambda n: f"/pypi/fixed-{n}/json",
            lambda n: f"/api/package/fixed-{n}/{builders.a_wheel(f'fixed-{n}', '1.0').filename}",
            lambda n: f"/cargo/index/fi/xe/fixed-{n}",
            lambda n: f"/api/v1/crates/fixed-{n}/1.0.0/download",
            lambda n: f"/@acme/fixed-{n}/meta.json",
            lambda n: f"/@acme/fixed-{n}/1.0.0/mod.ts",
            lambda n: f"/simple/far-{n}/",
            lambda n: f"/api/package/far-{n}/{builders.a_wheel(f'far-{n}', '1.0').filename}",
            lambda n: f"/project/fixed-{n}/",
            lambda n: f"/search?q=fixed-{n}",
            lambda n: "/simple/",
            lambda n: "/health",
            lambda n: f"/simple/nothing-{n}/",
            lambda n: f"/api/v1/crates?q=fixed&page={n % 3 + 1}",
        ]
        while not self.stop.is_set():
            kind = chance.random()
            number = chance.randrange(PROJECTS)
            if kind < 0.85:
                self._read(chance.choice(reads)(number), chance)
            elif kind < 0.93:
                self._publish_and_delete(f"moving-{lane}", chance)
            elif kind < 0.96:
                self._note(
                    lambda: post_file(self.server, *BOSS, "bad-1.0.tar.gz", chance.randbytes(5000)).status
                )
            elif kind < 0.98:
                self._note(
                    lambda: self.server.request("/simple/", auth=("eve", "wrong"), headers=JSON).status
                )
            else:
                self._break_off(chance)

    def _read(self, path: str, chance: random.Random) -> None:
        headers: Mapping[str, str] = chance.choice([{}, JSON, {"Accept": "text/html"}])
        auth = chance.choice([None, BOSS, BOSS])
        self._note(lambda: self.server.request(path, auth=auth, headers=headers).status)

    def _publish_and_delete(self, name: str, chance: random.Random) -> None:
        built = builders.a_wheel(name, f"{chance.randrange(5)}.0", files={"x.bin": bytes(30_000)})
        self._note(lambda: post_file(self.server, *BOSS, built.filename, built.content).status)
        path = f"/api/package/{name}/{built.filename}"
        self._note(lambda: self.server.request(path, auth=BOSS).status)
        self._note(lambda: self.server.request(path, method="DELETE", auth=BOSS).status)

    def _break_off(self, chance: random.Random) -> None:
        """A client that goes away in the middle of its upload."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.putrequest("POST", "/simple/")
            connection.putheader("Content-Type", "multipart/form-data; boundary=x")
            connection.putheader("Content-Length", "100000")
            connection.endheaders(chance.randbytes(1000))
        except GONE:
            pass
        finally:
            connection.close()

    def _note(self, ask: Callable[[], int]) -> None:
        try:
            status = ask()
        except GONE as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            return
        self.statuses[status] += 1
        if status >= 500:
            self.faults.append(f"status {status}")


def endure(folder: Path, seconds: float, *, lanes: int = 4, options: Mapping[str, str] = OPTIONS) -> Outcome:
    """Load a server for so long, and watch it."""
    with Upstream() as upstream:
        given = {**options, "pypi.fallback_base_url": upstream.url}
        with LiveServer(folder / "data", options=given) as server:
            server.add_user(*BOSS, admin=True)
            load = Load(server, upstream)
            load.fill()
            threads = [threading.Thread(target=load.run, args=(lane,)) for lane in range(lanes)]
            for thread in threads:
                thread.start()
            samples = []
            assert server.process is not None
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(min(2.0, seconds / 60))
                samples.append(Sample.of(server.process.pid))
                upstream.requests.clear()
            load.stop.set()
            for thread in threads:
                thread.join()
            found = server.run("check", "--verify")
        return Outcome(samples, load.statuses, load.faults, " 0 findings" in found)


@dataclass(frozen=True)
class Outcome:
    """What was seen."""

    samples: Sequence[Sample]
    statuses: Counter[int]
    faults: Sequence[str]
    is_sound: bool

    def thirds(self, name: str) -> list[float]:
        """The median of a number in each third of the time."""
        values = [getattr(sample, name) for sample in self.samples]
        size = max(1, len(values) // 3)
        return [statistics.median(values[start : start + size]) for start in (0, size, len(values) - size)]

    def grown(self) -> list[str]:
        """Which numbers are larger in the last third than in the one before."""
        return [
            name
            for name, slack in SLACK.items()
            for _, before, after in [self.thirds(name)]
            if after > before * GROWTH and after - before > slack
        ]


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--lanes", type=int, default=4)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        outcome = endure(Path(folder), args.minutes * 60, lanes=args.lanes)
    write = sys.stdout.write
    write(f"{outcome.statuses.total()} requests: {dict(sorted(outcome.statuses.items()))}\n")
    for name in SLACK:
        first, second, last = outcome.thirds(name)
        write(f"{name:12} {first:>14,.0f} {second:>14,.0f} {last:>14,.0f}\n")
    write(
        f"grown: {outcome.grown() or 'nothing'}; the check {'is' if outcome.is_sound else 'is NOT'} clean\n"
    )
    for fault, count in Counter(outcome.faults).most_common(10):
        write(f"{count:6} {fault}\n")
    return 1 if outcome.grown() or outcome.faults or not outcome.is_sound else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
