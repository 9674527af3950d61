"""``yank`` on the command line: a release, a file, a reason, and back."""

from __future__ import annotations

import pytest

from pypicloud_like.assembly import build
from pypicloud_like.cli import main
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.settings.load import load
from tests.builders import a_wheel, an_sdist
from tests.http.conftest import PASSWORD, Client

FOO = Project(PYPI, "foo-bar")


@pytest.fixture
def data(tmp_path):
    """A data folder with one release of two files."""
    services = build(load({}, {}, data=tmp_path, here=tmp_path))
    services.access.add_user("boss", PASSWORD, admin=True, actor=None)
    client = Client(services)
    for filename, body in (a_wheel("Foo.Bar", "1.0"), an_sdist("Foo.Bar", "1.0")):
        assert client.upload(filename, body).status_int == 200
    services.close()
    return tmp_path


def yanked(data):
    """File name → reason."""
    services = build(load({}, {}, data=data, here=data))
    try:
        return {file.filename: file.yanked for file in services.cache.files(FOO)}
    finally:
        services.close()


def test_a_release_with_a_reason_and_back(data, capsys):
    assert main(["yank", "foo_bar", "1.0.0", "--reason", "broken", "--data", str(data)]) == 0
    assert set(yanked(data).values()) == {"broken"}
    assert capsys.readouterr().out.count("Yanked") == 2
    assert main(["yank", "foo_bar", "1.0", "--undo", "--data", str(data)]) == 0
    assert set(yanked(data).values()) == {None}


def test_one_file_by_its_name(data):
    name = next(name for name in yanked(data) if name.endswith(".whl"))
    assert main(["yank", "foo-bar", name, "--data", str(data)]) == 0
    assert {each for each, reason in yanked(data).items() if reason is not None} == {name}


def test_what_is_not_there_is_told_in_one_line(data, capsys):
    assert main(["yank", "foo-bar", "9.9", "--data", str(data)]) == 1
    assert capsys.readouterr().err.strip() == "pypicloud-like: foo-bar 9.9 not found"
