"""Who is this, and may they? Asked of access and state in memory."""

from datetime import timedelta

import pytest

from pypicloud_like.access.guard import Guard
from pypicloud_like.access.policy import FAILED_LOGIN, Act
from pypicloud_like.access.tokens import mint
from pypicloud_like.core.errors import Forbidden, LoginRequired, NotFound, OutOfScope, TooManyAttempts
from pypicloud_like.core.model import ANONYMOUS, Account, Caller, Grants, Project, Right, Scope
from pypicloud_like.settings.model import AccessSettings
from tests.unit.access.fakes import Clock, FakeAccess, FakeState

FOO, BAR = Project("pypi", "foo"), Project("pypi", "bar")
HOME = "10.0.0.1"
R = frozenset({Right.READ})
EVERYTHING = Scope(frozenset(act.value for act in Act))


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


def log_in(guard, password="right", user="ann", address=HOME):
    return guard.caller_from_password(user, password, address=address)


ANN = Caller(Account("ann", groups=frozenset({"devs"})), via="password")


def test_a_password_gives_its_user(guard):
    assert log_in(guard) == ANN


@pytest.mark.promise(111)
@pytest.mark.parametrize("user", ["ann", "nobody", "newcomer", "", "nul\0", "x" * 256, "\ud800"])
@pytest.mark.parametrize("password", ["wrong", "", "nul\0", "\ud800"])
def test_wrong_password_unknown_user_and_pending_user_are_one(guard, user, password):
    assert log_in(guard, password, user) is None


def test_a_pending_user_with_the_right_password_is_nobody(guard):
    assert log_in(guard, user="newcomer") is None


def test_an_unknown_user_is_asked_for_like_a_known_one(guard, access):
    log_in(guard, "wrong")
    log_in(guard, "wrong", "nobody")
    assert access.asked == 2


def test_a_name_no_backend_can_hold_is_not_asked_for(guard, access):
    assert log_in(guard, user="nul\0") is None
    assert access.asked == 0


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


# --- tokens


@pytest.mark.parametrize("user", ["__token__", "ann", "whoever"])
def test_a_token_gives_its_owner_with_its_scope(guard, state, user):
    secret = mint()
    scope = Scope(frozenset({"read"}))
    state.give_token(secret, "ann", scope)
    caller = log_in(guard, secret, user)
    assert caller == guard.caller_from_token(secret)
    assert (caller.name, caller.via, caller.scope, caller.credential) == (
        "ann",
        "token",
        scope,
        "id of token",
    )


@pytest.mark.parametrize("user", ["__token__", "ann"])
def test_a_dead_token_is_refused_and_never_counted(guard, state, user):
    for _ in range(5):
        with pytest.raises(LoginRequired):
            log_in(guard, mint(), user)
    assert not state.failures


@pytest.mark.parametrize("secret", ["", "right", "pcl_short", "\0"])
def test_what_is_no_token_is_no_password_under_the_tokens_name(guard, access, secret):
    with pytest.raises(LoginRequired):
        log_in(guard, secret, "__token__")
    with pytest.raises(LoginRequired):
        guard.caller_from_token(secret)
    assert access.asked == 0


def test_a_token_dies_with_its_owner_its_time_and_its_revocation(guard, access, state, clock):
    secret = mint()
    state.give_token(secret, "ann", EVERYTHING, expires_at=clock() + timedelta(seconds=30))
    assert guard.caller_from_token(secret).name == "ann"
    clock.pass_by(30)
    with pytest.raises(LoginRequired):
        guard.caller_from_token(secret)
    state.give_token(secret, "ann", EVERYTHING)
    assert guard.caller_from_token(secret).name == "ann"
    access.add("ann", "right", pending=True)
    with pytest.raises(LoginRequired):
        guard.caller_from_token(secret)
    access.remove("ann")
    with pytest.raises(LoginRequired):
        guard.caller_from_token(secret)
    access.add("ann", "right")
    del state.secrets[secret]
    with pytest.raises(LoginRequired):
        guard.caller_from_token(secret)


def test_a_token_is_worth_what_its_owner_is_now(guard, access, state):
    secret = mint()
    state.give_token(secret, "root", EVERYTHING)
    assert guard.may(guard.caller_from_token(secret), Act.ADMIN)
    access.add("root", "toor", admin=False)
    assert not guard.may(guard.caller_from_token(secret), Act.ADMIN)


def test_a_token_does_not_log_in_where_only_a_password_will_do(guard, state):
    secret = mint()
    state.give_token(secret, "ann", Scope(frozenset({"read"})))
    assert guard.caller_from_login("__token__", secret, address=HOME) is None
    assert guard.caller_from_login("ann", secret, address=HOME) is None
    assert guard.caller_from_login("ann", "right", address=HOME) == ANN


# --- sessions


def test_a_session_gives_its_user_as_they_are_now(guard, access, state):
    state.sessions["cookie"] = "ann"
    caller = guard.caller_from_session("cookie")
    assert (caller.name, caller.via, caller.scope) == ("ann", "session", None)
    assert caller.credential
    assert "cookie" not in caller.credential
    access.add("ann", "right", pending=True)
    assert guard.caller_from_session("cookie") is None
    access.remove("ann")
    assert guard.caller_from_session("cookie") is None
    assert guard.caller_from_session("other") is None


# --- decisions


def test_grants_and_owners_are_asked_for_at_each_decision(guard, access, state):
    assert guard.may(ANN, Act.READ, FOO)
    access.grant(FOO, Grants({"bob": R}))
    assert not guard.may(ANN, Act.READ, FOO)
    state.own("ann", FOO)
    assert guard.may(ANN, Act.READ, FOO)
    assert guard.may(ANN, Act.WRITE, FOO)
    assert not guard.may(ANN, Act.WRITE, BAR)
    state.own("ann")
    assert not guard.may(ANN, Act.READ, FOO)


def test_a_pending_owner_owns_nothing(guard, state):
    state.own("newcomer", FOO)
    pending = Caller(Account("newcomer", pending=True), via="session")
    assert not guard.may(pending, Act.WRITE, FOO)
    with pytest.raises(LoginRequired):
        guard.require(pending, Act.READ, FOO)
    assert FOO not in guard.readable(pending, "pypi")


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("caller", [ANONYMOUS, FAILED_LOGIN])
def test_whoever_is_not_logged_in_is_asked_to(guard, caller, act):
    with pytest.raises(LoginRequired):
        guard.require(caller, act, FOO)
    with pytest.raises(LoginRequired):
        guard.require(caller, act)


@pytest.mark.parametrize("act", sorted(set(Act) - {Act.READ, Act.ACCOUNT, Act.CACHE_UPDATE}))
def test_whoever_is_logged_in_is_refused(guard, act):
    with pytest.raises(Forbidden):
        guard.require(ANN, act, FOO)


def test_a_project_that_may_not_be_read_is_not_found(guard, access):
    access.grant(FOO, Grants({"bob": R}))
    with pytest.raises(NotFound) as caught:
        guard.require(ANN, Act.READ, FOO)
    assert str(caught.value) == "foo not found"


def test_what_is_allowed_passes(guard):
    guard.require(ANN, Act.READ, FOO)
    guard.require(Caller(Account("root", admin=True), via="session"), Act.ADMIN)
    guard.require(ANN, Act.ACCOUNT)


def test_a_refused_token_is_told_what_it_lacks(guard):
    root = Account("root", admin=True)
    upload = Caller(root, via="token", scope=Scope(frozenset({"write"}), frozenset({FOO})))
    guard.require(upload, Act.WRITE, FOO)
    with pytest.raises(Forbidden, match="does not include 'delete'"):
        guard.require(upload, Act.DELETE, FOO)
    with pytest.raises(Forbidden, match="does not include 'create'"):
        guard.require(upload, Act.WRITE, FOO, exists=False)
    with pytest.raises(OutOfScope, match="not for bar"):
        guard.require(upload, Act.WRITE, BAR)
    with pytest.raises(NotFound):
        guard.require(upload, Act.READ, FOO)


def test_the_readable_set_is_kept_while_nothing_moves(guard, access, state):
    access.grant(FOO, Grants({"bob": R}))
    first = guard.readable(ANN, "pypi")
    assert FOO not in first
    assert BAR in first
    assert guard.readable(ANN, "pypi") is first
    assert guard.readable(ANONYMOUS, "pypi") is not first
    state.own("ann", FOO)
    assert FOO in guard.readable(ANN, "pypi")
    access.grant(FOO, Grants({"ann": R}))
    state.own("ann")
    assert guard.readable(ANN, "pypi").digest == "ALL"


def test_readable_sets_of_other_groups_scopes_and_ecosystems_are_apart(guard, access):
    access.grant(FOO, Grants({}, {"devs": R}))
    former = Caller(Account("ann"), via="password")
    token = Caller(ANN.account, via="token", scope=Scope(frozenset({"read"}), frozenset({BAR})))
    assert FOO in guard.readable(ANN, "pypi")
    assert FOO not in guard.readable(former, "pypi")
    other = Caller(ANN.account, via="token", scope=Scope(frozenset({"read"}), frozenset({FOO})))
    assert FOO not in guard.readable(token, "pypi")
    assert FOO in guard.readable(other, "pypi")
    assert BAR in guard.readable(token, "pypi")
    assert BAR not in guard.readable(token, "cargo")


def test_what_everyone_reads(make, access):
    closed, opened = make(), make(default_read=frozenset({"everyone"}))
    access.grant(FOO, Grants({"ann": R}))
    access.grant(BAR, Grants({}, {"everyone": R}))
    assert not closed.anonymous_reads_by_default()
    assert opened.anonymous_reads_by_default()
    assert [guard.everyone_reads(p) for guard in (closed, opened) for p in (FOO, BAR)] == [False, True] * 2


def test_groups_in_the_settings_match_in_any_spelling(make):
    assert make(default_write=frozenset({"Devs"})).may(ANN, Act.WRITE, FOO)
