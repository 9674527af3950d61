"""How often somebody may fail to log in."""

import pytest

from pypicloud_like.access.limits import LoginLimits, address_bucket, buckets, user_bucket
from pypicloud_like.core.errors import TooManyAttempts
from tests.unit.access.fakes import Clock, FakeState


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(clock):
    return FakeState(clock)


@pytest.fixture
def limits(state, clock):
    return LoginLimits(state, limit=3, window=300, clock=clock)


def test_a_user_is_blocked_from_every_address_and_nobody_else_is(limits):
    for number in range(3):
        limits.check("ann", f"10.0.0.{number}")
        limits.failed("ann", f"10.0.0.{number}", known=True)
    with pytest.raises(TooManyAttempts) as caught:
        limits.check("ann", "10.9.9.9")
    assert 0 < caught.value.retry_after <= 300
    limits.check("bob", "10.9.9.9")
    limits.check("bob", "10.0.0.1")


def test_an_address_is_blocked_for_every_user_and_no_other_address_is(limits):
    for name in ("a", "b", "c"):
        limits.failed(name, "10.0.0.1", known=True)
    with pytest.raises(TooManyAttempts):
        limits.check("ann", "10.0.0.1")
    limits.check("ann", "10.0.0.2")


def test_a_block_ends(limits, clock):
    for _ in range(3):
        limits.failed("ann", "10.0.0.1", known=True)
    assert limits.suspects("ann", None)
    clock.pass_by(301)
    assert not limits.suspects("ann", None)
    limits.check("ann", "10.0.0.1")


def test_a_block_that_was_lifted_is_no_longer_suspected(limits, state):
    for _ in range(3):
        limits.failed("ann", None, known=True)
    state.failures.pop(user_bucket("ann"))
    assert limits.suspects("ann", None)
    limits.check("ann", None)
    assert not limits.suspects("ann", None)


def test_the_last_failure_is_enough_to_suspect(limits):
    for _ in range(2):
        limits.failed("ann", None, known=True)
    assert not limits.suspects("ann", None)
    limits.failed("ann", None, known=True)
    assert limits.suspects("ANN", None)
    assert not limits.suspects("bob", None)


def test_another_process_learns_of_a_block_by_asking(limits, state, clock):
    other = LoginLimits(state, limit=3, window=300, clock=clock)
    for _ in range(3):
        limits.failed("ann", None, known=True)
    assert not other.suspects("ann", None)
    with pytest.raises(TooManyAttempts):
        other.check("ann", None)
    assert other.suspects("ann", None)


def test_without_an_address_only_the_user_counts():
    assert list(buckets("ann", None)) == list(buckets("ann", "")) == ["user:ann"]


@pytest.mark.parametrize("spelling", ["Ann", "ANN"])
def test_spellings_of_one_name_share_a_bucket(spelling):
    assert user_bucket(spelling) == user_bucket("ann")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("unix:", "unix:", True),
        ("not an address", "10.0.0.1", False),
    ],
)
def test_addresses_are_counted_by_who_has_them(one, other, same):
    assert (address_bucket(one) == address_bucket(other)) is same


def test_blocks_that_are_remembered_are_bounded(limits, monkeypatch, clock):
    monkeypatch.setattr("pypicloud_like.access.limits._MOST_SEEN", 5)
    for number in range(20):
        for _ in range(3):
            limits.failed(f"user{number}", None, known=True)
    assert len(limits._seen) == 5
    clock.pass_by(301)
    for _ in range(3):
        limits.failed("late", None, known=True)
    assert set(limits._seen) == {"user:late"}


@pytest.mark.promise(157)
def test_failures_and_the_beginning_of_a_block_are_audited(limits, state):
    for _ in range(4):
        limits.failed("Ann", "10.0.0.1", known=True)
    limits.failed("s3cret typed here", "10.0.0.1", known=False)
    events = state.audited
    assert events.count(("login.failed", "ann")) == 4
    assert events.count(("login.limited", "ann")) == 1
    assert events.count(("login.limited", "address:10.0.0.1")) == 1
    assert ("login.failed", "an unknown user") in events
    assert not any("s3cret" in subject for _, subject in events)
