"""Users, tokens, passwords, export and import, on real databases."""

import gzip
import json
import stat

import pytest

from pypicloud_like import assembly
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.policy import Act
from pypicloud_like.cli.token import PACKAGE_ACTS
from pypicloud_like.core.model import Project
from pypicloud_like.settings.load import load

PASSWORD = "open sesame 1"


@pytest.fixture
def services(tmp_path):
    """Looks into the folder that the commands work on."""
    opened = []

    def open_services():
        opened.append(assembly.build(load({}, {}, data=tmp_path / "data")))
        return opened[-1]

    yield open_services
    for one in opened:
        one.close()


def add(run, name, *more):
    outcome = run("user", "add", name, "--password-stdin", *more, stdin=PASSWORD + "\n")
    assert outcome.code == 0, outcome.err


def test_users(run, services):
    add(run, "ann", "--admin")
    add(run, "bob")
    assert run("user", "list").out == "ann\tadmin\nbob\tuser\n"
    access = services().access
    assert access.identify("ann", PASSWORD).admin
    assert run("user", "passwd", "bob", "--password-stdin", stdin="another one 2\r\n").code == 0
    assert access.identify("bob", PASSWORD) is None
    assert access.identify("bob", "another one 2").name == "bob"
    assert run("user", "admin", "bob").code == 0
    assert access.account("bob").admin
    assert run("user", "admin", "bob", "--off").err == ""
    assert run("user", "remove", "bob").code == 0
    for command in (("remove", "ann"), ("admin", "ann", "--off")):
        refused = run("user", *command)
        assert refused.code != 0
        assert "ann is the last administrator" in refused.err
    assert run("user", "list").out == "ann\tadmin\n"


def test_pending_users(run, services):
    services().access.add_user("zoe", PASSWORD, pending=True, actor=None)
    assert run("user", "list").out == "zoe\tpending\n"
    assert run("user", "approve", "zoe").code == 0
    assert run("user", "list").out == "zoe\tuser\n"


@pytest.mark.parametrize(
    "argv",
    [
        "user remove eve",
        "user approve eve",
        "user admin eve",
        "user passwd eve --password-stdin",
        "token list eve",
        "token add eve --name x",
        "token revoke eve 1",
    ],
)
def test_nobody_of_that_name(run, argv):
    outcome = run(*argv.split(), stdin=PASSWORD)
    assert outcome.code == 1
    assert "not found" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_an_existing_user_is_a_conflict(run):
    add(run, "ann")
    outcome = run("user", "add", "Ann", "--password-stdin", stdin=PASSWORD)
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1


def test_passwords_are_asked_for_twice(run, services, monkeypatch):
    answers = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
    monkeypatch.setattr("pypicloud_like.cli.passwords.getpass", lambda _prompt: next(answers))
    assert run("user", "add", "ann").err == "pypicloud-like: password: the two are not the same\n"
    assert run("user", "add", "ann").code == 0
    assert services().access.identify("ann", PASSWORD)
    assert (
        run("user", "add", "bob", "--password-stdin", stdin="\n").err
        == "pypicloud-like: password: must not be empty\n"
    )


def test_gen_password_hashes_the_line_without_its_end(run):
    hashed = run("gen-password", "-i", stdin=PASSWORD + "\n").out
    assert Passwords().verify(PASSWORD, hashed.strip()) == (True, None)


def test_tokens(run, services):
    add(run, "ann")
    words = run("token", "add", "ann", "--name", "ci").out.split()
    state = services().state
    token = state.token(words[-1])
    assert (token.owner, token.label, token.expires_at, token.scope.projects) == ("ann", "ci", None, None)
    assert token.scope.actions == PACKAGE_ACTS
    assert Act.ADMIN not in token.scope.actions
    listed = run("token", "list", "ann").out
    assert token.id in listed
    assert words[-1] not in listed
    assert run("token", "revoke", "ann", token.id).code == 0
    assert state.token(words[-1]) is None
    assert run("token", "list", "ann").out == ""


def test_tokens_may_do_less(run, services):
    add(run, "ann")
    state = services().state
    secret = run(
        "token",
        "add",
        "ann",
        "--name",
        "x",
        "--read-only",
        "--project",
        "Foo.Bar",
        "--project",
        "cargo:serde",
        "--expires",
        "7",
    ).out.split()[-1]
    token = state.token(secret)
    assert token.scope.actions == {"read"}
    assert token.scope.projects == {Project("pypi", "foo-bar"), Project("cargo", "serde")}
    assert (token.expires_at - token.created_at).days in {6, 7}
    secret = run("token", "add", "ann", "--name", "y", "--actions", "write,admin").out.split()[-1]
    assert state.token(secret).scope.actions == {"write", "admin"}


@pytest.mark.parametrize(
    "argv",
    [["--expires", "0"], ["--expires", "1.5"], ["--actions", "fly"], ["--actions", ","], ["--project", "a b"],
     ["--read-only", "--actions", "read"]],
)  # fmt: skip
def test_bad_scopes_are_2(run, argv):
    assert run("token", "add", "ann", "--name", "x", *argv).code == 2


def test_export_and_import(run, tmp_path):
    add(run, "ann", "--admin")
    dump = json.loads(run("export").out)
    assert dump["users"][0]["username"] == "ann"
    assert run("export", "-o", "acl.gz").code == 0
    assert json.loads(gzip.decompress((tmp_path / "acl.gz").read_bytes())) == dump
    assert stat.S_IMODE((tmp_path / "acl.gz").stat().st_mode) == 0o600
    assert run("import", "-i", "acl.gz", "--data", "other").code == 0
    assert json.loads(run("export", "--data", "other").out) == dump
    assert run("import", "--data", "third", stdin=json.dumps(dump)).code == 0
    assert run("user", "list", "--data", "third").out == "ann\tadmin\n"


@pytest.mark.parametrize("raw", ["", "{", "[]", b"\x1f\x8bnot gzip", '{"users": 3}', '{"what": 1}'])
def test_what_is_no_export(run, raw):
    outcome = run("import", stdin=raw)
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert "Traceback" not in outcome.err


CONFIG = """[app:main]
pypi.auth = config
user.ann = {hash}
user.bob = {hash}
auth.admins = ann
group.devs = bob
package.zope.interface.user.bob = rw
package.zope.interface.group.everyone = r
package.cargo/serde.group.devs =
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.ini"
    path.write_text(CONFIG.format(hash=Passwords.cheap().hash(PASSWORD)))
    return str(path)


def test_the_config_backend_cannot_be_changed(run, config):
    outcome = run("user", "add", "eve", "--password-stdin", "--config", config, stdin=PASSWORD)
    assert outcome.code == 1
    assert "'config' cannot be changed here" in outcome.err
    assert run("user", "list", "--config", config).out == "ann\tadmin\nbob\tuser\tdevs\n"
    assert run("token", "add", "bob", "--name", "x", "--config", config).code == 0


def test_the_config_backend_exports_and_prints_lines_to_paste(run, config, tmp_path):
    dump = json.loads(run("export", "--config", config).out)
    assert dump["groups"] == {"devs": ["bob"]}
    assert dump["packages"]["users"] == {"zope-interface": {"bob": ["read", "write"]}}
    dump["pending_users"] = [{"username": "zoe", "password": "$6$x"}]
    printed = run("import", "--config", config, stdin=json.dumps(dump))
    assert "zoe" in printed.err
    (tmp_path / "again.ini").write_text("[app:main]\npypi.auth = config\n" + printed.out)
    again = json.loads(run("export", "--config", "again.ini").out)
    assert again == dump | {"pending_users": []}
