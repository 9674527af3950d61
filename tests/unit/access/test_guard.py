"""Who is this, and may they? Asked of access and state in memory."""

from datetime import timedelta

import pytest

from pypicloud_like.access.policy import FAILED_LOGIN, Act
from pypicloud_like.access.tokens import mint
from pypicloud_like.core.errors import Forbidden, LoginRequired, NotFound, OutOfScope
from pypicloud_like.core.model import ANONYMOUS, Account, Caller, Grants, Project, Right, Scope
from tests.unit.access.fakes import ANN, HOME, log_in

FOO, BAR = Project("pypi", "foo"), Project("pypi", "bar")
R = frozenset({Right.READ})
EVERYTHING = Scope(frozenset(act.value for act in Act))


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
