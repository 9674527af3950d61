"""Users, groups and grants as lines of an .ini file: read strictly."""

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.model import Project, Right
from pypicloud_like.settings.load import load
from pypicloud_like.settings.projects import parse_project

READ, WRITE = frozenset({Right.READ}), frozenset({Right.WRITE})
PEOPLE = {"pypi.auth": "config", "user.ann": "$argon2id$x", "user.bob.b": "$6$y", "group.devs": "ann bob.b"}


def access(ini=None):
    return load(PEOPLE | (ini or {}), {}).access


def fault(ini, environ=None):
    with pytest.raises(ConfigurationError) as caught:
        load(PEOPLE | ini, environ or {})
    (only,) = caught.value.faults
    return only


def test_users_groups_admins():
    rules = access({"auth.admins": "Ann", "group.empty": ""})
    assert rules.users == {"ann": "$argon2id$x", "bob.b": "$6$y"}
    assert rules.groups == {"devs": {"ann", "bob.b"}, "empty": frozenset()}
    assert rules.admins == {"ann"}


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("r", READ),
        ("rw", READ | WRITE),
        ("w", WRITE),
        ("read write", READ | WRITE),
        ("write", WRITE),
        ("", frozenset()),
    ],
)
def test_rights(text, rights):
    assert access({"package.foo.user.ann": text}).grants[Project("pypi", "foo")].users == {"ann": rights}


def test_projects_are_normalised_and_may_have_dots():
    grants = access(
        {
            "package.Zope.Interface.user.bob.b": "r",
            "package.zope-interface.group.devs": "rw",
            "package.a.user.group.everyone": "r",
            "package.cargo/Serde-Json.group.authenticated": "r",
            "package.jsr:@acme/kit.group.devs": "r",
        }
    ).grants
    assert grants.keys() == {
        Project("pypi", "zope-interface"),
        Project("pypi", "a-user"),
        Project("cargo", "serde_json"),
        Project("jsr", "@acme/kit"),
    }
    zope = grants[Project("pypi", "zope-interface")]
    assert zope.users == {"bob.b": READ}
    assert zope.groups == {"devs": READ | WRITE}


@pytest.mark.promise(130)
@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ({"user.eve": "plain"}, "user.eve = ********: must be a password hash"),
        ({"user.eve": ""}, "must be a password hash"),
        ({"user.everyone": "$6$"}, "reserved"),
        ({"user.ANN": "$6$"}, "another spelling"),
        ({"group.admin": "ann"}, "reserved"),
        ({"group.Authenticated": "ann"}, "reserved"),
        ({"group.x": "ann zoe"}, "no such user: zoe"),
        ({"auth.admins": "zoe"}, "no such user: zoe"),
        ({"pypi.default_write": "opz"}, "pypi.default_write: no such group: opz"),
        ({"package.foo.user.zoe": "r"}, "no such user: zoe"),
        ({"package.foo.group.zoo": "r"}, "no such group: zoo"),
        ({"package.foo.group.admin": "r"}, "no such group: admin"),
        ({"package.foo.user.ann": "x"}, "'x' is no right"),
        ({"package.foo.user.ann": "read, write"}, "is no right"),
        ({"package.foo.ann": "r"}, "must be package.<project>.user.<name>"),
        ({"package.-foo.user.ann": "r"}, "not a Python project name"),
        ({"package.npm:foo.user.ann": "r"}, "not a known ecosystem"),
        ({"package.cargo": "foo.user.ann = rw"}, "write package.cargo/foo.user.ann"),
        ({"package.Foo.user.ann": "r", "package.foo.user.Ann": "rw"}, "already"),
    ],
)
def test_what_is_not_understood_stops_the_start(ini, words):
    assert words in fault(ini)


def test_not_from_the_environment():
    assert fault({}, {"PPC_USER_EVE": "$6$x"}).endswith("cannot come from the environment")


def test_with_the_sql_backend_the_lines_are_a_fault():
    with pytest.raises(ConfigurationError) as caught:
        load({"user.ann": "$6$", "auth.admins": "ann"}, {})
    assert caught.value.faults == (
        "user.ann, auth.admins: need pypi.auth = config; with sql they are kept in the database",
    )


def test_nobody_at_all_is_warned_about():
    assert "nobody can log in" in load({"pypi.auth": "config"}, {}).warnings[0]


@pytest.mark.parametrize("text", ["foo", "cargo:foo_bar", "jsr:@acme/kit"])
def test_spelling_and_parsing_are_inverse(text):
    assert str(parse_project(text)) == text


@pytest.mark.parametrize(
    "text", ["", "a b", "cargo:1x", "cargo:", "jsr:kit", "jsr:@a/kit", "foo:bar", "../x"]
)
def test_bad_projects(text):
    with pytest.raises(ValueError, match="is not a"):
        parse_project(text)
