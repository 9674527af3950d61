"""What counts as a download, over HTTP."""

from __future__ import annotations

import json

import pytest

from pypicloud_like.core.model import PYPI, Project
from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.http.conftest import PASSWORD, Client, SteppingClock, make_services

WHEEL = a_wheel("foo", "1.0")
PATH = f"/api/package/foo/{WHEEL.filename}"
FOO, BAR = Project(PYPI, "foo"), Project("cargo", "bar")


def totals(services, project):
    services.downloads.flush()
    return services.downloads.totals(project)


def test_whole_files_count(app, users, services):
    app.upload(*WHEEL)
    first = app.ask("GET", PATH, user="boss")
    assert totals(services, FOO) == {"1.0": 1}
    for method, headers in (
        ("HEAD", {}),
        ("GET", {"If-None-Match": first.headers["ETag"]}),
        ("GET", {"Range": "bytes=0-3"}),
    ):
        app.ask(method, PATH, user="boss", headers=headers)
    app.ask("GET", f"{PATH}.metadata", user="boss")
    app.ask("GET", PATH)
    app.ask("GET", "/api/package/foo/foo-9.0.tar.gz", user="boss")
    assert totals(services, FOO) == {"1.0": 1}
    app.ask("GET", PATH, user="boss")
    assert totals(services, FOO) == {"1.0": 2}


def test_crates_count(app, users, services):
    body = framed(json.dumps(announced("bar", "0.1.0")).encode(), a_crate("bar", "0.1.0").content)
    assert app.ask("PUT", "/api/v1/crates/new", user="boss", body=body).status_int == 200
    assert app.ask("GET", "/api/v1/crates/bar/0.1.0/download", user="boss").status_int == 200
    told = app.ask(
        "GET", "/api/v1/crates/bar/0.1.0/download", user="boss", headers={"Accept": "application/json"}
    )
    assert told.json["url"]
    assert totals(services, BAR) == {"0.1.0": 1}


@pytest.mark.promise(180)
def test_a_stop_loses_no_count(tmp_path):
    for expected in (1, 2):
        services = make_services(tmp_path, {"pypi.default_read": "everyone"}, SteppingClock())
        if expected == 1:
            services.access.add_user("boss", PASSWORD, admin=True, actor=None)
        client = Client(services)
        if expected == 1:
            assert client.upload(*WHEEL).status_int == 200
        assert client.ask("GET", PATH).status_int == 200
        services.close()
    again = make_services(tmp_path, {}, SteppingClock())
    assert again.downloads.totals(FOO) == {"1.0": 2}
    again.close()
