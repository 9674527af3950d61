"""Semantic versions: what is one, and which comes first."""

import random

import pytest

from pypicloud_like.registry.semver import MAX_NUMBER, is_version, parse

# the order of section 11 of the specification, and beyond
ASCENDING = [
    "0.0.0",
    "0.0.1",
    "0.9.0",
    "0.10.0",
    "1.0.0-0",
    "1.0.0-0.3.7",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-1a",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-beta.11.0",
    "1.0.0-rc.1",
    "1.0.0-x-y-z.--",
    "1.0.0",
    "1.0.1",
    "1.1.0",
    "2.0.0",
    "10.0.0",
]


def test_precedence():
    shuffled = list(ASCENDING)
    random.Random(1).shuffle(shuffled)
    assert [str(version) for version in sorted(map(parse, shuffled))] == ASCENDING


@pytest.mark.parametrize(
    "text", ["1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "1.2.3-a.b+001.x-y", f"0.0.{MAX_NUMBER}"]
)
def test_what_is_parsed_is_spelt_the_same(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "01.2.3",
        "1.02.3",
        "1.2.03",
        "1.2.3-",
        "1.2.3+",
        "1.2.3-01",
        "1.2.3-a..b",
        "1.2.3-a_b",
        "1.2.3+a+b",
        "=1.2.3",
        "-1.2.3",
        "1.2.-3",
        "1.2.3-ä",
        "18446744073709551616.0.0",
        "99999999999999999999999.0.0",
        "1.2.x",
    ],
)
def test_no_version(text):
    assert not is_version(text)


def test_no_version_with_a_line_end_or_nothing():
    for text in ("", "1.2.3\n", " 1.2.3", "1.2.3 "):
        assert not is_version(text)


def test_build_metadata_does_not_count():
    one, other = parse("1.0.0+a"), parse("1.0.0+b")
    assert one.precedence == other.precedence
    assert one.without_build == other.without_build == "1.0.0"
    assert one != other
    assert sorted([other, one]) == [one, other]


@pytest.mark.promise(99)
def test_hostile_lengths_are_quick():
    assert not is_version("1.0.0-" + "a." * 50_000 + "!")
    assert not is_version("0" * 100_000)
