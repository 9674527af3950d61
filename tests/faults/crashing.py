"""One crash after another: something happens, the server ends at a point of it, starts again, and is looked at."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests import builders
from tests.faults import stops
from tests.faults.forked import ForkedServer
from tests.faults.world import BOSS, ECOSYSTEMS, GONE, World
from tests.support.server import NotStarted
from tests.support.upstream import Upstream

Step = Callable[[], bool]
"""Does something and says whether it was answered."""
_PATIENCE = 40
FAR = "far"

PLANS: Mapping[str, tuple[str, ...]] = {
    "publish": (*stops.BYTES, *stops.CHANGE, *stops.OWNER),
    "overwrite": (*stops.BYTES, *stops.CHANGE, *stops.REMOVAL),
    "yank": stops.CHANGE,
    "delete": (*stops.CHANGE, *stops.REMOVAL),
    "fetch": stops.FETCH,
    "rebuild": stops.REBUILD,
}
"""What may be under way, and at which points it may end."""
OPTIONS = {
    "pypi.default_read": "authenticated",
    "pypi.allow_overwrite_groups": "admin",
    "pypi.fallback": "cache",
    "pypi.cache_update": "authenticated",
    "auth.hash_rounds": "1",
}


@dataclass
class Crashes:
    """A server that is ended again and again, and what came of it."""

    server: ForkedServer
    world: World
    upstream: Upstream
    fetched: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    """Points that were not reached, and so how often nothing was proved."""

    @classmethod
    def of(cls, data: Path, options: Mapping[str, str], upstream: Upstream, seed: str) -> Crashes:
        """Start a server with an administrator and a few packages."""
        given = OPTIONS | {"pypi.fallback_base_url": upstream.url} | dict(options)
        server = ForkedServer(data, options=given)
        server.start()
        server.add_user(*BOSS, admin=True)
        crashes = cls(server, World(server, random.Random(seed)), upstream)
        for ecosystem in ECOSYSTEMS * 5:
            assert crashes.world.publish(crashes.world.new(ecosystem))
        return crashes

    def cycle(self, plan: str, point: str) -> None:
        """Crash once, start again, look, and send again what was not answered."""
        where = f"{plan} ended at {point}, crash {self.counts.total()}"
        if plan == "rebuild":
            self._lose_index(point)
        else:
            self._until_it_ends(point, self._steps(plan))
        self.counts[f"{plan} {point}"] += 1
        self.server.start()
        self.world.verify(where)
        for thing in sorted(self.world.unborn):
            assert self.world.publish(thing), f"{where}: sending {thing} again failed"
        self._fetch_all(where)

    def choose(self) -> tuple[str, str]:
        """A plan and a point of it, by chance."""
        plan = self.world.chance.choice([*PLANS])
        return plan, self.world.chance.choice(self.points(plan))

    def points(self, plan: str) -> list[str]:
        """The points of a plan in this set-up."""
        found = [*PLANS[plan]]
        if "pypi.storage" not in self.server.options and plan not in {"fetch", "rebuild"}:
            found += ["record.named", *(["bytes.named"] if "bytes.before" in found else [])]
        return found

    def finish(self) -> None:
        """Look at everything, and have the server's own check find nothing."""
        self.world.verify("at the end", every=True)
        told = self.server.run("check", "--verify")
        assert " 0 findings" in told, told

    def _until_it_ends(self, point: str, step: Step) -> None:
        """Repeat what leads to the point until nobody answers any more."""
        times = 1 if point.startswith(("owner", "removal")) else self.world.chance.choice((1, 1, 2))
        self.server.end_at(point, times)
        if all(step() for _ in range(_PATIENCE)):
            self.missed[point] += 1
            self.server.kill()
        else:
            assert self.server.wait() == -signal.SIGKILL, self.server.log[-3000:]
        self.server.go_on()

    def _steps(self, plan: str) -> Step:
        world = self.world

        def publish() -> bool:
            return world.publish(world.new(world.chance.choice(ECOSYSTEMS)))

        def overwrite() -> bool:
            thing = world.existing("pypi")
            return world.overwrite(thing) if thing else world.publish(world.new("pypi"))

        def yank() -> bool:
            thing = world.existing(*ECOSYSTEMS)
            return world.yank(thing) if thing else publish()

        def delete() -> bool:
            thing = world.existing("pypi")
            return world.delete(thing) if thing else world.publish(world.new("pypi"))

        return {
            "publish": publish, "overwrite": overwrite, "yank": yank, "delete": delete, "fetch": self._fetch,
        }[plan]  # fmt: skip

    def _fetch(self) -> bool:
        name = f"{FAR}-{len(self.upstream.projects)}"
        self.upstream.add(name, builders.a_wheel(name, "1.0", description="x" * 5000))
        self.fetched.add(name)
        try:
            self._ask_for(name)
        except GONE:
            return False
        return True

    def _fetch_all(self, where: str) -> None:
        for name in sorted(self.fetched):
            (built,) = self.upstream.projects[name].values()
            assert self._ask_for(name) == built.content, f"{where}: {name} has other bytes"
        self.fetched.clear()

    def _ask_for(self, name: str) -> bytes:
        (built,) = self.upstream.projects[name].values()
        answer = self.server.request(f"/api/package/{name}/{built.filename}", auth=BOSS)
        assert answer.status == 200, f"{name}: {answer.status} {answer.text}"
        return answer.body

    def _lose_index(self, point: str) -> None:
        """The index is gone; the server rebuilds it at its start and is ended at that, at times twice."""
        self.server.stop()
        lose_index(self.server)
        for _ in range(self.world.chance.choice((1, 2))):
            self.server.end_at(point, 1 if point == "rebuild.raised" else self.world.chance.choice((1, 2, 3)))
            try:
                self.server.start()
            except NotStarted:
                self.server.go_on()
                continue
            self.missed[point] += 1
            self.server.stop()
            self.server.go_on()


def lose_index(server: ForkedServer) -> None:
    """Remove the index of a server that is stopped, whatever database it is in."""
    url = server.options.get("db.url")
    if url is None:
        for path in server.data.glob("index.sqlite*"):
            path.unlink()
        return
    assert url != server.options.get("state.url"), "the state is not to be lost"
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    metadata.drop_all(engine)
    engine.dispose()
