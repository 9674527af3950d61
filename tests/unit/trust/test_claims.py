"""What publishers say of jobs, and whether a job is one of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.core.ports.publishers import Publisher
from pypicloud_like.settings.model import IssuerSettings
from pypicloud_like.trust import claims

GITHUB = IssuerSettings("gh", "https://ci.example", "x", "github", ("repository",), ("repository_id",))
GITLAB = IssuerSettings("gl", "https://git.example:8443", "x", "gitlab", ("project_path",))
OTHER = IssuerSettings("own", "https://ci.example", "x")


def publisher(said: dict[str, str], pinned: dict[str, str] | None = None) -> Publisher:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Publisher("1", Project(PYPI, "demo"), "ci", said, "ann", False, at, pinned or {})


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("main", "main", True),
        ("main", "Main", False),
        ("main", "main2", False),
        ("*", "", True),
        ("*", "anything/at all", True),
        ("refs/tags/*", "refs/tags/v1", True),
        ("refs/tags/*", "refs/tags/", True),
        ("refs/tags/*", "refs/heads/refs/tags/v1", False),
        ("*.yml", "a.yml", True),
        ("*.yml", "a.yml@x", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "acb", False),
        ("a*bc*c", "abc", False),
        ("a**c", "abc", True),
        ("v?", "v1", False),
        ("[ab]", "a", False),
        ("a.c", "abc", False),
        ("refs/tags/*", "refs/tags/v1\nx", True),
    ],
)
def test_patterns(pattern, value, fits):
    assert claims.fits(pattern, value) is fits


@given(
    st.lists(st.text(alphabet="ab", max_size=4), min_size=1, max_size=6), st.text(alphabet="ab", max_size=8)
)
def test_patterns_agree_with_regular_expressions(parts, value):
    import re

    expected = re.fullmatch(".*".join(map(re.escape, parts)), value, re.DOTALL) is not None
    assert claims.fits("*".join(parts), value) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (1, "1"),
        (True, "true"),
        (False, "false"),
        (None, None),
        ([], None),
        ({}, None),
        (1.5, "1.5"),
    ],
)
def test_texts(value, text):
    assert claims.text_of(value) == text


def test_what_does_not_fit_is_named():
    one = publisher({"repository": "a/b", "ref": "refs/tags/*"}, {"repository_id": "7"})
    fitting = {"repository": "a/b", "ref": "refs/tags/v1", "repository_id": "7", "more": "x"}
    assert claims.misfit(one, fitting) is None
    assert claims.misfit(one, fitting | {"ref": "refs/heads/main"}) == "ref"
    assert claims.misfit(one, fitting | {"repository_id": "8"}) == "repository_id"
    assert claims.misfit(one, {}) == "repository"


def test_near_is_whose_identity_fits():
    one = publisher({"repository": "a/b", "ref": "x"})
    assert claims.is_near(GITHUB, one, {"repository": "a/b"})
    assert not claims.is_near(GITHUB, one, {"repository": "a/c", "ref": "x"})
    assert not claims.is_near(OTHER, one, {"repository": "a/b"})


def test_pins_are_kept():
    job = {"repository_id": 7, "x": "y"}
    assert claims.pins(GITHUB, publisher({}), job) == {"repository_id": "7"}
    assert claims.pins(GITHUB, publisher({}, {"repository_id": "6"}), job) == {"repository_id": "6"}
    assert claims.pins(GITHUB, publisher({}), {}) == {}


def test_workflows():
    github = claims.with_workflow(GITHUB, {"repository": "a/b"}, "release.yml")
    assert github["job_workflow_ref"] == "a/b/.github/workflows/release.yml@*"
    gitlab = claims.with_workflow(GITLAB, {"project_path": "g/s/p"}, "ci/release.yml")
    assert gitlab["ci_config_ref_uri"] == "git.example:8443/g/s/p//ci/release.yml@*"
    with pytest.raises(InvalidRequest):
        claims.with_workflow(OTHER, {"sub": "x"}, "release.yml")


def test_who_has_to_be_named():
    assert claims.checked(OTHER, {"sub": "job"}) == {"sub": "job"}
    for wrong in ({"repository": "a/b"}, {"sub": "*"}, {"sub": "j*"}, None, [], "sub"):
        with pytest.raises(InvalidRequest):
            claims.checked(OTHER, wrong)


def test_what_is_told_is_short():
    told = claims.told({"repository": "x" * 1000, "sha": None, "ref": ["x"], "run_id": 5, "secret": "s"})
    assert told == {"repository": "x" * 200, "run_id": "5"}
