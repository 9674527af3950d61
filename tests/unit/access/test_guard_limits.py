"""Failed logins are counted and blocked by the guard, and what is remembered of logins."""

import pytest

from pypicloud_like.core.errors import TooManyAttempts
from tests.unit.access.fakes import ANN, HOME, log_in

# --- remembered credentials


@pytest.mark.promise(115)
def test_a_verified_password_is_believed_for_a_minute(guard, access, clock):
    for _ in range(3):
        assert log_in(guard) == ANN
    assert access.asked == 1
    clock.pass_by(59)
    log_in(guard)
    assert access.asked == 1
    clock.pass_by(1)
    log_in(guard)
    assert access.asked == 2


def test_believing_does_not_prolong_itself(guard, access, clock):
    for _ in range(4):
        log_in(guard)
        clock.pass_by(20)
    assert access.asked == 2


@pytest.mark.promise(167)
def test_a_clock_set_back_makes_nothing_last_longer(guard, access, clock):
    log_in(guard)
    clock.pass_by(-3600)
    log_in(guard)
    assert access.asked == 2


def test_only_the_very_same_credentials_are_believed(guard, access):
    access.add("an", "nright")
    log_in(guard)
    assert log_in(guard, "wrong") is None
    assert log_in(guard, "righ", "annt") is None
    assert log_in(guard, "nright", "an").name == "an"
    assert access.asked == 4


def test_a_wrong_password_is_verified_every_time(guard, access):
    log_in(guard, "wrong")
    log_in(guard, "wrong")
    assert access.asked == 2


@pytest.mark.promise(115)
def test_it_ends_at_once_when_users_or_state_move(guard, access, state):
    log_in(guard)
    access.add("ann", "changed")
    assert log_in(guard) is None
    assert log_in(guard, "changed").name == "ann"
    access.remove("ann")
    assert log_in(guard, "changed") is None
    access.add("ann", "right")
    log_in(guard)
    asked = access.asked
    state.generation += 1
    log_in(guard)
    assert access.asked == asked + 1


def test_a_change_during_verification_is_not_missed(guard, access):
    access.meanwhile = lambda: access.add("ann", "changed")
    assert log_in(guard).name == "ann"  # it was right when it was asked
    access.meanwhile = lambda: None
    assert log_in(guard) is None


@pytest.mark.promise(115)
def test_memory_holds_no_password(guard):
    log_in(guard)
    assert "right" not in repr(guard._verified._kept)
    assert b"right" not in b"".join(guard._verified._kept[1])


@pytest.mark.promise(115)
def test_two_processes_keep_different_proofs(make):
    assert make()._proof("ann", "right") != make()._proof("ann", "right")


# --- limits


def fail(guard, times=3, user="ann", address=HOME):
    for _ in range(times):
        assert guard.caller_from_password(user, "wrong", address=address) is None


def test_a_blocked_user_is_not_told_that_the_password_is_right(guard, access, clock):
    fail(guard)
    asked = access.asked
    for password in ("right", "wrong"):
        with pytest.raises(TooManyAttempts):
            log_in(guard, password, address="10.9.9.9")
    assert access.asked == asked, "nothing is verified while blocked"
    clock.pass_by(301)
    assert log_in(guard) == ANN


def test_not_even_when_it_was_verified_a_moment_ago(guard):
    assert log_in(guard) == ANN
    fail(guard)
    with pytest.raises(TooManyAttempts):
        log_in(guard)


def test_nor_if_the_state_should_not_move(guard, state, monkeypatch):
    monkeypatch.setattr(state, "moved", lambda: 1)
    assert log_in(guard) == ANN
    fail(guard)
    with pytest.raises(TooManyAttempts):
        log_in(guard)


@pytest.mark.promise(113)
def test_not_even_by_another_process(make):
    here, there = make(), make()
    assert log_in(here) == ANN
    fail(there)
    with pytest.raises(TooManyAttempts):
        log_in(here)


def test_nor_from_a_blocked_address_about_a_user_who_is_not_blocked(guard):
    assert log_in(guard) == ANN
    for name in ("a", "b", "c"):
        fail(guard, 1, name)
    with pytest.raises(TooManyAttempts):
        log_in(guard)
    assert log_in(guard, address="10.9.9.9") == ANN


def test_nor_when_the_block_began_during_the_verification(guard, access, state):
    def others_fail():
        for _ in range(3):
            state.count_failure("user:ann", limit=3, window=300)

    access.meanwhile = others_fail
    with pytest.raises(TooManyAttempts):
        log_in(guard)


def test_failures_of_one_user_block_nobody_else(guard):
    for number in range(10):
        try:
            log_in(guard, "wrong", address=f"10.0.1.{number}")
        except TooManyAttempts:
            continue
    assert log_in(guard, "toor", "root").name == "root"


def test_unknown_users_are_blocked_alike(guard):
    fail(guard, user="nobody")
    with pytest.raises(TooManyAttempts):
        log_in(guard, user="nobody", address="10.9.9.9")


def test_a_success_does_not_wipe_out_failures(guard):
    fail(guard, 2)
    log_in(guard)
    fail(guard, 1)
    with pytest.raises(TooManyAttempts):
        log_in(guard)


def test_warm_logins_do_not_ask_the_state_about_blocks(guard, state):
    log_in(guard)
    asked = state.asked
    log_in(guard)
    assert state.asked == asked
