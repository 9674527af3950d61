"""The name of an uploaded file is a plain one, and that of a distribution."""

from __future__ import annotations

import pytest

from tests.builders import a_wheel, an_sdist
from tests.http.pypi.site import part, refused

WHEEL, SDIST = a_wheel("foo", "1.0"), an_sdist("foo", "1.0")

BAD = [
    "../foo-1.0-py3-none-any.whl",
    "a/foo-1.0-py3-none-any.whl",
    "/etc/foo-1.0-py3-none-any.whl",
    "..\\foo-1.0-py3-none-any.whl",
    "C:\\temp\\foo-1.0-py3-none-any.whl",
    "\\\\host\\share\\foo-1.0-py3-none-any.whl",
    "C:foo-1.0-py3-none-any.whl",
    ".foo-1.0-py3-none-any.whl",
    "foo-1.0-py3-none-any.whl.",
    "foo-1.0-py3-none-any.whl ",
    " foo-1.0-py3-none-any.whl",
    "foo-1.0-py3-none-any.whl\x7f",
    "foo\x00-1.0-py3-none-any.whl",
    "foo\x1b[31m-1.0-py3-none-any.whl",
    "foo\t-1.0-py3-none-any.whl",
    "foo%0D%0AX-Evil: 1-1.0-py3-none-any.whl",
    "ｆoo-1.0-py3-none-any.whl",
    "fоo-1.0-py3-none-any.whl",
    "foo‮-1.0-py3-none-any.whl",
    "foo​-1.0-py3-none-any.whl",
    "foo..bar-1.0-py3-none-any.whl",
    "foo-1.0-py3-none-any.WHL",
    "foo-1.0-py3-none.whl",
    "foo-1.0-a-py3-none-any.whl",
    "foo-x-py3-none-any.whl",
    "foo--1.0-py3-none-any.whl",
    "foo__bar-1.0-py3-none-any.whl",
    "foo-1.0.tar.bz2",
    "foo-1.0.egg",
    "foo-1.0.exe",
    "foo-1.0.tar",
    "foo.tar.gz",
    "-1.0.tar.gz",
    "foo-.tar.gz",
    "1.0.tar.gz",
    ".whl",
    "",
    "con.whl",
    "a" * 250 + "-1.0-py3-none-any.whl",
    "bar-1.0-py3-none-any.whl",
    "foo-1.1-py3-none-any.whl",
    "<script>-1.0-py3-none-any.whl",
    "foo'-1.0-py3-none-any.whl",
]


@pytest.mark.promise(102)
@pytest.mark.parametrize("filename", BAD, ids=ascii)
@pytest.mark.parametrize("path", ["/legacy/", "/api/package/foo/foo-1.0-py3-none-any.whl"])
def test_it_is_refused(shared, filename, path):
    with shared.unchanged():
        refused(shared.send([part("content", WHEEL.content, filename)], path=path), 400)


@pytest.mark.promise(102)
@pytest.mark.parametrize("header", ["filename*=UTF-8''..%2Ffoo.whl", "filename=../foo.whl"])
def test_other_ways_to_write_a_name_are_no_way_around(shared, header):
    raw = f'Content-Disposition: form-data; name="content"; {header}\r\n\r\n'.encode() + WHEEL.content
    with shared.unchanged():
        refused(shared.send([raw]), 400)


@pytest.mark.parametrize(
    "name",
    [
        "föö",
        "foo bar",
        "-foo",
        "foo-",
        "_",
        "foo\n",
        "ｆoo",
        "../x",
        "a/b",
        "fo\x00o",
        "<b>",
        "foo;x",
        "%66oo",
    ],
)
def test_a_form_with_a_name_that_is_none_is_refused(shared, name):
    with shared.unchanged():
        answer = shared.send([part("name", name), part("content", WHEEL.content, WHEEL.filename)])
        refused(answer, 400, "name")


@pytest.mark.promise(134)
def test_the_refusal_shows_nothing_that_a_terminal_or_browser_would_obey(shared):
    answer = shared.send([part("content", b"", "\x1b[31m<script>x-1.0.whl")])
    body = refused(answer, 400)
    assert "\x1b" not in body + answer.status
    html = shared.send([part("content", b"", "<script>x-1.0.whl")], headers={"Accept": "text/html"})
    assert b"<script>" not in html.body


@pytest.mark.parametrize(
    ("built", "project"),
    [
        (a_wheel("foo", "1.0+corp1"), "foo"),
        (a_wheel("foo", "1.0", tags="py3-none-linux_x86_64"), "foo"),
        (a_wheel("foo", "1.0", tags="cp312.cp313-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64"), "foo"),
        (a_wheel("foo", "1!2.0rc1.post2.dev3+a.b"), "foo"),
        (a_wheel("Foo.Bar", "1.0", filename="Foo.Bar-1.0-py3-none-any.whl"), "foo-bar"),
        (a_wheel("foo", "1.0", filename="FOO-1.0-py3-none-any.whl"), "foo"),
        (an_sdist("Foo.Bar", "1.0", filename="Foo.Bar-1.0.tar.gz"), "foo-bar"),
        (an_sdist("foo-bar", "1.0", filename="foo-bar-1.0.tar.gz"), "foo-bar"),
        (an_sdist("foo", "1.0", extension=".zip"), "foo"),
        (an_sdist("foo-2", "1.0", filename="foo-2-1.0.tar.gz"), "foo-2"),
    ],
    ids=lambda value: getattr(value, "filename", value),
)
def test_unusual_names_that_work_are_taken_and_can_be_fetched(site, built, project):
    site.publish(built)
    assert site.indexed(project) == {built.filename: built.sha256}
    (file,) = site.page(project)["files"]
    assert site.ask("GET", file["url"], user="ann").body == built.content


class TestStrictNames:
    @pytest.fixture
    def ini(self):
        return {"pypi.strict_sdist_names": "true"}

    def test_a_setting_wants_sdists_called_as_today(self, site):
        with site.unchanged():
            refused(
                site.upload(an_sdist("foo-bar", "1.0", filename="foo-bar-1.0.tar.gz")),
                400,
                "foo_bar-1.0.tar.gz",
            )
            refused(site.upload(an_sdist("foo", "1.0", extension=".zip")), 400, "foo-1.0.tar.gz")
        site.publish(an_sdist("foo-bar", "1.0"))
