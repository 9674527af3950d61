"""What the form, the file's name and the file itself say has to agree; the file is the truth."""

from __future__ import annotations

import pytest

from tests.builders import Built, a_wheel, an_sdist, core_metadata
from tests.http.pypi.site import refused

WHEEL = a_wheel("Foo.Bar", "1.0", requires_python=">=3.8,<4")
SDIST = an_sdist("Foo.Bar", "1.0", requires_python=">=3.8,<4")


@pytest.mark.promise(8, 9)
@pytest.mark.parametrize("built", [WHEEL, SDIST], ids=["wheel", "sdist"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "foo"),
        ("name", "foobar"),
        ("name", "foo-bar-x"),
        ("version", "1.0.1"),
        ("version", "1.0+x"),
        ("version", "1.0rc1"),
        ("version", "nonsense"),
        ("requires_python", ">=3.9"),
        ("requires_python", "nonsense"),
        ("requires_python", ">=3.8"),
    ],
)
def test_a_form_that_says_otherwise_is_refused(shared, built, field, value):
    with shared.unchanged():
        refused(shared.upload(built, **{field: value}), 400, field)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "FOO_bar", "version": "1.0.0"},
        {"name": "foo.bar", "version": "v1.0"},
        {"requires_python": "<4, >=3.8"},
        {"requires_python": ""},
    ],
)
def test_another_spelling_is_no_disagreement(site, fields):
    site.publish(WHEEL, SDIST, **fields)
    assert set(site.indexed("foo-bar")) == {WHEEL.filename, SDIST.filename}


@pytest.mark.promise(9)
@pytest.mark.parametrize(
    ("built", "word"),
    [
        (Built("foo-1.0-py3-none-any.whl", a_wheel("bar", "1.0").content), "bar"),
        (Built("foo-1.0-py3-none-any.whl", a_wheel("foo", "1.1").content), "1.1"),
        (a_wheel("foo", "1.0", files={"{dist_info}/METADATA": core_metadata("bar", "1.0")}), "name"),
        (a_wheel("foo", "1.0", files={"{dist_info}/METADATA": core_metadata("foo", "2.0")}), "version"),
        (an_sdist("foo", "1.0", files={"PKG-INFO": core_metadata("bar", "1.0")}), "name"),
        (an_sdist("foo", "1.0", files={"PKG-INFO": core_metadata("foo", "2.0")}), "version"),
        (an_sdist("foo", "1.0", top="bar-1.0"), "bar-1.0"),
        (a_wheel("foo", "1.0", dist_info="bar-1.0.dist-info"), "bar-1.0.dist-info"),
        (a_wheel("foo", "1.0", requires_python="not a specifier"), "requires_python"),
        (
            a_wheel("foo", "1.0", files={"{dist_info}/METADATA": b"Metadata-Version: 2.1\nName: foo\n"}),
            "version",
        ),
        (a_wheel("foo", "1.0", files={"{dist_info}/METADATA": core_metadata("föö", "1.0")}), "name"),
        (a_wheel("foo", "1.0", metadata={"Metadata-Version": "2.0"}), "metadata_version"),
        (a_wheel("foo", "1.0", metadata={"Metadata-Version": "3.0"}), "metadata_version"),
    ],
    ids=range(13),
)
def test_a_file_that_contradicts_itself_is_refused(shared, built, word):
    with shared.unchanged():
        refused(shared.upload(built), 400, word)


def test_the_address_has_to_name_the_project_of_the_file(shared):
    with shared.unchanged():
        refused(
            shared.upload(a_wheel("foo", "1.0"), path="/api/package/bar/foo-1.0-py3-none-any.whl"), 400, "bar"
        )


@pytest.mark.promise(106)
def test_every_spelling_of_a_name_is_one_project(site):
    site.publish(a_wheel("Foo_Bar", "1.0"), a_wheel("foo.bar", "1.1"), a_wheel("FOO-BAR", "1.2"))
    assert site.page("foo-bar")["versions"] == ["1.0", "1.1", "1.2"]


def test_what_is_accepted_and_not_as_it_should_be_is_told(site):
    long = a_wheel("foo", "1.0", metadata={"Summary": "s" * 600})
    assert site.upload(long).json["warnings"] == ["The summary is longer than 512 characters"]
    assert "warnings" not in site.upload(a_wheel("foo", "2.0")).json
