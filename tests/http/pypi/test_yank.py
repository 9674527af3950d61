"""Yanking and un-yanking, and how every page tells of it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.builders import a_wheel, an_sdist

WHEEL, SDIST = a_wheel("foo", "1.0"), an_sdist("foo", "1.0")
REASONS = [
    "broken",
    'has "quotes" & <tags>',
    "two\nlines",
    "tab\tand\rreturn",
    "naïve – ☃ 𝄞",
    "' onmouseover='x",
    "--><script>",
    " leading and trailing ",
    "]]>",
]


def yank(site, reason=None, version="1.0", user="boss", method="POST"):
    body = {} if reason is None else {"reason": reason}
    return site.ask(
        method,
        f"/api/package/foo/{version}/yank",
        user=user,
        body=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL, SDIST, a_wheel("foo", "2.0"))
    return shared


@pytest.mark.promise(134)
@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_arrives_unharmed_in_every_page(full, reason):
    answer = yank(full, reason)
    assert answer.status_int == 200
    assert set(answer.json["yanked"]) == {WHEEL.filename, SDIST.filename}
    assert full.entry("foo", WHEEL.filename)["yanked"] == reason
    assert full.entry("foo", "foo-2.0-py3-none-any.whl")["yanked"] is False
    lines = [line for line in full.html("foo").split("\n") if "data-yanked" in line]
    assert len(lines) == 2
    for line in lines:
        shown = re.search(r'data-yanked="([^"]*)"', line)[1]
        assert unescape(shown) == reason
        assert "<" not in shown
    urls = full.ask("GET", "/pypi/foo/1.0/json", user="ann").json
    assert urls["info"]["yanked"] is True
    assert urls["info"]["yanked_reason"] == reason
    assert {file["yanked_reason"] for file in urls["urls"]} == {reason}


def test_without_a_reason(full):
    assert yank(full).status_int == 200
    assert full.entry("foo", WHEEL.filename)["yanked"] is True
    attributes = re.findall(r'data-yanked(="")?', full.html("foo"))
    assert len(attributes) == 2
    told = full.ask("GET", "/pypi/foo/1.0/json", user="ann").json
    assert told["info"]["yanked"] is True
    assert told["info"]["yanked_reason"] is None


def test_it_can_be_taken_back_and_done_again(site):
    site.publish(WHEEL)
    before = site.page("foo")["files"]
    for address, method in (("/api/package/foo/1.0/yank", "DELETE"), ("/api/package/foo/1.0/unyank", "POST")):
        yank(site, "oops")
        assert site.entry("foo", WHEEL.filename)["yanked"] == "oops"
        assert site.ask(method, address, user="boss").status_int == 200
        assert site.page("foo")["files"] == before
        assert "data-yanked" not in site.html("foo")


def test_one_file_alone_can_be_yanked(site):
    site.publish(WHEEL, SDIST)
    assert yank(site, "bad build", version=WHEEL.filename).json["yanked"] == [WHEEL.filename]
    assert site.entry("foo", WHEEL.filename)["yanked"] == "bad build"
    assert site.entry("foo", SDIST.filename)["yanked"] is False
    assert site.ask("GET", "/pypi/foo/1.0/json", user="ann").json["info"]["yanked"] is False


def test_a_version_is_found_however_it_is_spelled(site):
    site.publish(WHEEL)
    assert yank(site, "x", version="1.0.0").json["yanked"] == [WHEEL.filename]


def test_a_yanked_file_can_still_be_fetched(site):
    site.publish(WHEEL)
    yank(site)
    assert site.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="ann").body == WHEEL.content


def test_bytes_and_upload_time_stay_and_a_record_is_kept(site):
    site.publish(WHEEL)
    stored, before, records = site.stored(), site.entry("foo", WHEEL.filename), site.records()
    yank(site, "x")
    after = site.entry("foo", WHEEL.filename)
    assert site.stored() == stored
    assert after | {"yanked": False} == before
    assert len(site.records() - records) == 1


def test_uploading_a_yanked_file_again_leaves_it_yanked(site):
    site.publish(WHEEL)
    yank(site, "x")
    with site.unchanged():
        site.publish(WHEEL)
    assert site.entry("foo", WHEEL.filename)["yanked"] == "x"


@pytest.mark.parametrize("version", ["3.0", "nonsense", "..", "%00", "foo-9.whl", "latest"])
def test_what_is_not_there_cannot_be_yanked(full, version):
    with full.unchanged():
        assert yank(full, version=version).status_int in {400, 404}


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("ann", 403)])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_only_those_who_may_write_may_yank(full, user, status, method):
    with full.unchanged():
        assert yank(full, "x", user=user, method=method).status_int == status


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"reason": "\\ud800"}', "application/json"),
        (b'{"reason": "a\\u0000b"}', "application/json"),
        (b"reason=%00", "application/x-www-form-urlencoded"),
        (b"reason=%ff%fe", "application/x-www-form-urlencoded"),
        (b'{"reason": 5}', "application/json"),
        (b'{"reason": null}', "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 20_000, "application/json"),
        (b'{"reason": ' + b"9" * 10_000 + b"}", "application/json"),
        (b'{"reason": "' + b"x" * 1001 + b'"}', "application/json"),
        (b"reason=x", "text/plain"),
        (b"\xff", "multipart/form-data"),
    ],
)
def test_a_malformed_reason_is_refused_and_changes_nothing(full, body, kind):
    with full.unchanged():
        answer = full.ask(
            "POST", "/api/package/foo/2.0/yank", user="boss", body=body, headers={"Content-Type": kind}
        )
        assert answer.status_int in {400, 415}, answer


@pytest.mark.parametrize("query", ["reason=from%20query", "reason=a&reason=from%20query"])
def test_a_reason_may_come_in_the_query(site, query):
    site.publish(WHEEL)
    assert site.ask("POST", f"/api/package/foo/1.0/yank?{query}", user="boss").status_int == 200
    assert site.entry("foo", WHEEL.filename)["yanked"] == "from query"
