"""Which names may be told, and which files are old enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pypicloud_like.core.model import PYPI, UNKNOWN_TIME, Project
from pypicloud_like.ecosystems.pypi.names import normalize
from pypicloud_like.settings.model import FallbackSettings, UpstreamSettings
from pypicloud_like.upstream.names import is_allowed, is_old_enough, is_reserved, matches, may_be_told

NOW = datetime(2026, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "patterns", "expected"),
    [
        ("acme-lib", {"acme-lib"}, True),
        ("acme-lib", {"Acme_Lib"}, True),
        ("acme-lib", {"ACME.*"}, True),
        ("acme-lib", {"*-lib"}, True),
        ("acme-lib", {"*_LIB"}, True),
        ("acme-lib", {"*"}, True),
        ("acme-lib", {"a*b"}, True),
        ("acme-lib", {"acme"}, False),
        ("acme", {"acme-*"}, False),
        ("acme-lib", {"lib"}, False),
        ("acme-lib", set(), False),
        ("a[b]", {"a[b]"}, True),
        ("ab", {"a[b]"}, False),
        ("ab", {"a?"}, False),
    ],
)
def test_patterns(name, patterns, expected):
    assert matches(name, patterns, normalize) is expected


def test_reserved_names_are_those_of_their_ecosystem():
    fallback = FallbackSettings(reserved=frozenset({"acme-*", "cargo:tool-*"}))
    assert is_reserved(Project(PYPI, "acme-x"), fallback, normalize)
    assert not is_reserved(Project("cargo", "acme-x"), fallback, normalize)
    assert is_reserved(Project("cargo", "tool-x"), fallback, normalize)
    assert not may_be_told(Project(PYPI, "acme-x"), fallback, normalize)
    assert may_be_told(Project(PYPI, "other"), fallback, normalize)


def test_disallowed_names_are_python_s():
    fallback = FallbackSettings(disallowed=frozenset({"Private"}))
    assert not may_be_told(Project(PYPI, "private"), fallback, normalize)
    assert may_be_told(Project("cargo", "private"), fallback, normalize)


def test_lists_of_one_upstream():
    upstream = UpstreamSettings("u", PYPI, "https://x/", allow=frozenset({"a*"}), deny=frozenset({"ab"}))
    allowed = [
        name for name in ("a", "ab", "abc", "b") if is_allowed(Project(PYPI, name), upstream, normalize)
    ]
    assert allowed == ["a", "abc"]


@pytest.mark.parametrize(
    ("name", "version", "at", "expected"),
    [
        ("x", "1.0", NOW - 8 * DAY, True),
        ("x", "1.0", NOW - 7 * DAY, True),
        ("x", "1.0", NOW - 6 * DAY, False),
        ("x", "1.0", NOW + DAY, False),
        ("x", "1.0", UNKNOWN_TIME, False),
        ("free", "1.0", NOW, True),
        ("free", "1.0", UNKNOWN_TIME, True),
        ("once", "2.0", NOW, True),
        ("once", "2.1", NOW, False),
    ],
)
def test_minimum_age(name, version, at, expected):
    upstream = UpstreamSettings(
        "u", PYPI, "https://x/", minimum_age=7 * 86400, minimum_age_except=frozenset({"Free", "once==2.0"})
    )
    assert is_old_enough(name, version, at, upstream, now=NOW, normalize=normalize) is expected


def test_without_a_minimum_age_everything_is_old_enough():
    upstream = UpstreamSettings("u", PYPI, "https://x/")
    assert is_old_enough("x", "1.0", UNKNOWN_TIME, upstream, now=NOW, normalize=normalize)
