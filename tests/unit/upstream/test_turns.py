"""Turns at asking upstreams, of threads and of processes."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pypicloud_like.core.errors import UpstreamTimedOut
from pypicloud_like.upstream.turns import HostTurns


def test_one_asks_and_the_others_find_it(here, there):
    got, asked = {}, []

    def ask(turns):
        with turns.of("up", "page"):
            if "page" not in got:
                asked.append(1)
                time.sleep(0.1)
                got["page"] = 1

    sides = [HostTurns(here), HostTurns(there)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, sides * 3))
    assert len(asked) == 1


def test_those_that_waited_fail_likewise_and_the_next_one_asks(here, there):
    sides = [HostTurns(here), HostTurns(there)]
    began, may_end, asked = threading.Event(), threading.Event(), []

    def ask(turns):
        with turns.of("up", "page"):
            asked.append(1)
            began.set()
            may_end.wait(20)
            raise UpstreamTimedOut("up", "slow")

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(ask, sides[0])
        assert began.wait(20)
        others = [pool.submit(ask, side) for side in (*sides, *sides)]
        time.sleep(1)  # until they wait
        may_end.set()
        for each in (first, *others):
            with pytest.raises(UpstreamTimedOut, match="slow"):
                each.result(20)
    assert len(asked) == 1
    with sides[1].of("up", "page"):
        pass


def test_whoever_neither_ends_nor_dies_is_not_waited_for(here, there, stand_still):
    here.of("turn", "page")
    stand_still()
    with HostTurns(there).of("up", "page"):
        pass
