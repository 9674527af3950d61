"""What users, groups and projects may be called."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pypicloud_like.access.names import (
    RESERVED_FOR_GROUPS,
    RESERVED_FOR_USERS,
    group_name,
    parse_project,
    user_name,
)
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Project
from pypicloud_like.core.spelling import normal_form


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ann", "ann"),
        ("ANN", "ann"),
        ("bob.smith+ci@example.com", "bob.smith+ci@example.com"),
        ("-_x", "-_x"),
        ("7", "7"),
        ("admin", "admin"),
        ("Rene\u0301", "ren\u00e9"),
        ("Stra\u00dfe", "strasse"),
        ("\u4e2d\u6587", "\u4e2d\u6587"),
        ("x" * 100, "x" * 100),
    ],
)
def test_acceptable_users(text: str, name: str) -> None:
    assert user_name(text) == name


@pytest.mark.promise(131)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 101,
        "\u00df" * 51,  # two letters each in normal form
        ".x",
        "x.",
        "@scope",
        "a b",
        "a/b",
        "a:b",
        "a\nb",
        "nul\0",
        "\ud800",
        "\u200bann",
        "\U0001f600",
        "\u00b2",
        "<b>",
        *sorted(RESERVED_FOR_USERS),
        "EveryOne",
        "__TOKEN__",
    ],
)
def test_unacceptable_users(text: str) -> None:
    with pytest.raises(InvalidRequest, match="username"):
        user_name(text)


@pytest.mark.promise(131)
@pytest.mark.parametrize("text", [*sorted(RESERVED_FOR_GROUPS), "Admin", "@scope", ".x", ""])
def test_unacceptable_groups(text: str) -> None:
    with pytest.raises(InvalidRequest, match="group"):
        group_name(text)


def test_acceptable_groups() -> None:
    assert group_name("Core-Devs") == "core-devs"


@given(st.text(st.characters(codec=None)))
@example("\u0345\u0301")
@example("\u0130\u1e9e\0\ud800")
def test_the_normal_form_is_its_own_and_can_be_stored(text: str) -> None:
    form = normal_form(text)
    assert normal_form(form) == form
    assert "\0" not in form
    form.encode()


@given(st.text(max_size=20))
def test_every_accepted_name_is_accepted_in_its_normal_form(text: str) -> None:
    try:
        name = user_name(text)
    except InvalidRequest:
        return
    assert user_name(name) == name == normal_form(text)


@pytest.mark.parametrize(
    ("text", "project"),
    [
        ("Foo__bar.-baz", Project("pypi", "foo-bar-baz")),
        ("pypi:Foo", Project("pypi", "foo")),
        ("cargo:serde_json", Project("cargo", "serde_json")),
        ("jsr:@scope/name", Project("jsr", "@scope/name")),
    ],
)
def test_projects(text: str, project: Project) -> None:
    assert parse_project(text) == project
    assert parse_project(str(project)) == project


@pytest.mark.parametrize("text", ["", "-x", "a b", "..", "npm:left-pad", "cargo:", "jsr:name", "nul\0"])
def test_no_projects(text: str) -> None:
    with pytest.raises(InvalidRequest, match="package"):
        parse_project(text)
