"""All addresses that take uploads, with and without their last slash, without a redirect."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import refused

WHEEL = a_wheel("foo", "1.0")


@pytest.mark.parametrize("path", ["/", "/simple/", "/simple", "/legacy/", "/legacy", "/pypi/", "/pypi"])
def test_an_upload_is_taken_there(site, path):
    site.publish(WHEEL, path=path)
    assert site.indexed("foo") == {WHEEL.filename: WHEEL.sha256}
    assert len(site.stored()) == 2


def test_the_package_api_names_project_and_file(site):
    answer = site.publish(WHEEL, path=f"/api/package/Foo/{WHEEL.filename}")
    assert answer.json["name"] == "foo"
    assert answer.json["url"].startswith("/api/package/foo/")


@pytest.mark.parametrize("path", ["/simple/foo/", "/packages/", "/legacy/+simple/foo/", "/rss/updates.xml"])
def test_it_is_refused_where_pages_are(shared, path):
    with shared.unchanged():
        answer = shared.upload(WHEEL, path=path)
        refused(answer, 405)
        assert "POST" not in answer.headers["Allow"]


@pytest.mark.parametrize("base", ["/simple", "/pypi", "/legacy", ""])
@pytest.mark.parametrize("plus", ["+simple", "%2Bsimple"])
@pytest.mark.parametrize("slash", ["/", ""])
def test_uploaders_that_look_first_find_the_page_below_the_address(shared, base, plus, slash):
    shared.publish(WHEEL)
    answer = shared.ask("GET", f"{base}/{plus}/foo{slash}", user="boss", headers={"Accept": "*/*"})
    assert answer.status_int == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert f">{WHEEL.filename}</a>" in answer.text
    nothing = shared.ask("GET", f"{base}/{plus}/nothing{slash}", user="boss")
    assert nothing.status_int == 404


def test_a_mount_point_stays_in_the_answer(site):
    kind, body = site.client.encode_multipart([], [("content", WHEEL.filename, WHEEL.content)])
    answer = site.ask(
        "POST",
        "/legacy/",
        user="boss",
        body=body,
        headers={"Content-Type": kind},
        environ={"SCRIPT_NAME": "/idx"},
    )
    assert answer.json["url"].startswith("/idx/api/package/foo/")
