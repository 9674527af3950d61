"""Slugs: of what they are made, and what is done when they are taken."""

from __future__ import annotations

from itertools import islice

import pytest

from pypicloud_like.core.slugs import SLUG, candidates, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("zope.interface", "zope-interface"),
        ("@std/path", "std-path"),
        ("Foo_Bar", "foo_bar"),
        ("Über  Größe!", "uber-groe"),
        ("日本", ""),
        ("--", ""),
        ("a" * 60, "a" * 50),
    ],
)
def test_of_a_title(title, slug):
    assert slug_of(title) == slug


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("serde", ["serde", "serde-cargo", "serde-cargo-2", "serde-cargo-3"]),
        ("2048", ["cargo-2048", "cargo-2048-cargo", "cargo-2048-cargo-2", "cargo-2048-cargo-3"]),
        ("日本", ["cargo", "cargo-cargo-2", "cargo-cargo-3", "cargo-cargo-4"]),
    ],
)
def test_when_it_is_taken(title, first):
    assert list(islice(candidates(title, "cargo"), 4)) == first


def test_a_long_one_stays_short_whatever_is_behind_it():
    for slug in islice(candidates("x" * 80, "pypi"), 1000):
        assert SLUG.match(slug)
