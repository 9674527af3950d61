"""The forms of the uploaders as they send them, and what no form may break."""

from __future__ import annotations

import json

import pytest

from tests.builders import Built, a_wheel, an_sdist
from tests.http.pypi.site import form, part, refused

WHEEL, SDIST = a_wheel("Cap.Demo_pkg", "1.0", requires_python=">=3.8"), an_sdist("Cap.Demo_pkg", "1.0")
OCTETS = "application/octet-stream"
COMMON = [part(":action", "file_upload"), part("protocol_version", "1"), part("metadata_version", "2.4")]


def content(built: Built, kind: str | None = OCTETS) -> bytes:
    return part("content", built.content, built.filename, kind)


def twine(built: Built) -> list[bytes]:
    return [
        *COMMON,
        part("name", "Cap.Demo-pkg"),
        part("version", "1.0"),
        part("filetype", "bdist_wheel"),
        part("pyversion", "py3"),
        part("license_file", "LICENSE"),
        part("license_file", "NOTICE"),
        part("keywords", "a, b"),
        part("sha256_digest", built.digests["sha256"]),
        part("blake2_256_digest", built.digests["blake2b_256"]),
        content(built),
    ]


def uv(built: Built) -> list[bytes]:
    return [
        *COMMON,
        part("name", "Cap.Demo_pkg"),
        part("version", "1.0"),
        part("filetype", "bdist_wheel"),
        part("pyversion", "py3"),
        part("import_names", "cap"),
        part("requires_python", ""),
        part("sha256_digest", built.digests["sha256"]),
        content(built, None),
        part("comment", "a field after the file"),
    ]


def poetry(built: Built) -> list[bytes]:
    fields = [("name", "cap-demo-pkg"), ("version", "1.0"), ("filetype", "bdist_wheel"), ("pyversion", "py3")]
    digests = [("md5_digest", "md5"), ("sha256_digest", "sha256"), ("blake2_256_digest", "blake2b_256")]
    named = [part(name, value) for name, value in fields]
    return [*COMMON, *named, *[part(name, built.digests[key]) for name, key in digests], content(built)]


def hatch(built: Built) -> list[bytes]:
    return [part("import_name", "cap"), part("requires_python", ">=3.8"), *poetry(built)]


def flit(built: Built) -> list[bytes]:
    fields = [("name", "Cap.Demo_pkg"), ("version", "1.0"), ("filetype", "bdist_wheel"), ("pyversion", "py3")]
    digests = [part("md5_digest", built.digests["md5"]), part("sha256_digest", built.digests["sha256"])]
    return [
        *COMMON,
        *[part(*field) for field in fields],
        part("provides", "cap"),
        *digests,
        content(built, None),
    ]


def pdm(built: Built) -> list[bytes]:
    return [part("provides_extras", "x"), part("gpg_signature", b"\x88\x75", "x.asc", OCTETS), *poetry(built)]


def curl(built: Built) -> list[bytes]:
    return [part(":action", "file_upload"), part("protocol_version", "1"), content(built)]


def bare(built: Built) -> list[bytes]:
    return [content(built)]


@pytest.mark.parametrize("client", [twine, uv, poetry, hatch, flit, pdm, curl, bare])
def test_the_form_of_each_client_is_taken(site, client):
    answer = site.send(client(WHEEL))
    assert answer.status_int == 200, answer
    assert site.indexed("cap-demo-pkg") == {WHEEL.filename: WHEEL.sha256}
    assert {site.stored_bytes(key) for key in site.stored()} >= {WHEEL.content}
    assert site.entry("cap-demo-pkg", WHEEL.filename)["requires-python"] == ">=3.8"


@pytest.mark.parametrize("client", [twine, uv, poetry, hatch, flit, pdm])
def test_each_client_may_repeat_what_another_sent(shared, client):
    if not shared.indexed("cap-demo-pkg"):
        assert shared.send(curl(WHEEL)).status_int == 200
    with shared.unchanged():
        assert shared.send(client(WHEEL)).status_int == 200


def test_fields_after_the_file_count(shared):
    late = [part("content", WHEEL.content, WHEEL.filename), part("name", "other")]
    with shared.unchanged():
        refused(shared.send(late), 400, "name")


@pytest.mark.parametrize(
    "more",
    [
        [("no_such_field", "x")],
        [("description", "ä" * 100_000)],
        [("classifiers", f"Topic :: {n}") for n in range(300)],
        [("classifiers", "Private :: Do Not Upload")],
        [("import_namespaces", "a.b")],
        [("license_expression", "MIT"), ("license", "MIT")],
        [("dynamic", "Nothing")],
        [("home_page", "javascript:alert(1)")],
        [("", "no name")],
        [("summary", "UNKNOWN")],
        [("name", ""), ("version", "")],
        [("metadata_version", "2.5")],
        [("pyversion", "cp312.cp313")],
        [("project_urls", "A, https://a.example/"), ("project_urls", "no comma")],
        [("x" * 300, "y")],
    ],
    ids=lambda more: more[0][0][:20] or "nameless",
)
def test_other_fields_do_not_matter(site, more):
    parts = [*(part(name, value) for name, value in more), content(WHEEL)]
    assert site.send(parts).status_int == 200
    assert site.indexed("cap-demo-pkg") == {WHEEL.filename: WHEEL.sha256}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ([(":action", "submit")], ":action"),
        ([(":action", "doc_upload")], ":action"),
        ([("protocol_version", "2")], "protocol_version"),
        ([("filetype", "bdist_egg")], "filetype"),
        ([("filetype", "sdist")], "filetype"),
        ([("metadata_version", "2.0")], "metadata_version"),
        ([("metadata_version", "9.9")], "metadata_version"),
        ([("pyversion", "source")], "pyversion"),
    ],
)
def test_a_field_that_cannot_be_right_is_refused(shared, fields, word):
    with shared.unchanged():
        refused(shared.send([*(part(*field) for field in fields), content(SDIST_OF_NONE)]), 400, word)


SDIST_OF_NONE = a_wheel("never-stored", "1.0")


def test_the_action_may_stand_in_the_query(site):
    assert site.send([content(WHEEL)], path="/legacy/?:action=file_upload").status_int == 200
    with site.unchanged():
        refused(site.send([content(SDIST)], path="/legacy/?:action=verify"), 400, ":action")


def test_without_a_file_it_is_no_upload(shared):
    with shared.unchanged():
        refused(shared.send([part(":action", "file_upload"), part("name", "foo")]), 400, "content")
        refused(shared.send([part("content", WHEEL.content)]), 400, "content")


@pytest.mark.parametrize(
    "name", ["name", "version", "sha256_digest", ":action", "protocol_version", "attestations"]
)
def test_a_field_that_is_sent_as_a_file_is_refused(shared, name):
    with shared.unchanged():
        sent = [part(name, "x", "x.txt"), content(SDIST_OF_NONE)]
        refused(shared.send(sent), 400, name)


def test_two_files_are_refused(shared):
    with shared.unchanged():
        refused(shared.send([content(WHEEL), content(SDIST)]), 400, "content")


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "multipart/mixed; boundary=b0undary",
    ],
)
def test_a_body_that_is_no_such_form_is_refused(shared, kind):
    _, body = form([content(WHEEL)])
    with shared.unchanged():
        answer = shared.ask("POST", "/legacy/", user="boss", body=body, headers={"Content-Type": kind})
        refused(answer, 415)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", 'multipart/form-data; boundary=""', "multipart/form-data; boundary=other"]
)
def test_a_form_without_its_boundary_is_refused(shared, kind):
    _, body = form([content(WHEEL)])
    with shared.unchanged():
        refused(shared.ask("POST", "/legacy/", user="boss", body=body, headers={"Content-Type": kind}), 400)


def test_text_that_is_no_utf8_is_refused(shared):
    with shared.unchanged():
        refused(shared.send([part("summary", b"\xff\xfe"), content(WHEEL)]), 400, "summary")


def test_the_answer_tells_what_is_there_now(site):
    answer = site.send(twine(WHEEL))
    assert json.loads(answer.body)["filename"] == WHEEL.filename
    assert answer.headers["Content-Type"] == "application/json"
