"""Trusted publishers by the command line, and in exports."""

import json

import pytest

INI = """[app:main]
use = egg:pypicloud-like
pypi.allow_create_groups = authenticated
oidc.issuers = gh own
oidc.audience = packages.example.org
oidc.gh.url = https://token.actions.githubusercontent.com
oidc.own.url = https://ci.example.org
"""
ADD = ("publisher", "add", "demo", "--user", "ann", "--issuer", "gh")


@pytest.fixture
def configured(run, tmp_path):
    """Commands with issuers, and users ann and bob; ``data`` is the folder's name."""
    (tmp_path / "server.ini").write_text(INI)

    def command(*argv, data="data", stdin=""):
        return run(*argv, "--config", "server.ini", "--data", data, stdin=stdin)

    for name in ("ann", "bob"):
        added = command("user", "add", name, "--password-stdin", stdin="open sesame 1\n")
        assert added.code == 0, added.err
    return command


def test_added_listed_removed(configured):
    done = configured(*ADD, "--claim", "repository=acme/demo", "--claim", "ref=a=b", "--workflow", "r.yml")
    assert done.code == 0, done.err
    assert (
        configured("publisher", "add", "cargo:x", "--user", "bob", "--issuer", "own", "--claim", "sub=j").code
        == 0
    )
    listed = configured("publisher", "list", "demo").out.rstrip("\n").split("\t")
    assert listed[1:] == [
        "demo",
        "user=ann",
        "issuer=gh",
        "job_workflow_ref=acme/demo/.github/workflows/r.yml@*",
        "ref=a=b",
        "repository=acme/demo",
        "used=never",
        "pending",
    ]
    assert len(configured("publisher", "list").out.splitlines()) == 2
    assert configured("publisher", "remove", "demo", listed[0]).code == 0
    assert configured("publisher", "list", "demo").out == ""
    assert configured("publisher", "remove", "demo", listed[0]).code == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "claims"),
        (("--claim", "ref=x"), "'repository' must be given"),
        (("--claim", "repository"), "must be NAME=VALUE"),
        (("--claim", "repository=a/b", "--workflow", "a*.yml"), "workflow"),
    ],
)
def test_refused(configured, more, told):
    done = configured(*ADD, *more)
    assert done.code != 0
    assert told in done.err


def test_unknown_users_and_issuers(configured):
    claim = ("--claim", "repository=a/b")
    assert "nobody" in configured("publisher", "add", "x", "--user", "nobody", "--issuer", "gh", *claim).err
    assert (
        "one of this server's: gh, own"
        in configured("publisher", "add", "x", "--user", "ann", "--issuer", "x", *claim).err
    )


def test_exported_and_imported(configured):
    assert configured(*ADD, "--claim", "repository=acme/demo").code == 0
    dump = configured("export").out
    assert json.loads(dump)["publishers"][0]["claims"] == {"repository": "acme/demo"}
    for _ in range(2):
        done = configured("import", data="other", stdin=dump)
        assert done.code == 0, done.err
    listed = configured("publisher", "list", data="other").out
    assert len(listed.splitlines()) == 1
    assert "user=ann\tissuer=gh\trepository=acme/demo\tused=never\tpending" in listed


def test_an_export_without_publishers_is_as_it_was(configured):
    assert "publishers" not in json.loads(configured("export").out)


@pytest.mark.parametrize(
    "publishers", [1, [1], [{}], [{"project": "demo"}], [{"project": "a b", "issuer": "gh", "user": "ann"}]]
)
def test_imports_that_are_malformed(configured, publishers):
    done = configured("import", stdin=json.dumps({"publishers": publishers}))
    assert done.code == 1
    assert done.err.startswith("pypicloud-like: publishers")
