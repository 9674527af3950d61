"""Limits of size and number hold while a request is read, and leave nothing behind."""

from __future__ import annotations

import random

import pytest

from tests.builders import Built, a_wheel
from tests.http.pypi.site import form, part, refused

INI = {
    "limits.file": "20000",
    "limits.body": "60000",
    "limits.form_field": "3000",
    "limits.form_fields": "20",
    "limits.description": "8000",
    "limits.json": "2000",
    "limits.url": "1000",
}
SMALL = a_wheel("foo", "1.0")
LARGE = a_wheel("large", "1.0", files={"large/x.bin": random.Random(1).randbytes(30_000)})


def spooled(site) -> list[str]:
    folder = site.services.settings.server.spool_dir
    return [path.name for path in folder.iterdir()] if folder and folder.exists() else []


def test_what_is_within_the_limits_is_taken(shared):
    shared.publish(SMALL, description="d" * 8000, summary="s" * 3000)
    assert shared.indexed("foo")


@pytest.mark.promise(91)
@pytest.mark.parametrize("path", ["/simple/", "/api/package/large/" + LARGE.filename])
def test_a_file_above_its_limit(shared, path):
    with shared.unchanged():
        refused(shared.upload(LARGE, path=path), 413, "20000")
    assert spooled(shared) == []


@pytest.mark.promise(91)
def test_a_file_above_the_limit_is_not_read_to_its_end(shared):
    read = 0

    class Endless:
        def read(self, size=-1):
            nonlocal read
            head = form([part("content", b"", LARGE.filename)])[1].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            chunk = head if read == 0 else b"x" * min(size, 65536)
            read += len(chunk)
            return chunk

    answer = shared.raw(
        "POST",
        "/legacy/",
        user="boss",
        headers={"Content-Type": "multipart/form-data; boundary=b0undary"},
        environ={"wsgi.input": Endless(), "wsgi.input_terminated": True},
    )
    assert answer.status_int == 413
    assert read < 1_000_000


@pytest.mark.promise(91)
@pytest.mark.parametrize(
    ("field", "size"), [("summary", 3001), ("description", 8001), ("attestations", 3001)]
)
def test_a_field_above_its_limit(shared, field, size):
    with shared.unchanged():
        refused(shared.upload(a_wheel("bar", "1.0"), **{field: "x" * size}), 413, field)


@pytest.mark.promise(91)
def test_too_many_fields(shared):
    many = [part("classifiers", "x") for _ in range(25)]
    with shared.unchanged():
        refused(
            shared.send([*many, part("content", SMALL.content, "bar-1.0-py3-none-any.whl")]), 400, "too many"
        )


@pytest.mark.promise(91, 149)
def test_a_body_above_the_limit_is_refused_by_its_length(shared):
    fields = [part("x", "y" * 2900) for _ in range(19)]
    kind, body = form([*fields, part("description", "y" * 7900), part("summary", "z" * 2900)])
    assert len(body) > 60_000
    with shared.unchanged():
        refused(shared.ask("POST", "/legacy/", user="boss", body=body, headers={"Content-Type": kind}), 413)


@pytest.mark.promise(91)
def test_a_part_with_endless_headers(shared):
    raw = b'Content-Disposition: form-data; name="x"; y="' + b"a" * 9000 + b'"\r\n\r\nv'
    with shared.unchanged():
        refused(shared.send([raw]), 400)


def test_a_small_request_with_a_large_body(shared):
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = shared.ask(
            "POST", "/api/package/foo/1.0/yank", user="boss", body=b"x" * 3000, headers={"Content-Type": kind}
        )
        refused(answer, 413)


@pytest.mark.promise(91)
def test_a_long_address(shared):
    for path in ("/simple/" + "a" * 2000 + "/", "/simple/foo/?x=" + "a" * 2000):
        refused(shared.ask("GET", path, user="ann"), 400)


@pytest.mark.promise(101)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "br", "GZIP", "gzip, gzip", "x-unknown"])
def test_packed_requests_are_not_unpacked(shared, encoding):
    kind, body = form([part("content", SMALL.content, "bar-1.0-py3-none-any.whl")])
    with shared.unchanged():
        answer = shared.ask(
            "POST",
            "/legacy/",
            user="boss",
            body=body,
            headers={"Content-Type": kind, "Content-Encoding": encoding},
        )
        refused(answer, 415, "Content-Encoding")
        packed = shared.ask(
            "POST",
            "/api/package/foo/1.0/yank",
            user="boss",
            body=b"{}",
            headers={"Content-Type": "application/json", "Content-Encoding": encoding},
        )
        refused(packed, 415)


def test_identity_is_no_encoding(shared):
    kind, body = form([part("content", SMALL.content, SMALL.filename)])
    answer = shared.ask(
        "POST",
        "/legacy/",
        user="boss",
        body=body,
        headers={"Content-Type": kind, "Content-Encoding": "identity"},
    )
    assert answer.status_int == 200


def test_nothing_stays_in_the_spool(shared):
    shared.publish(SMALL)
    shared.upload(Built("foo-1.0-py3-none-any.whl", b"x"))
    assert spooled(shared) == []
