"""Versions compared and ordered."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.ecosystems.pypi.names import (
    canonical_version,
    identity,
    parse_version,
    same_version,
    sort_key,
)
from tests.support.cost import cpu_below

FUZZ = settings(max_examples=300, deadline=None, database=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1.0", "1.0.0"),
        ("v1.0", "1.0"),
        ("1.0-1", "1.0.post1"),
        ("1.0RC1", "1.0.0c1"),
        ("1.0.dev", "1.dev0"),
        ("1!1.0", "1!1"),
        ("1.0+Corp.1", "1.0.0+corp-1"),
        ("01.2", "1.2"),
        ("Legacy-1", "legacy-1"),
    ],
)
def test_one_version_in_two_spellings(one: str, other: str) -> None:
    assert same_version(one, other)
    assert identity("sdist", one) == identity("sdist", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1.0.1"),
        ("1!1.0", "1.0"),
        ("1.0", "1.0+x"),
        ("1.0a1", "1.0b1"),
        ("10", "1"),
        ("1.0.10", "1.0.1"),
    ],
)
def test_two_versions(one: str, other: str) -> None:
    assert not same_version(one, other)


@pytest.mark.parametrize(
    ("version", "canonical"),
    [
        ("1", "1.0"),
        ("1.0.0", "1.0"),
        ("2!1.2.0.post0.dev3+a.b", "2!1.2.post0.dev3+a.b"),
        ("0", "0.0"),
        ("1.0.1", "1.0.1"),
    ],
)
def test_canonical_versions(version: str, canonical: str) -> None:
    assert canonical_version(version) == canonical
    assert parse_version(canonical) == parse_version(version)


def test_order_of_versions() -> None:
    ordered = [
        "2004-legacy",
        "alpha",
        "1.0.dev1",
        "1.0a1",
        "1.0rc1",
        "1.0",
        "1.0+x",
        "1.0.post1",
        "1.9",
        "1.10",
        "1!0.1",
    ]
    assert sorted([*ordered[5:], *ordered[:5]], key=sort_key) == ordered
    assert sort_key("1.0") == sort_key("1.0.0")


@pytest.mark.promise(99)
@pytest.mark.parametrize("version", ["9" * 100_000, "1." * 100_000, "1" + "a" * 5000, "1.0" + "-" * 100_000])
def test_absurd_versions_cost_nothing(version: str) -> None:
    with cpu_below(0.1):
        assert parse_version(version) is None
        assert canonical_version(version)
        assert sort_key(version)[0] == 0


@FUZZ
@given(st.text(max_size=30), st.text(max_size=30))
def test_versions_of_any_text(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) + (sort_key(other) < sort_key(one)) <= 1
    assert canonical_version(canonical_version(one)) == canonical_version(one)


def test_versions_sort_as_packaging_says() -> None:
    known = ["1.0.dev0", "1.0a0.dev1", "1.0a0", "1.0", "1.0.post0", "1.1"]
    assert all(sort_key(below) < sort_key(above) for below, above in pairwise(known))
