"""The access backend of the .ini file keeps the promises of its port."""

import pytest

from pypicloud_like.access.config import ConfigAccess
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.model import Account, Grants, Project, Right
from pypicloud_like.core.ports import Access, MutableAccess
from pypicloud_like.settings.model import AccessSettings, Secret

FOO = Project("pypi", "foo")
R, W = frozenset({Right.READ}), frozenset({Right.WRITE})


@pytest.fixture(scope="module")
def passwords():
    return Passwords.cheap()


@pytest.fixture
def rules(passwords):
    return AccessSettings(
        backend="config",
        users={name: Secret(passwords.hash(f"{name}'s")) for name in ("Ann", "bob", "root")},
        admins=frozenset({"root", "ghost"}),
        groups={"Devs": frozenset({"Ann", "bob"}), "empty": frozenset(), "admin": frozenset({"bob"})},
        grants={FOO: Grants({"Ann": R, "ann": W}, {"Devs": R, "everyone": frozenset()})},
    )


@pytest.fixture
def access(rules, passwords):
    access: Access = ConfigAccess.from_settings(rules, passwords=passwords)
    return access


ANN = Account("ann", groups=frozenset({"devs"}))


def test_it_says_what_it_is(access):
    assert access.name == "config"
    assert not isinstance(access, MutableAccess)
    access.check()
    assert access.moved() == access.moved()


def test_a_right_password_gives_the_account_in_any_spelling_of_the_name(access):
    assert access.identify("Ann", "Ann's") == ANN
    assert access.identify("ANN", "Ann's") == ANN
    assert access.identify("root", "root's") == Account("root", admin=True)


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("ann", "ann's"),
        ("ann", ""),
        ("nobody", "x"),
        ("", ""),
        ("ghost", ""),
        ("nul\0", "x"),
        ("ann", "x" * 5000),
    ],
)
def test_everything_else_gives_none(access, user, password):
    assert access.identify(user, password) is None


@pytest.mark.promise(111)
def test_an_unknown_user_costs_a_verification_like_those_of_known_users(rules, passwords, monkeypatch):
    access = ConfigAccess(rules, passwords)
    wasted = []
    monkeypatch.setattr(passwords, "waste", lambda _password, *, like: wasted.append(like))
    for name in ("nobody", "NOBODY", "somebody else"):
        assert access.identify(name, "guess") is None
    assert set(wasted) <= set(map(str, rules.users.values()))
    assert wasted[0] == wasted[1], "one name always costs the same"
    assert len(wasted) == 3


def test_without_any_user_it_costs_a_verification_too(passwords, monkeypatch):
    wasted = []
    monkeypatch.setattr(passwords, "waste", lambda password, *, like: wasted.append((password, like)))
    access = ConfigAccess(AccessSettings(), passwords)
    assert access.identify("nobody", "guess") is None
    assert wasted == [("guess", None)]
    assert access.accounts() == ()


def test_accounts_groups_and_grants(access):
    assert access.account("ANN") == ANN
    assert access.account("ghost") is None
    assert [account.name for account in access.accounts()] == ["ann", "bob", "root"]
    assert access.groups() == {"devs": {"ann", "bob"}, "empty": set()}
    assert access.grants() == {FOO: Grants({"ann": R | W}, {"devs": R, "everyone": frozenset()})}


def test_a_group_of_a_built_in_name_makes_nobody_an_administrator(access):
    assert access.account("bob") == Account("bob", groups=frozenset({"devs"}))


def test_nothing_of_it_can_be_changed(access):
    with pytest.raises(TypeError):
        access.grants()[FOO] = Grants()
    with pytest.raises(TypeError):
        access.groups()["devs"] = {"eve"}
    with pytest.raises(AttributeError):
        access.groups()["devs"].add("eve")


def test_hashes_of_pypicloud_log_in(passwords):
    old = "$5$rounds=1000$saltsalt$3TpDHBXREi29xYC3DQNNp706horOamfc68XObXaVhq9"
    access = ConfigAccess(AccessSettings(users={"ann": Secret(old)}), passwords)
    assert access.identify("ann", "old one") == Account("ann")
    assert access.identify("ann", "new one") is None


@pytest.mark.promise(130)
def test_all_faults_stop_the_start_and_show_no_hash(passwords):
    good = Secret(passwords.hash("x"))
    rules = AccessSettings(
        users={"ann": Secret("letmein"), "bob": Secret("$6$short"), "Cid": good, "cid": good},
        groups={"devs": frozenset(), "DEVS": frozenset({"bob"})},
    )
    with pytest.raises(ConfigurationError) as caught:
        ConfigAccess(rules, passwords)
    text = str(caught.value)
    assert len(caught.value.faults) == 4
    for part in ("user.ann", "user.bob", "user.cid", "group.devs"):
        assert part in text
    assert "letmein" not in text
    assert "short" not in text
