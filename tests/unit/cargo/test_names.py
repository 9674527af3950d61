"""Names of crates, their one normal form, and where they lie in an index."""

import pytest

from pypicloud_like.core.errors import InvalidRequest, NotFound
from pypicloud_like.core.model import Project
from pypicloud_like.ecosystems.cargo import names
from pypicloud_like.settings.projects import parse_project


@pytest.mark.parametrize("name", ["a", "Foo_Bar", "foo-bar-2", "a" * 64, "x--", "z_"])
def test_a_name(name):
    names.check_name(name)


@pytest.mark.promise(107)
@pytest.mark.parametrize(
    "name", ["", "1a", "-a", "_a", "a.b", "a b", "ä", "a" * 65, "a/b", "a\n", "a+b", "K\u212a"]
)
def test_no_name(name):
    with pytest.raises(InvalidRequest):
        names.check_name(name)
    with pytest.raises(NotFound):
        names.requested(name)


@pytest.mark.promise(107)
@pytest.mark.parametrize(
    "name", ["std", "Core", "proc-macro", "proc_macro", "NUL", "com1", "lpt9", "rustc", "test"]
)
def test_reserved_names(name):
    with pytest.raises(InvalidRequest, match="reserved"):
        names.check_name(name)


@pytest.mark.promise(107)
def test_spellings_of_one_crate_are_one_project():
    spellings = ("Foo-Bar", "foo_bar", "FOO-bar", "foo-bar")
    assert {names.project_of(name) for name in spellings} == {Project("cargo", "foo_bar")}
    assert {parse_project(f"cargo:{name}") for name in spellings} == {Project("cargo", "foo_bar")}


@pytest.mark.promise(107)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", "1/a"),
        ("ab", "2/ab"),
        ("aBc", "3/a/abc"),
        ("AbCd", "ab/cd/abcd"),
        ("demo-lib", "de/mo/demo-lib"),
        ("Foo_Bar", "fo/o_/foo_bar"),
    ],
)
def test_where_it_lies_in_an_index(name, path):
    assert names.index_path(name) == path


def test_an_alias_may_begin_with_an_underscore():
    assert names.is_valid_alias("_foo")
    assert not names.is_valid_name("_foo")
    assert not names.is_valid_alias("1foo")
