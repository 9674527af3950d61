"""An upload that ends early, or whose storing fails, is as if it had never been."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from pypicloud_like.core.errors import NoSpace, Unavailable
from pypicloud_like.core.keys import RECORDS
from tests.builders import a_wheel
from tests.http.pypi.site import Site, form, part, refused

WHEEL = a_wheel("foo", "1.0", files={"foo/x.bin": bytes(range(256)) * 20}, stored=True)
KIND, BODY = form(
    [part(":action", "file_upload"), part("content", WHEEL.content, WHEEL.filename), part("z", "last")]
)


def post(site, body, *, length=None):
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return site.raw("POST", "/legacy/", user="boss", headers={"Content-Type": KIND}, environ=environ)


CUTS = [0, 1, 10, 60, 150, 400, len(BODY) // 2, len(BODY) - 60, len(BODY) - 20, len(BODY) - 5]


@pytest.mark.promise(5)
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("told", [True, False], ids=["with its length", "without"])
def test_a_body_that_ends_early(shared, cut, told):
    with shared.unchanged():
        refused(post(shared, BODY[:cut], length=len(BODY) if told else None), 400)


def test_the_whole_body_is_taken(site):
    assert post(site, BODY, length=len(BODY)).status_int == 200
    assert site.indexed("foo") == {WHEEL.filename: WHEEL.sha256}


def test_without_a_length_it_is_read_to_its_end(site):
    assert post(site, BODY).status_int == 200


def test_what_comes_after_the_last_boundary_is_not_part_of_the_file(site):
    more = BODY + b"\r\nepilogue"
    assert post(site, more, length=len(more)).status_int == 200
    assert site.indexed("foo") == {WHEEL.filename: WHEEL.sha256}


@pytest.mark.promise(5)
def test_a_boundary_that_never_ends(shared):
    with shared.unchanged():
        refused(post(shared, BODY.replace(b"b0undary--", b"b0undary\r\n"), length=len(BODY)), 400)


class Failing:
    """A storage that fails at the nth thing it is asked to keep."""

    def __init__(self, inner, error, *, at):
        self._inner = inner
        self._error = error
        self.at = at

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def put(self, key, source, **rest):
        self.at -= 1
        if self.at == 0:
            raise self._error
        self._inner.put(key, source, **rest)


@pytest.fixture
def failing(services, clock):
    def make(error, at):
        broken = Failing(services.storage, error, at=at)
        changes = type(services.changes)(broken, services.cache)
        return Site(replace(services, storage=broken, changes=changes), clock)

    return make


@pytest.mark.promise(10)
@pytest.mark.parametrize(("error", "status"), [(NoSpace(), 507), (Unavailable("storage"), 503)])
@pytest.mark.parametrize("at", [1, 2])
def test_when_the_bytes_cannot_be_stored_nothing_is_visible(site, failing, error, status, at):
    broken = failing(error, at)
    answer = refused(broken.upload(WHEEL), status)
    assert "v1/" not in answer
    assert site.indexed("foo") == {}
    assert site.ask("GET", "/simple/foo/", user="ann").status_int == 404
    assert site.services.state.owned("boss") == frozenset()
    site.publish(WHEEL)
    assert site.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="ann").body == WHEEL.content


@pytest.mark.promise(10)
def test_when_the_record_cannot_be_stored_sending_it_again_completes_it(site, failing):
    broken = failing(Unavailable("storage"), 3)
    answer = broken.upload(WHEEL)
    assert answer.status_int == 503
    assert "Retry-After" in answer.headers
    before = site.entry("foo", WHEEL.filename)
    assert not list(site.services.storage.list(RECORDS))
    site.publish(WHEEL)
    assert len(site.records()) == 1
    assert site.entry("foo", WHEEL.filename) == before


@pytest.mark.promise(1)
def test_bytes_metadata_and_page_become_visible_together(site, monkeypatch):
    """Whatever is stored first, nobody sees the file before the index has it."""
    seen = []
    inner = site.services.cache.change

    def change(*args, **rest):
        seen.append(site.ask("GET", "/simple/foo/", user="ann").status_int)
        seen.append(site.ask("GET", f"/api/package/foo/{WHEEL.filename}", user="ann").status_int)
        entries = inner(*args, **rest)
        file = site.page("foo")["files"][0]
        seen.append(site.ask("GET", file["url"], user="ann").body == WHEEL.content)
        seen.append(site.ask("GET", file["url"] + ".metadata", user="ann").status_int)
        return entries

    monkeypatch.setattr(site.services.cache, "change", change)
    site.publish(WHEEL)
    assert seen == [404, 404, True, 200]
