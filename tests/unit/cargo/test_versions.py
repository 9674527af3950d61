"""Versions of crates, and requirements."""

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.versions import (
    check_version,
    identity_of,
    is_requirement,
    normal_requirement,
)
from tests.support.cost import cpu_below


@pytest.mark.promise(107)
def test_versions_that_differ_by_build_metadata_are_one():
    assert identity_of(check_version("1.0.7")) == identity_of(check_version("1.0.7+x")) == "1.0.7"
    assert identity_of(check_version("1.0.7-rc.1+x")) == "1.0.7-rc.1"


@pytest.mark.parametrize("text", ["1.0", "latest", "1.0.0-" + "a" * 150])
def test_no_version_of_a_crate(text):
    with pytest.raises(InvalidUpload):
        check_version(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("1", "^1"),
        ("0.2", "^0.2"),
        ("^0.2", "^0.2"),
        ("1.2.3", "^1.2.3"),
        ("= 1.2.3", "=1.2.3"),
        (">= 0.1,<2", ">=0.1, <2"),
        ("~1.2", "~1.2"),
        ("1.*", "1.*"),
        ("1.x.X", "1.*"),
        ("1.2.*", "1.2.*"),
        (">=1.*", ">=1"),
        ("*", "*"),
        ("X", "*"),
        ("1.0.0-rc.1", "^1.0.0-rc.1"),
        ("1.0.0-a.x", "^1.0.0-a.x"),
        ("=1.0.0+build", "=1.0.0+build"),
        (">1, <=3 ,  ~2.5", ">1, <=3, ~2.5"),
    ],
)
def test_requirements_as_cargo_writes_them(text, normal):
    assert is_requirement(text)
    assert normal_requirement(text) == normal
    assert normal_requirement(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1.2.3.4",
        "1..2",
        ">=",
        "^*",
        "*.1",
        "1.*.3",
        "1, *",
        "1,",
        "01",
        ">=1 <2",
        "==1",
        "1.2-alpha",
        "!1",
        "1||2",
    ],
)
def test_no_requirement(text):
    assert not is_requirement(text)


@pytest.mark.parametrize("text", [" " * 200_000, "^" + " " * 200_000, "1" + " " * 200_000 + "2"])
def test_white_space_does_not_take_for_ever(text):
    with cpu_below(2):
        assert not is_requirement(text)
