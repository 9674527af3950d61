"""How a refused upload is told: each client finds the cause where it looks for it."""

from __future__ import annotations

import pytest

from tests.builders import Built, a_wheel
from tests.http.pypi.site import SKIP_PHRASES, form, part, refused

UV = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"
KIND, BODY = form(
    [part("name", "other"), part("content", a_wheel("foo", "1.0").content, "foo-1.0-py3-none-any.whl")]
)


def send(site, accept, path="/legacy/"):
    headers = {"Content-Type": KIND} | ({"Accept": accept} if accept is not None else {})
    return site.ask("POST", path, user="boss", body=BODY, headers=headers)


@pytest.mark.parametrize("path", ["/legacy/", "/simple/", "/", "/pypi/"])
def test_uv_reads_the_cause_as_json(shared, path):
    answer = send(shared, UV, path)
    refused(answer, 400, "name")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["code"].startswith("400 ")
    assert "other" in answer.json["code"]


@pytest.mark.parametrize("accept", ["*/*", None, "text/plain", "image/png", "nonsense;;"])
def test_the_others_read_it_from_the_status_line_and_as_text(shared, accept):
    answer = send(shared, accept)
    refused(answer, 400, "name")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "other" in answer.status


def test_a_browser_reads_a_page(shared):
    answer = send(shared, "text/html,application/xhtml+xml,*/*;q=0.8")
    refused(answer, 400, "name")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_package_api_answers_in_json_whatever_is_accepted(shared):
    for accept in (UV, "*/*", "text/html"):
        answer = send(shared, accept, "/api/package/other/x.whl")
        refused(answer, 400)
        assert answer.json.keys() >= {"error", "message", "code"}


@pytest.mark.parametrize(
    "filename",
    [
        "föö-1.0.tar.gz",
        "☃-1.0.tar.gz",
        "a\x85b-1.0.tar.gz",
        "a b.tar.gz",
        "x" * 4000 + ".whl",
        "%0d%0aSet-Cookie: a=b",
    ],
)
def test_the_status_line_stays_one_short_latin_line(shared, filename):
    answer = shared.send([part("content", b"x", filename)])
    refused(answer, 400)
    assert len(answer.status) < 400
    assert "\n" not in answer.status
    assert "Set-Cookie" not in answer.headers


def test_refusals_are_kept_by_nobody(shared):
    assert send(shared, UV).headers["Cache-Control"] == "no-store"


def test_no_refusal_but_one_looks_like_a_file_that_is_there(shared):
    """Otherwise ``--skip-existing`` would skip what was never stored."""
    shared.publish(a_wheel("bar", "1.0"))
    told = [
        send(shared, "*/*"),
        shared.upload(Built("bar-1.0.tar.gz", b"x")),
        shared.upload(a_wheel("bar", "2.0"), protocol_version="9"),
        shared.upload(a_wheel("bar", "2.0"), user="ann"),
        shared.upload(a_wheel("bar", "2.0"), user=None),
        shared.upload(a_wheel("bar", "2.0"), md5_digest="0" * 32),
        shared.ask("POST", "/legacy/", user="boss", body=b"", headers={"Content-Type": "text/plain"}),
        shared.ask("PUT", "/legacy/", user="boss"),
    ]
    for answer in told:
        assert answer.status_int not in {200, 409}
        assert not any(phrase in (answer.status + answer.text).lower() for phrase in SKIP_PHRASES)
