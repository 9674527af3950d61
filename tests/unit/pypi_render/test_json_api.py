import json
from datetime import timedelta, timezone

import pytest

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.model import Blob, Status
from pypicloud_like.ecosystems.pypi.json_api import project_json, version_json
from tests.unit.pypi_render.samples import ACME, MOMENT, a_file, a_record, sha256

BASE = "https://h/pip"
FACTS = {
    "author": "Ann",
    "author_email": "ann@h.example",
    "classifiers": ["Private :: Do Not Upload"],
    "description": "# Tools",
    "description_content_type": "text/markdown",
    "dynamic": ["requires-dist"],
    "home_page": "UNKNOWN",
    "keywords": ["saw", "axe"],
    "license_expression": "MIT",
    "license_files": ["LICENSE"],
    "maintainer": "",
    "platforms": ["any"],
    "project_urls": {"Source": "https://h/src"},
    "provides_extra": ["fast"],
    "requires_dist": ["attrs>=20"],
}


def project(files, record=None, **options):
    return json.loads(project_json(ACME, record, files, **({"base_url": BASE, "last_serial": 812} | options)))


def version(wanted, files, record=None, **options):
    options = {"base_url": BASE, "last_serial": 812} | options
    return json.loads(version_json(ACME, record, wanted, files, **options))


def three_files():
    wheel = a_file("1.1", facts=FACTS, requires_python=">=3.9", summary="Tools", sidecars=["metadata"])
    return [a_file("1.1", sdist=True, minutes=-1), wheel, a_file("1.0", sdist=True, yanked="broken")]


def test_a_project():
    data = project(three_files(), owners=["zoe", "ann"])
    assert sorted(data) == ["info", "last_serial", "ownership", "releases", "urls", "vulnerabilities"]
    assert data["last_serial"] == 812
    assert data["vulnerabilities"] == []
    assert data["ownership"] == {
        "organization": None,
        "roles": [{"role": "Owner", "user": "ann"}, {"role": "Owner", "user": "zoe"}],
    }
    assert list(data["releases"]) == ["1.0", "1.1"]
    assert data["urls"] == data["releases"][data["info"]["version"]]
    assert [file["filename"] for file in data["urls"]] == [
        "acme_tools-1.1-py3-none-any.whl",
        "acme_tools-1.1.tar.gz",
    ]


def test_what_is_said_of_a_release():
    assert project(three_files())["info"] == {
        "author": "Ann",
        "author_email": "ann@h.example",
        "bugtrack_url": None,
        "classifiers": ["Private :: Do Not Upload"],
        "description": "# Tools",
        "description_content_type": "text/markdown",
        "docs_url": None,
        "download_url": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "dynamic": ["Requires-Dist"],
        "home_page": None,
        "keywords": "saw,axe",
        "license": None,
        "license_expression": "MIT",
        "license_files": ["LICENSE"],
        "maintainer": None,
        "maintainer_email": None,
        "name": "Acme.Tools",
        "package_url": "https://h/pip/project/acme-tools/",
        "platform": "any",
        "project_url": "https://h/pip/project/acme-tools/",
        "project_urls": {"Source": "https://h/src"},
        "provides_extra": ["fast"],
        "release_url": "https://h/pip/project/acme-tools/1.1/",
        "requires_dist": ["attrs>=20"],
        "requires_python": ">=3.9",
        "summary": "Tools",
        "version": "1.1",
        "yanked": False,
        "yanked_reason": None,
    }


def test_what_is_said_of_a_file():
    wheel = project(three_files())["urls"][0]
    name = "acme_tools-1.1-py3-none-any.whl"
    blob = three_files()[1].blob
    assert wheel == {
        "comment_text": "",
        "core-metadata": {"sha256": sha256(f"{name}.metadata")},
        "digests": {"blake2b_256": blob.blake2b_256, "md5": blob.md5, "sha256": blob.sha256},
        "downloads": -1,
        "filename": name,
        "has_sig": False,
        "md5_digest": blob.md5,
        "packagetype": "bdist_wheel",
        "python_version": "py3",
        "requires_python": ">=3.9",
        "size": len(name),
        "upload_time": "2026-11-01T09:30:00",
        "upload_time_iso_8601": "2026-11-01T09:30:00.123456Z",
        "url": f"https://h/pip/api/package/acme-tools/{name}",
        "yanked": False,
        "yanked_reason": None,
    }


def test_files_of_all_kinds():
    (sdist,) = project(three_files())["releases"]["1.0"]
    assert (sdist["packagetype"], sdist["python_version"]) == ("sdist", "source")
    assert sdist["core-metadata"] is False
    assert (sdist["yanked"], sdist["yanked_reason"]) == (True, "broken")
    egg = a_file(filename="acme_tools-1.0-py2.7.egg", kind="bdist_egg")
    assert project([egg])["urls"][0]["python_version"] == "2.7"
    built = a_file(filename="acme_tools-1.0-7-cp311.cp312-abi3-any.whl")
    assert project([built])["urls"][0]["python_version"] == "cp311.cp312"
    odd = a_file(filename="acme_tools-1.0.rpm", kind="bdist_rpm")
    assert project([odd])["urls"][0]["python_version"] == "any"


def test_unknown_digests_are_left_out():
    (file,) = project([a_file(blob=Blob("k", 1, "ab" * 32))])["urls"]
    assert file["digests"] == {"sha256": "ab" * 32}
    assert file["md5_digest"] is None


def test_times_are_in_utc():
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=-8)))
    (file,) = project([a_file(uploaded_at=elsewhere)])["urls"]
    assert file["upload_time"] == "2026-11-01T09:30:00"
    assert file["upload_time_iso_8601"] == "2026-11-01T09:30:00.123456Z"


def test_the_first_upload_with_metadata_speaks_for_the_release():
    files = [
        a_file("1.0", facts={"author": "second"}, minutes=2, filename="acme_tools-1.0-1-py3-none-any.whl"),
        a_file("1.0", facts={"author": "first"}, minutes=1, filename="acme_tools-1.0-2-py3-none-any.whl"),
        a_file("1.0", sdist=True),
    ]
    assert project(files)["info"]["author"] == "first"


def test_the_project_record_names_the_project():
    assert project([a_file()], a_record(display_name="ACME_tools"))["info"]["name"] == "ACME_tools"
    assert project([a_file()], a_record())["info"]["name"] == "Acme.Tools"


def test_addresses_without_a_public_url_are_path_absolute():
    data = project([a_file()], base_url="/pip")
    assert data["urls"][0]["url"] == "/pip/api/package/acme-tools/acme_tools-1.0-py3-none-any.whl"


def test_a_version():
    data = version("1.0.0", three_files())
    assert data["info"]["version"] == "1.0"
    assert (data["info"]["yanked"], data["info"]["yanked_reason"]) == (True, "broken")
    assert [file["filename"] for file in data["urls"]] == ["acme_tools-1.0.tar.gz"]
    assert "releases" not in data


def test_a_version_with_releases():
    data = version("1.0", three_files(), with_releases=True)
    assert data["releases"] == project(three_files())["releases"]
    assert {key: value for key, value in data.items() if key != "releases"} == version("1.0", three_files())


def test_what_is_not_there():
    with pytest.raises(NotFound, match="acme-tools not found"):
        project([])
    with pytest.raises(NotFound, match=r"acme-tools 3\.0 not found"):
        version("3.0", three_files())


def test_a_quarantined_project_is_not_there():
    record = a_record(Status.QUARANTINED)
    with pytest.raises(NotFound):
        project(three_files(), record)
    with pytest.raises(NotFound):
        version("1.0", three_files(), record)
    assert project(three_files(), a_record(Status.ARCHIVED))["info"]["version"] == "1.1"


def test_facts_of_unexpected_shapes_do_no_harm():
    facts = {
        "author": 3,
        "classifiers": "x",
        "keywords": None,
        "project_urls": ["a"],
        "requires_dist": [1, "b"],
    }
    info = project([a_file(facts=facts)])["info"]
    assert info["author"] is None
    assert info["classifiers"] == []
    assert info["keywords"] is None
    assert info["project_urls"] is None
    assert info["requires_dist"] == ["b"]


def test_the_same_bytes_whatever_the_order_of_the_files():
    options = {"base_url": BASE, "last_serial": 1}
    one = project_json(ACME, None, three_files(), owners=["b", "a"], **options)
    other = project_json(ACME, None, three_files()[::-1], owners=["a", "b"], **options)
    assert one == other
