"""People who publish, yank, delete, install and count on several servers at once, and know what they must see."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests import builders
from tests.support.server import Answer, LiveServer
from tests.support.uploads import post_file

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


@dataclass
class Mixed:
    """Load on servers that share everything. Each thread has projects of its own, so it knows what each page
    must show; it writes through one server and reads through all.
    """

    servers: Sequence[LiveServer]
    login: tuple[str, str]
    token: str
    counts: Counter[str] = field(default_factory=Counter)
    downloads: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seconds: float, *, threads: int = 4) -> None:
        """Load for so long; what was wrong is in ``failures``."""
        end = time.monotonic() + seconds
        workers = [threading.Thread(target=self._work, args=(number, end)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self, number: int, end: float) -> None:
        choose = random.Random(number)
        try:
            for turn in itertools.count():
                if time.monotonic() >= end or self.failures:
                    return
                _Story(self, f"story-{number}-{turn}", choose).tell(end)
        except Exception as error:  # noqa: BLE001 - told at the end, whatever it is
            self.fail(f"thread {number}: {type(error).__name__}: {error}")

    def fail(self, what: str) -> None:
        """Something was wrong."""
        with self.lock:
            self.failures.append(what)

    def count(self, what: str) -> None:
        """Something was done."""
        with self.lock:
            self.counts[what] += 1


class _Story:
    """The life of one project."""

    def __init__(self, load: Mixed, project: str, choose: random.Random) -> None:
        self.load = load
        self.project = project
        self.choose = choose
        self.there: dict[str, builders.Built] = {}
        self.yanked: set[str] = set()
        self.next = 0

    def tell(self, end: float) -> None:
        for _ in range(25):
            if time.monotonic() >= end or self.load.failures:
                return
            acts: list[Callable[[], None]] = [self.publish, self.publish]
            if self.there:
                acts += [self.yank, self.install, self.install]
            if len(self.there) > 2:
                acts += [self.delete]
            self.choose.choice(acts)()
            self.look()

    def publish(self) -> None:
        version = f"1.{self.next}"
        self.next += 1
        built = builders.a_wheel(self.project, version)
        answer = post_file(self.somewhere(), "__token__", self.load.token, built.filename, built.content)
        self.must(answer, 200, f"publish {built.filename}")
        self.there[version] = built
        self.load.count("uploads")

    def yank(self) -> None:
        version = self.choose.choice(sorted(self.there))
        act = "unyank" if version in self.yanked else "yank"
        path = f"/api/package/{self.project}/{version}/{act}"
        headers = {"Content-Type": "application/json"}
        answer = self.somewhere().request(
            path, method="POST", auth=self.load.login, headers=headers, body=b"{}"
        )
        self.must(answer, 200, path)
        self.yanked ^= {version}
        self.load.count("yanks")

    def delete(self) -> None:
        version = self.choose.choice(sorted(self.there))
        built = self.there.pop(version)
        self.yanked.discard(version)
        path = f"/api/package/{self.project}/{built.filename}"
        self.must(
            self.somewhere().request(path, method="DELETE", auth=self.load.login), 200, f"DELETE {path}"
        )
        for server in self.load.servers:
            self.must(server.request(path, auth=self.load.login), 404, f"GET {path}, deleted")
        self.load.count("deletes")

    def install(self) -> None:
        version = self.choose.choice(sorted(self.there))
        built = self.there[version]
        path = f"/api/package/{self.project}/{built.filename}"
        answer = self.somewhere().request(path, auth=self.load.login)
        self.must(answer, 200, path)
        if answer.body != built.content:
            self.load.fail(f"{path}: other bytes")
        self.load.count("downloads")
        with self.load.lock:
            self.load.downloads[self.project, version] += 1

    def look(self) -> None:
        """Every server shows what was done, at once."""
        for server in self.load.servers:
            answer = server.request(f"/simple/{self.project}/", auth=self.load.login, headers=JSON)
            if not self.there:
                continue
            self.must(answer, 200, self.project)
            shown = {
                file["filename"]: bool(file.get("yanked", False) is not False)
                for file in answer.json["files"]
            }
            wanted = {built.filename: version in self.yanked for version, built in self.there.items()}
            if shown != wanted:
                self.load.fail(f"{server.url} shows {shown}, wanted {wanted}")
            self.load.count("reads")

    def somewhere(self) -> LiveServer:
        return self.choose.choice(self.load.servers)

    def must(self, answer: Answer, status: int, what: str) -> None:
        if answer.status != status:
            self.load.fail(f"{what}: {answer.status} instead of {status}: {answer.body[:300]!r}")
