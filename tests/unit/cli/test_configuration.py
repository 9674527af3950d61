"""The .ini file as commands read it: as pserve does, its errors in one line without values."""

import pytest


def write(tmp_path, text):
    path = tmp_path / "my.ini"
    path.write_text(text)
    return str(path)


def test_show_config_of_a_file(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PPC_PYPI_REALM", "ours")
    config = write(
        tmp_path,
        "[DEFAULT]\nroot = /srv\n[app:main]\nuse = egg:pypicloud-like\nstorage.dir = %(here)s/files\n"
        "server.data = %(root)s/data\nauth.signing_key = 0123456789abcdef0123\nauth.rounds = 7\n",
    )
    outcome = run("show-config", "--config", config)
    assert outcome.code == 0
    assert f"storage.dir = {tmp_path}/files  # {config}\n" in outcome.out
    assert f"server.data = /srv/data  # {config}\n" in outcome.out
    assert "pypi.realm = ours  # PPC_PYPI_REALM\n" in outcome.out
    assert f"auth.signing_key = ********  # {config}\n" in outcome.out
    assert "pypi.auth = sql  # default\n" in outcome.out
    assert "auth.rounds = 7" in outcome.err
    changed = run("show-config", "--changed", "--config", config, "--data", "/elsewhere").out
    assert "server.data = /elsewhere  # command line\n" in changed
    assert "default" not in changed


def test_another_section(run, tmp_path):
    config = write(tmp_path, "[app:main]\npypi.realm = a\n[app:other]\npypi.realm = b\n")
    assert "pypi.realm = b" in run("show-config", "--config", f"{config}#other").out
    outcome = run("show-config", "--config", f"{config}#third")
    assert (outcome.code, outcome.err) == (2, f"pypicloud-like: {config}: has no section [app:third]\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no section [app:main]"),
        ("a = b\n", "line 1: stands before the first section"),
        ("[app:main]\na = 1\na = 2\n", "line 3: [app:main] a is there twice"),
        ("[app:main]\n[app:main]\n", "line 2: [app:main] is there twice"),
        ("[app:main]\ndb.url = hunter%2\n", "[app:main] db.url: write %% for a percent sign"),
        ("[app:main]\ndb.url = %(hunter2)s\n", "[app:main] db.url: write %% for a percent sign"),
        ("[app:main]\nhunter2\n", "line 2: is not key = value"),
        (
            "[app:main]\npackage.cargo:a.user.b = r\npackage.cargo:c.user.b = r\n",
            "line 3: [app:main] package.cargo is there twice (a colon ends a key: write package.cargo/name)",
        ),
    ],
)
def test_broken_files(run, tmp_path, text, words):
    config = write(tmp_path, text)
    outcome = run("show-config", "--config", config)
    assert (outcome.code, outcome.err) == (2, f"pypicloud-like: {config}: {words}\n")


def test_no_file(run, tmp_path):
    outcome = run("user", "list", "--config", "absent.ini")
    assert (outcome.code, outcome.err) == (
        2,
        f"pypicloud-like: {tmp_path}/absent.ini: there is no such file\n",
    )


def test_not_utf8(run, tmp_path):
    (tmp_path / "x.ini").write_bytes(b"[app:main]\npypi.realm = \xff\n")
    assert "is not a text in UTF-8" in run("show-config", "--config", "x.ini").err


def test_make_config(run, tmp_path):
    text = run("make-config", "-k", "production").out
    assert "use = egg:pypicloud-like" in text
    assert run("make-config", "-k", "production", "p.ini").code == 0
    assert (tmp_path / "p.ini").read_text() == text
    refused = run("make-config", "-k", "container", "p.ini")
    assert (refused.code, refused.err) == (1, "pypicloud-like: p.ini exists; --force replaces it\n")
    assert (tmp_path / "p.ini").read_text() == text
    assert run("make-config", "-k", "container", "--force", "p.ini").code == 0
    assert (tmp_path / "p.ini").read_text() != text
