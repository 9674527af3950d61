import json
import re
from datetime import timedelta, timezone
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.core.model import PYPI, Listing, Project, Status
from pypicloud_like.ecosystems.pypi.simple import (
    render_list_html,
    render_list_json,
    render_packages_html,
    render_project_html,
    render_project_json,
)
from tests.unit.pypi_render.readers import read_html
from tests.unit.pypi_render.samples import ACME, MOMENT, a_file, a_record, sha256

WHEEL = "acme_tools-1.1-py3-none-any.whl"
SDIST = "acme_tools-1.0.tar.gz"


def as_html(files, record=None, **options):
    return render_project_html(ACME, record, files, **({"prefix": "", "last_serial": 812} | options))


def as_json(files, record=None, **options):
    body = render_project_json(ACME, record, files, **({"prefix": "", "last_serial": 812} | options))
    return json.loads(body)


def two_files():
    wheel = a_file(
        "1.1", requires_python=">=3.9,<4", yanked='broken "here"', sidecars=["metadata", "provenance"]
    )
    return [wheel, a_file("1.0", sdist=True)]


def test_html_of_a_project():
    body = as_html(two_files(), a_record(Status.DEPRECATED, "use <b>"), public_url="https://pip.example")
    assert body.decode() == (
        "<!DOCTYPE html>\n"
        "<html>\n"
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="pypi:repository-version" content="1.4">\n'
        '<meta name="pypi:project-status" content="deprecated">\n'
        '<meta name="pypi:project-status-reason" content="use &lt;b&gt;">\n'
        "<title>Links for acme-tools</title>\n"
        "</head>\n"
        "<body>\n"
        "<h1>Links for acme-tools</h1>\n"
        f'<a href="/api/package/acme-tools/{SDIST}#sha256={sha256(SDIST)}">{SDIST}</a><br>\n'
        f'<a href="/api/package/acme-tools/{WHEEL}#sha256={sha256(WHEEL)}"'
        ' data-requires-python="&gt;=3.9,&lt;4"'
        ' data-yanked="broken &quot;here&quot;"'
        f' data-core-metadata="sha256={sha256(WHEEL + ".metadata")}"'
        f' data-provenance="https://pip.example/integrity/acme-tools/1.1/{WHEEL}/provenance"'
        f">{WHEEL}</a><br>\n"
        "</body>\n"
        "</html>\n"
        "<!--SERIAL 812-->\n"
    )


def test_json_of_a_project():
    record = a_record(Status.DEPRECATED, "use <b>")
    assert as_json(two_files(), record, public_url="https://pip.example") == {
        "meta": {"api-version": "1.4", "_last-serial": 812},
        "name": "acme-tools",
        "project-status": {"status": "deprecated", "reason": "use <b>"},
        "versions": ["1.0", "1.1"],
        "files": [
            {
                "filename": SDIST,
                "url": f"/api/package/acme-tools/{SDIST}",
                "hashes": {"sha256": sha256(SDIST)},
                "size": len(SDIST),
                "upload-time": "2026-11-01T09:30:00.123456Z",
                "yanked": False,
            },
            {
                "filename": WHEEL,
                "url": f"/api/package/acme-tools/{WHEEL}",
                "hashes": {"sha256": sha256(WHEEL)},
                "size": len(WHEEL),
                "upload-time": "2026-11-01T09:30:00.123456Z",
                "yanked": 'broken "here"',
                "requires-python": ">=3.9,<4",
                "core-metadata": {"sha256": sha256(WHEEL + ".metadata")},
                "provenance": f"https://pip.example/integrity/acme-tools/1.1/{WHEEL}/provenance",
            },
        ],
    }


def test_a_project_without_files():
    page = read_html(as_html([]))
    assert page.anchors == []
    assert page.metas == {"pypi:repository-version": "1.4", "pypi:project-status": "active"}
    data = as_json([])
    assert data["files"] == []
    assert data["versions"] == []
    assert data["project-status"] == {"status": "active"}


def test_order_is_by_version_then_file_name():
    versions = ["1.10", "1.9", "1!0.1", "2.0.dev1", "2.0", "2.0rc1", "2.0.post1", "2.0+local", "oldest"]
    files = [a_file(version, filename=f"acme_tools-{version}.tar.gz") for version in versions]
    files += [a_file("1.9"), a_file("1.9.0", filename="acme_tools-1.9.0-py2-none-any.whl")]
    ordered = [
        "oldest",
        "1.9",
        "1.9.0",
        "1.10",
        "2.0.dev1",
        "2.0rc1",
        "2.0",
        "2.0+local",
        "2.0.post1",
        "1!0.1",
    ]
    assert as_json(files)["versions"] == ordered
    assert as_json(reversed(files)) == as_json(files)
    names = [file["filename"] for file in as_json(files)["files"]]
    assert names[1:4] == [
        "acme_tools-1.9-py3-none-any.whl",
        "acme_tools-1.9.0-py2-none-any.whl",
        "acme_tools-1.9.tar.gz",
    ]
    assert [text for text, _ in read_html(as_html(files)).anchors] == names


def test_a_quarantined_project_offers_nothing():
    record = a_record(Status.QUARANTINED, "malware")
    data = as_json(two_files(), record)
    assert (data["files"], data["versions"]) == ([], [])
    assert data["project-status"] == {"status": "quarantined", "reason": "malware"}
    page = read_html(as_html(two_files(), record))
    assert page.anchors == []
    assert page.metas["pypi:project-status"] == "quarantined"


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.ARCHIVED, Status.DEPRECATED])
def test_other_statuses_offer_their_files(status):
    assert len(as_json(two_files(), a_record(status))["files"]) == 2


def test_a_yank_without_a_reason():
    assert as_json([a_file(yanked="")])["files"][0]["yanked"] is True
    (_, attributes) = read_html(as_html([a_file(yanked="")])).anchors[0]
    assert attributes["data-yanked"] == ""


def test_links_stand_below_the_prefix():
    files, options = [a_file(sidecars=["provenance"])], {"prefix": "/a&b/pip", "public_url": "https://h"}
    file = as_json(files, **options)["files"][0]
    assert file["url"].startswith("/a&b/pip/api/package/acme-tools/acme_tools-1.0")
    assert file["provenance"].startswith("https://h/a&b/pip/integrity/acme-tools/1.0/")
    (_, attributes) = read_html(as_html(files, **options)).anchors[0]
    assert attributes["href"].split("#")[0] == file["url"]
    assert attributes["data-provenance"] == file["provenance"]


def test_a_public_url_may_hold_the_prefix_already():
    file = as_json([a_file(sidecars=["provenance"])], prefix="/pip", public_url="https://h/pip")["files"][0]
    assert file["provenance"].startswith("https://h/pip/integrity/")


@pytest.mark.parametrize(
    "public_url", ["https://h", "http://127.0.0.1:6543", "http://[::1]:1", "http://localhost"]
)
def test_provenance_at_a_secure_address(public_url):
    assert "provenance" in as_json([a_file(sidecars=["provenance"])], public_url=public_url)["files"][0]


@pytest.mark.parametrize("public_url", [None, "http://pip.example", "http://10.0.0.1"])
def test_no_provenance_without_a_secure_address(public_url):
    files = [a_file(sidecars=["provenance"])]
    assert "provenance" not in as_json(files, public_url=public_url)["files"][0]
    assert b"data-provenance" not in as_html(files, public_url=public_url)


@pytest.mark.promise(109)
def test_file_names_are_percent_encoded():
    name = "acme_tools-1!1.0+corp.1-py3-none-any.whl"
    file = as_json([a_file("1!1.0+corp.1")])["files"][0]
    assert file["filename"] == name
    assert file["url"].endswith("/acme_tools-1%211.0%2Bcorp.1-py3-none-any.whl")
    (text, attributes) = read_html(as_html([a_file("1!1.0+corp.1")])).anchors[0]
    assert text == name == unquote(urlsplit(attributes["href"]).path.rpartition("/")[2])


@pytest.mark.promise(15)
def test_upload_time_is_in_utc_whatever_it_is_kept_in():
    elsewhere = MOMENT.replace(microsecond=0).astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert as_json([a_file(uploaded_at=elsewhere)])["files"][0]["upload-time"] == "2026-11-01T09:30:00Z"


def test_nothing_optional_is_null():
    assert b"null" not in render_project_json(ACME, None, two_files(), prefix="", last_serial=0)


def test_what_no_longer_stands_in_a_page():
    both = as_html(two_files()) + render_project_json(ACME, None, two_files(), prefix="", last_serial=0)
    for word in (b"gpg", b"tracks", b"alternate-locations", b"namespaces", b"base href"):
        assert word not in both


def test_each_anchor_has_its_line():
    files = [a_file(f"1.{minor}", yanked="one\ntwo\r\nthree", requires_python=">3\n") for minor in range(5)]
    lines = [line for line in as_html(files).decode().splitlines() if "<a " in line]
    assert len(lines) == 5
    assert all(re.fullmatch(r'<a href="[^"]+"( [a-z-]+="[^"]*")*>[^<]+</a><br>', line) for line in lines)


def test_a_lone_surrogate_does_not_break_a_page():
    files = [a_file(yanked="bad \ud800 end")]
    assert as_json(files)["files"][0]["yanked"] == "bad ? end"
    assert read_html(as_html(files)).anchors[0][1]["data-yanked"] == "bad ? end"


# What HTML can hold: neither NUL nor other control characters, which a parser replaces or drops.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r"), max_size=40)


@given(reason=TEXT, requires=TEXT, status_reason=TEXT)
def test_texts_survive_both_forms(reason, requires, status_reason):
    files, record = (
        [a_file(yanked=reason, requires_python=requires)],
        a_record(Status.ARCHIVED, status_reason),
    )
    data = as_json(files, record)
    page = read_html(as_html(files, record))
    (_, attributes) = page.anchors[0]
    assert data["files"][0]["yanked"] == (reason or True)
    assert attributes["data-yanked"] == reason
    assert data["files"][0].get("requires-python", "") == requires
    assert attributes.get("data-requires-python", "") == requires
    assert data["project-status"].get("reason", "") == status_reason
    assert page.metas.get("pypi:project-status-reason", "") == status_reason


FILES = st.lists(
    st.builds(
        a_file,
        st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}(rc1|\.dev2|\.post3|\+l)?", fullmatch=True),
        sdist=st.booleans(),
        yanked=st.none() | TEXT,
        requires_python=st.none() | st.just(">=3.9"),
        sidecars=st.sampled_from([(), ("metadata",), ("metadata", "provenance")]),
    ),
    unique_by=lambda file: file.filename,
    max_size=12,
)


@given(FILES)
def test_both_forms_tell_the_same(files):
    data = as_json(files, public_url="https://h/")
    page = read_html(as_html(files, public_url="https://h/"))
    assert len(data["versions"]) == len(set(data["versions"]))
    assert set(data["versions"]) == {file.version for file in files}
    assert [text for text, _ in page.anchors] == [file["filename"] for file in data["files"]]
    for (_, attributes), file in zip(page.anchors, data["files"], strict=True):
        assert attributes["href"] == f"{file['url']}#sha256={file['hashes']['sha256']}"
        yanked = attributes.get("data-yanked")
        assert file["yanked"] == (False if yanked is None else yanked or True)
        assert attributes.get("data-requires-python") == file.get("requires-python")
        assert attributes.get("data-provenance") == file.get("provenance")
        metadata = file.get("core-metadata")
        assert attributes.get("data-core-metadata") == (metadata and f"sha256={metadata['sha256']}")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", file["upload-time"])


LISTINGS = [
    Listing(Project(PYPI, "acme-tools"), "Acme.Tools", 812),
    Listing(Project(PYPI, "beta"), 'be"<ta>&', 7),
]


def test_list_of_projects_as_html():
    body = render_list_html(LISTINGS, "/pip")
    assert b'<meta name="pypi:repository-version" content="1.4">' in body
    assert b'<a href="/pip/simple/acme-tools/">Acme.Tools</a><br>\n' in body
    assert read_html(body).anchors == [
        ("Acme.Tools", {"href": "/pip/simple/acme-tools/"}),
        ('be"<ta>&', {"href": "/pip/simple/beta/"}),
    ]


def test_list_of_projects_as_json():
    assert json.loads(render_list_json(LISTINGS, 900)) == {
        "meta": {"api-version": "1.4", "_last-serial": 900},
        "projects": [{"name": "Acme.Tools", "_last-serial": 812}, {"name": 'be"<ta>&', "_last-serial": 7}],
    }


def test_empty_lists():
    assert json.loads(render_list_json([], 0))["projects"] == []
    assert read_html(render_list_html([], "")).anchors == []


def test_flat_page_of_all_files():
    beta = Project(PYPI, "beta")
    files = iter([a_file("2.0", project=beta), a_file("1.0", yanked="old"), a_file("0.9", project=beta)])
    page = read_html(render_packages_html(files, "/pip"))
    assert [(text, attributes["href"]) for text, attributes in page.anchors] == [
        (name, f"/pip/api/package/{project}/{name}#sha256={sha256(name)}")
        for project, name in [
            ("acme-tools", "acme_tools-1.0-py3-none-any.whl"),
            ("beta", "beta-0.9-py3-none-any.whl"),
            ("beta", "beta-2.0-py3-none-any.whl"),
        ]
    ]
    assert page.anchors[0][1]["data-yanked"] == "old"


def test_links_resolve_from_every_address_of_the_page():
    url = as_json([a_file()], prefix="/pip")["files"][0]["url"]
    for page in (
        "https://h/pip/simple/acme-tools/",
        "https://h/pip/acme-tools/",
        "https://h/pip/pypi/acme-tools/",
    ):
        assert urljoin(page, url) == "https://h/pip/api/package/acme-tools/acme_tools-1.0-py3-none-any.whl"
