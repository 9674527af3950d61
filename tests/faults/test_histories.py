"""Any history of uploads, changes, rebuilds, restarts and crashes shows what its acknowledged steps say.

The model is what clients were told (:class:`World`); the system is the real server.
"""

from __future__ import annotations

import itertools
import os
import random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults import stops
from tests.faults.crashing import OPTIONS, lose_index
from tests.faults.forked import ForkedServer
from tests.faults.setups import SETUPS, set_up
from tests.faults.world import BOSS, ECOSYSTEMS, Thing, World

EXAMPLES = int(os.environ.get("PYPICLOUD_LIKE_HISTORIES", "1"))
STEPS = 12
POINTS = (*stops.BYTES, *stops.NAMED, *stops.CHANGE, *stops.OWNER, *stops.REMOVAL)
KINDS = ("publish", "again", "overwrite", "yank", "delete")
_numbers = itertools.count()


class History(RuleBasedStateMachine):
    """One history. Its server is shared with others, its projects are its own."""

    server: ClassVar[ForkedServer]

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.world = World(self.server, random.Random(seed), f"history-{next(_numbers)}")
        self.crashes = 0
        for ecosystem in ECOSYSTEMS:
            assert self.world.publish(self.world.new(ecosystem))

    def do(self, kind: str, ecosystem: str) -> bool:
        """One change, on something that is there if it needs that; whether it was answered."""
        world = self.world
        only_python = kind in {"overwrite", "delete"}
        thing = world.existing("pypi" if only_python else ecosystem)
        if kind == "publish" or thing is None:
            return world.publish(world.new(ecosystem))
        changes = {
            "again": world.publish,
            "overwrite": world.overwrite,
            "yank": world.yank,
            "delete": world.delete,
        }
        return changes[kind](thing)

    @rule(kind=st.sampled_from(KINDS), ecosystem=st.sampled_from(ECOSYSTEMS))
    def change(self, kind: str, ecosystem: str) -> None:
        assert self.do(kind, ecosystem)

    @rule(ecosystem=st.sampled_from(("cargo", "jsr")))
    def send_other_bytes(self, ecosystem: str) -> None:
        thing = self.world.existing(ecosystem)
        if thing is not None:
            assert self.world.other_bytes_are_refused(thing)

    @precondition(lambda self: any(states == {None} for states in self.world.states.values()))
    @rule()
    def bring_back(self) -> None:
        gone = [thing for thing, states in self.world.states.items() if states == {None}]
        assert self.world.publish(self.world.chance.choice(gone))

    @rule()
    def rebuild(self) -> None:
        report = self.server.request("/admin/rebuild", auth=BOSS)
        assert report.status == 200, report.text
        assert report.json["problems"] == []

    @rule()
    def restart(self) -> None:
        self.server.stop()
        self.server.start()

    @rule()
    def lose_the_index(self) -> None:
        self.server.stop()
        lose_index(self.server)
        self.server.start()

    @rule(
        point=st.sampled_from(POINTS),
        kind=st.sampled_from(KINDS),
        ecosystem=st.sampled_from(ECOSYSTEMS),
    )
    def crash(self, point: str, kind: str, ecosystem: str) -> None:
        self.server.end_at(point)
        if self.do(kind, ecosystem):
            self.server.kill()
        else:
            self.server.wait()
        self.server.go_on()
        self.server.start()
        self.world.verify(f"after a crash at {point} while {kind} of {ecosystem}")
        for thing in sorted(self.world.unborn):
            assert self.world.publish(thing)

    @invariant()
    def what_shows_is_what_may(self) -> None:
        self.world.verify("in between")

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.verify("at the end", every=True)


@pytest.mark.promise(1, 3, 11, 16, 25, 27, 68, 71)
@pytest.mark.parametrize("name", [SETUPS[0], SETUPS[3]])
def test_histories(tmp_path, request, name):
    with set_up(name, request) as options:
        server = ForkedServer(tmp_path / "data", options=OPTIONS | {"pypi.fallback": "none"} | options)
        server.start()
        try:
            server.add_user(*BOSS, admin=True)
            machine: type[History] = type("Here", (History,), {"server": server})
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
            told = server.run("check", "--verify")
            assert " 0 findings" in told, told
        finally:
            server.stop()


def test_a_thing_that_lies_is_noticed(tmp_path):
    """The model itself: a version that shows though nobody published it, and one with other bytes."""
    with ForkedServer(tmp_path / "data", options=OPTIONS | {"pypi.fallback": "none"}) as server:
        server.add_user(*BOSS, admin=True)
        world = World(server, random.Random(1))
        thing = world.new("pypi")
        assert world.publish(thing)
        stranger = World(server, random.Random(1))
        assert stranger.publish(Thing("pypi", thing.name, "77.0"))
        with pytest.raises(AssertionError, match="nobody published"):
            world.verify("here", every=True)
        assert stranger.delete(Thing("pypi", thing.name, "77.0"))
        world.verify("here", every=True)
        stranger.states[thing] = world.states[thing]
        assert stranger.overwrite(thing)
        with pytest.raises(AssertionError, match="shows as"):
            world.verify("here", every=True)
