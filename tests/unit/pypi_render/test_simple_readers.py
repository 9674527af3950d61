"""The pages as somebody else's reader sees them."""

import json

import pypi_simple
import pytest

from pypicloud_like.core.model import PYPI, Listing, Project, Status
from pypicloud_like.ecosystems.pypi.simple import (
    render_list_html,
    render_list_json,
    render_project_html,
    render_project_json,
)
from pypicloud_like.http.negotiate import SIMPLE_HTML, SIMPLE_JSON
from tests.unit.pypi_render.samples import ACME, MOMENT, a_file, a_record, sha256

REASON = 'broken: "a" < b & c\nsee 1.2'
FILES = [
    a_file("1.1", requires_python=">=3.9", yanked=REASON, sidecars=["metadata", "provenance"]),
    a_file("1.0", yanked=""),
    a_file("1.0", sdist=True),
]
RECORD = a_record(Status.ARCHIVED, "no longer <kept>")
OPTIONS = {"prefix": "", "last_serial": 812, "public_url": "https://pip.example"}
BASE = "https://pip.example/simple/acme-tools/"
BODIES = {
    SIMPLE_HTML: render_project_html(ACME, RECORD, FILES, **OPTIONS),
    SIMPLE_JSON: render_project_json(ACME, RECORD, FILES, **OPTIONS),
}


@pytest.mark.parametrize("media_type", BODIES)
def test_a_project(media_type):
    page = _page(media_type)
    assert page.project == "acme-tools"
    assert page.repository_version == "1.4"
    assert (page.status, page.status_reason) == ("archived", "no longer <kept>")
    old, sdist, new = page.packages
    assert old.version == sdist.version == "1.0"
    assert new.version == "1.1"
    assert [file.package_type for file in page.packages] == ["wheel", "sdist", "wheel"]
    assert [file.is_yanked for file in page.packages] == [True, False, True]
    assert new.yanked_reason == REASON
    assert not old.yanked_reason
    assert new.requires_python == ">=3.9"
    assert new.has_metadata
    assert new.metadata_digests == {"sha256": sha256(f"{new.filename}.metadata")}
    assert not old.has_metadata
    assert new.provenance_url == f"https://pip.example/integrity/acme-tools/1.1/{new.filename}/provenance"
    for file in page.packages:
        assert file.url.split("#")[0] == f"https://pip.example/api/package/acme-tools/{file.filename}"
        assert file.digests == {"sha256": sha256(file.filename)}


def test_what_only_json_tells():
    page = _page(SIMPLE_JSON)
    assert page.versions == ["1.0", "1.1"]
    assert page.last_serial == "812"
    assert [file.size for file in page.packages] == [len(file.filename) for file in page.packages]
    assert {file.upload_time for file in page.packages} == {MOMENT}


def test_the_list():
    listings = [
        Listing(Project(PYPI, "acme-tools"), "Acme.Tools", 812),
        Listing(Project(PYPI, "beta"), "beta", 7),
    ]
    of_json = pypi_simple.IndexPage.from_json_data(json.loads(render_list_json(listings, 900)))
    of_html = pypi_simple.IndexPage.from_html(render_list_html(listings, ""))
    for page in (of_json, of_html):
        assert page.projects == ["Acme.Tools", "beta"]
        assert page.repository_version == "1.4"


def _page(media_type):
    if media_type == SIMPLE_JSON:
        return pypi_simple.ProjectPage.from_json_data(json.loads(BODIES[media_type]), base_url=BASE)
    return pypi_simple.ProjectPage.from_html("acme-tools", BODIES[media_type], base_url=BASE)
