"""A guard that asks access and state in memory."""

import pytest

from pypicloud_like.access.guard import Guard
from pypicloud_like.settings.model import AccessSettings
from tests.unit.access.fakes import Clock, FakeAccess, FakeState


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def access():
    access = FakeAccess()
    access.add("ann", "right", "devs")
    access.add("root", "toor", admin=True)
    access.add("newcomer", "right", pending=True)
    return access


@pytest.fixture
def state(clock):
    return FakeState(clock)


@pytest.fixture
def make(access, state, clock):
    def make(**rules):
        return Guard(access, state, rules=AccessSettings(**{"failures": 3, **rules}), clock=clock)

    return make


@pytest.fixture
def guard(make):
    return make()
