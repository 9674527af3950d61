"""A project's page: what it says of each file, in JSON and in HTML, and that all of it is true."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from tests.builders import a_wheel, an_sdist
from tests.http.pypi.site import HTML, JSON

WHEEL = a_wheel("Foo.Bar", "1.0", requires_python=">=3.8,<4")
SDIST = an_sdist("Foo.Bar", "1.0", requires_python=">=3.8,<4")


class Anchors(HTMLParser):
    """The links of a page with their attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self.metas: dict[str, str] = {}
        self._open: dict[str, str | None] | None = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self._open = dict(attributes)
        if tag == "meta" and "name" in dict(attributes):
            self.metas[dict(attributes)["name"]] = dict(attributes)["content"]

    def handle_data(self, data):
        if self._open is not None:
            self.found.append((self._open, data))
            self._open = None


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL, SDIST)
    return shared


def test_the_json_page_has_the_mandatory_keys_with_their_types(full):
    page = full.page("foo-bar")
    assert page["meta"]["api-version"] == "1.4"
    assert page["name"] == "foo-bar"
    assert page["versions"] == ["1.0"]
    assert [file["filename"] for file in page["files"]] == sorted([WHEEL.filename, SDIST.filename])
    for file, built in zip(page["files"], sorted([WHEEL, SDIST]), strict=True):
        assert file["hashes"] == {"sha256": built.sha256}
        assert file["size"] == built.size
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", file["upload-time"])
        assert file["requires-python"] == "<4,>=3.8" or file["requires-python"] == ">=3.8,<4"
        assert file["yanked"] is False


def test_no_optional_key_is_null_or_of_a_rejected_proposal(full):
    page = full.page("foo-bar")
    assert not page.keys() & {"alternate-locations", "namespaces"}
    assert "tracks" not in page["meta"]
    for holder in (page, page["meta"], page["project-status"], *page["files"]):
        assert None not in holder.values()


@pytest.mark.promise(1)
def test_every_listed_file_can_be_fetched_and_has_the_listed_hash(full):
    for file in full.page("foo-bar")["files"]:
        address = urljoin("/simple/foo-bar/", file["url"])
        answer = full.ask("GET", address, user="ann")
        assert answer.status_int == 200
        assert hashlib.sha256(answer.body).hexdigest() == file["hashes"]["sha256"]
        assert len(answer.body) == file["size"]


def test_no_address_of_a_file_carries_a_query(full):
    assert not any("?" in file["url"] for file in full.page("foo-bar")["files"])


@pytest.mark.promise(8)
def test_the_metadata_beside_a_wheel_is_the_one_inside_it(full):
    claimed = full.entry("foo-bar", WHEEL.filename)["core-metadata"]["sha256"]
    answer = full.ask("GET", full.entry("foo-bar", WHEEL.filename)["url"] + ".metadata", user="ann")
    assert answer.status_int == 200
    assert hashlib.sha256(answer.body).hexdigest() == claimed
    inside = zipfile.ZipFile(io.BytesIO(WHEEL.content)).read("foo_bar-1.0.dist-info/METADATA")
    assert answer.body == inside


def test_an_sdist_claims_no_metadata_and_has_none(full):
    entry = full.entry("foo-bar", SDIST.filename)
    assert not entry.get("core-metadata", False)
    assert full.ask("GET", entry["url"] + ".metadata", user="ann").status_int == 404


def test_the_html_page_says_the_same(full):
    page = Anchors(full.html("foo-bar"))
    assert page.metas["pypi:repository-version"] == "1.4"
    by_name = {text: attributes for attributes, text in page.found}
    assert set(by_name) == {WHEEL.filename, SDIST.filename}
    for file in full.page("foo-bar")["files"]:
        attributes = by_name[file["filename"]]
        address, _, fragment = attributes["href"].partition("#")
        assert fragment == f"sha256={file['hashes']['sha256']}"
        assert address.rpartition("/")[2] == file["filename"]
        assert address == file["url"]
        assert attributes["data-requires-python"] == file["requires-python"]
        assert "data-yanked" not in attributes
    wheel = by_name[WHEEL.filename]
    digest = full.entry("foo-bar", WHEEL.filename)["core-metadata"]["sha256"]
    assert wheel["data-core-metadata"] == f"sha256={digest}"
    assert wheel.get("data-dist-info-metadata", wheel["data-core-metadata"]) == wheel["data-core-metadata"]
    assert "data-core-metadata" not in by_name[SDIST.filename]


def test_angle_brackets_of_requires_python_are_escaped_in_html_and_not_in_json(full):
    assert 'data-requires-python="' in full.html("foo-bar")
    attribute = re.search(r'data-requires-python="([^"]*)"', full.html("foo-bar"))[1]
    assert "&gt;=3.8" in attribute
    assert "<" not in attribute
    assert "&" not in full.page("foo-bar")["files"][0]["requires-python"]


def test_each_anchor_stands_on_a_line_of_its_own(full):
    lines = [line for line in full.html("foo-bar").splitlines() if "<a " in line]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r'<a href="[^"]+"[^>]*>[^<]+</a>', line)


@pytest.mark.parametrize("accept", [JSON, HTML, "text/html", "*/*"])
def test_an_unknown_project_is_not_found_in_every_representation(shared, accept):
    answer = shared.ask("GET", "/simple/nothing-here/", user="ann", headers={"Accept": accept})
    assert answer.status_int == 404
    assert "<a " not in answer.text


@pytest.mark.promise(104)
@pytest.mark.parametrize(
    "name", ["f%C3%B6%C3%B6", "foo%20bar", "-foo", "foo-", "foo..", "%EF%BD%86oo", ".", "..", "a" * 5000]
)
def test_what_can_be_no_name_is_not_found(shared, name):
    assert shared.ask("GET", f"/simple/{name}/", user="ann").status_int in {404, 301}


def test_a_project_whose_files_are_all_deleted_has_an_empty_page(site):
    site.publish(WHEEL)
    site.ask("DELETE", f"/api/package/foo-bar/{WHEEL.filename}", user="boss")
    page = site.page("foo-bar")
    assert page["files"] == []
    assert page["versions"] == []
    assert Anchors(site.html("foo-bar")).found == []


def test_versions_cover_all_files_once_in_their_order(site):
    for version in ("1.10", "1.9", "1!0.1", "1.9.post1", "1.9rc1", "1.9.dev1", "1.9+corp.2"):
        site.publish(an_sdist("foo", version))
    site.publish(a_wheel("foo", "1.9"))
    page = site.page("foo")
    assert page["versions"] == ["1.9.dev1", "1.9rc1", "1.9", "1.9+corp.2", "1.9.post1", "1.10", "1!0.1"]
    in_order = [file["filename"].removeprefix("foo-").removesuffix(".tar.gz") for file in page["files"]]
    assert in_order == ["1.9.dev1", "1.9rc1", "1.9-py3-none-any.whl", "1.9", *page["versions"][3:]]


@pytest.mark.promise(109)
@pytest.mark.parametrize(
    ("name", "version"),
    [("foo", "1!1.0"), ("foo", "1.0+corp.1"), ("F.o-o", "1.0a1"), ("9", "0"), ("a_b.c", "2.0.dev3")],
)
def test_a_link_leads_to_exactly_the_stored_file(site, name, version):
    built = a_wheel(name, version)
    site.publish(built)
    normal = re.sub(r"[-_.]+", "-", name).lower()
    for address in (site.page(normal)["files"][0]["url"], Anchors(site.html(normal)).found[0][0]["href"]):
        answer = site.ask("GET", address.partition("#")[0], user="ann")
        assert answer.status_int == 200
        assert answer.body == built.content
    assert Anchors(site.html(normal)).found[0][1] == built.filename


def test_links_stay_below_the_mount_point(full):
    answer = full.ask(
        "GET", "/simple/foo-bar/", user="ann", headers={"Accept": JSON}, environ={"SCRIPT_NAME": "/my idx"}
    )
    address = json.loads(answer.body)["files"][0]["url"]
    assert address.startswith("/my%20idx/api/package/")
    plain = full.ask("GET", "/simple/foo-bar/", user="ann", headers={"Accept": JSON})
    assert json.loads(plain.body)["files"][0]["url"].startswith("/api/package/")


@pytest.mark.promise(142)
def test_a_forged_host_never_stands_in_a_page(full):
    for accept in (JSON, "text/html"):
        answer = full.ask(
            "GET", "/simple/foo-bar/", user="ann", headers={"Accept": accept, "Host": "evil.example"}
        )
        assert b"evil.example" not in answer.body


@pytest.mark.promise(8)
def test_metadata_of_the_archive_is_shown_whatever_the_form_says(site):
    site.publish(
        a_wheel("foo", "1.0", metadata={"Summary": "from the file"}),
        summary="from the form",
        author="somebody else",
    )
    info = site.ask("GET", "/pypi/foo/json", user="ann").json["info"]
    assert info["summary"] == "from the file"
    assert info["author"] is None
