"""Downloads: whole, in parts, again, and never as anything but a file."""

from __future__ import annotations

import hashlib

import pytest

from tests.builders import a_wheel, an_sdist

WHEEL = a_wheel("foo", "1.0", files={"foo/data.bin": bytes(range(256)) * 40}, stored=True)
SDIST = an_sdist("foo", "1.0")
PATH = f"/api/package/foo/{WHEEL.filename}"
SIZE = WHEEL.size


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL, SDIST)
    return shared


def get(site, path=PATH, method="GET", user="ann", **headers):
    return site.raw(
        method, path, user=user, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.promise(28)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("built", [WHEEL, SDIST], ids=["wheel", "sdist"])
def test_what_is_told_of_a_file(full, method, built):
    answer = get(full, f"/api/package/foo/{built.filename}", method)
    assert answer.status_int == 200
    assert answer.headers["Content-Length"] == str(built.size)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert built.sha256 in answer.headers["ETag"]
    assert answer.body == (built.content if method == "GET" else b"")


def test_a_file_is_never_compressed_on_the_way(full):
    answer = get(full, Accept_Encoding="gzip, deflate, br, zstd")
    assert "Content-Encoding" not in answer.headers
    assert answer.body == WHEEL.content


@pytest.mark.promise(34)
@pytest.mark.parametrize(
    ("wish", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=-20", slice(SIZE - 20, SIZE)),
        ("bytes=100-", slice(100, SIZE)),
        (f"bytes=0-{SIZE * 2}", slice(0, SIZE)),
        (f"bytes={SIZE - 1}-{SIZE - 1}", slice(SIZE - 1, SIZE)),
        (f"bytes=-{SIZE * 3}", slice(0, SIZE)),
    ],
)
def test_a_part_of_a_file(full, wish, part):
    answer = get(full, Range=wish)
    assert answer.status_int == 206
    assert answer.body == WHEEL.content[part]
    assert answer.headers["Content-Range"] == f"bytes {part.start}-{part.stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(part.stop - part.start)


@pytest.mark.promise(34)
@pytest.mark.parametrize("wish", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_a_part_that_is_not_there(full, wish):
    answer = get(full, Range=wish)
    assert answer.status_int == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.promise(34)
@pytest.mark.parametrize(
    "wish",
    ["bytes=9-0", "lines=0-9", "bytes", "bytes=a-b", "bytes=--5", "bytes=0-9,20-29", "bytes=" + ",".join(["0-"] * 500),
     "bytes=" + "9" * 400 + "-", "bytes=-" + "9" * 400, "\xff"],
)  # fmt: skip
def test_absurd_and_many_ranges_cost_no_more_than_the_file(full, wish):
    answer = get(full, Range=wish)
    assert answer.status_int in {200, 206, 416}
    assert len(answer.body) <= SIZE
    if answer.status_int == 200:
        assert answer.body == WHEEL.content


def test_a_broken_download_goes_on_only_with_the_same_file(full):
    tag = get(full).headers["ETag"]
    modified = get(full).headers["Last-Modified"]
    for condition in (tag, modified):
        assert get(full, Range="bytes=10-", If_Range=condition).status_int == 206
    for condition in ('"other"', "W/" + tag, "Mon, 01 Jan 2001 00:00:00 GMT", "nonsense"):
        answer = get(full, Range="bytes=10-", If_Range=condition)
        assert answer.status_int == 200
        assert answer.body == WHEEL.content


def test_a_file_that_the_client_has_is_not_sent_again(full):
    first = get(full)
    for method in ("GET", "HEAD"):
        again = get(full, method=method, If_None_Match=first.headers["ETag"])
        assert again.status_int == 304
        assert again.body == b""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.mark.promise(103)
@pytest.mark.parametrize(
    "path",
    [
        "/api/package/foo/../../../etc/passwd",
        "/api/package/foo/..%2f..%2f..%2fetc%2fpasswd",
        "/api/package/foo/%2e%2e/%2e%2e/state.sqlite",
        "/api/package/../state.sqlite",
        "/api/package/foo/..%5c..%5cstate.sqlite",
        "/api/package/foo/%252e%252e%252fstate.sqlite",
        "/api/package/foo//etc/passwd",
        "/api/package/foo/./" + WHEEL.filename,
        "/api/package/foo/%00",
        f"/api/package/foo/{WHEEL.filename}%00",
        f"/api/package/foo/{WHEEL.filename};x=1",
        f"/api/package/foo/{WHEEL.filename}.asc",
        f"/api/package/foo/{WHEEL.filename}.metadata.metadata",
        f"/api/package/foo/{WHEEL.filename.upper()}",
        f"/api/package/bar/{WHEEL.filename}",
        "/api/package/foo/%c0%ae%c0%ae%c0%afstate.sqlite",
        "/api/package/foo/.metadata",
        "/api/package/foo/secret.key",
        "/static/../secret.key",
        "/static/%2e%2e/setup.cfg",
        "/static/..%2fsetup.cfg",
    ],
)
def test_no_path_reaches_anything_else(full, path):
    answer = full.ask("GET", path, user="boss")
    assert answer.status_int in {400, 404}
    assert b"SQLite" not in answer.body
    assert b"root:" not in answer.body


def test_a_slash_at_the_end_is_the_same_file(full):
    answer = full.ask("GET", f"/api/package/foo/{WHEEL.filename}/", user="boss")
    assert answer.status_int == 200
    assert answer.body == WHEEL.content


def test_the_bytes_in_storage_are_the_ones_that_were_sent(full):
    stored = {hashlib.sha256(full.stored_bytes(key)).hexdigest() for key in full.stored()}
    assert {WHEEL.sha256, SDIST.sha256} <= stored
    assert full.indexed("foo") == {WHEEL.filename: WHEEL.sha256, SDIST.filename: SDIST.sha256}


@pytest.mark.promise(138)
def test_a_program_page_inside_a_file_is_no_page_of_ours(site):
    built = an_sdist("page", "1.0", extension=".zip", files={"x.html": b"<script>alert(1)</script>"})
    site.publish(built)
    answer = get(site, f"/api/package/page/{built.filename}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "Set-Cookie" not in answer.headers


def test_metadata_is_plain_text(full):
    answer = get(full, PATH + ".metadata")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert get(full, PATH + ".metadata", Range="bytes=0-3").body == answer.body[:4]


@pytest.mark.promise(30)
def test_a_listed_file_whose_bytes_are_gone_is_told_plainly(site):
    site.publish(WHEEL)
    for key in site.stored():
        site.services.storage.delete(key)
    answer = get(site)
    assert answer.status_int == 503
    assert b"v1/" not in answer.body
    assert "Traceback" not in answer.text


class TestWhereFilesMayChange:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_overwrite_groups": "authenticated"}

    def test_clients_ask_again_whether_they_have_the_right_bytes(self, site):
        site.publish(WHEEL)
        first = get(site)
        assert "immutable" not in first.headers["Cache-Control"]
        assert "no-cache" in first.headers["Cache-Control"]
        site.publish(a_wheel("foo", "1.0", files={"foo/new.py": b""}))
        assert get(site, If_None_Match=first.headers["ETag"]).status_int == 200
