"""Pages tell nobody whether there is something that they may not know of."""

from __future__ import annotations

import re

import pytest

from pypicloud_like.core.model import Project, Right


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


@pytest.fixture
def private(site, users):
    """One project of each ecosystem that ``ann`` alone may read."""
    site.wheel("secret")
    site.crate("secret")
    site.module("@acme/secret")
    for ecosystem, name in (("pypi", "secret"), ("cargo", "secret"), ("jsr", "@acme/secret")):
        users.grant(Project(ecosystem, name), "user", "ann", Right.READ, actor=None)


@pytest.mark.parametrize(
    "path",
    [
        "/project/{}/",
        "/project/{}/1.0/",
        "/project/{}/?readme=whole",
        "/crates/{}",
        "/crates/{}/1.0.0",
        "/@acme/{}",
        "/@acme/{}@1.0.0",
        "/manage/pypi/{}",
        "/manage/pypi/{}?delete=1.0",
        "/manage/cargo/{}",
        "/manage/jsr/@acme/{}",
    ],
)
def test_a_private_project_is_like_one_that_is_not_there(private, bob, path):
    hidden, unknown = (bob.get(path.format(name)) for name in ("secret", "nobody"))
    assert hidden.status_int == unknown.status_int == 404
    assert _without(hidden.text, "secret") == _without(unknown.text, "nobody")


@pytest.mark.parametrize("ecosystem", ["pypi", "cargo"])
def test_nor_does_trying_to_change_it_tell(private, bob, ecosystem):
    hidden, unknown = (
        bob.post(f"/manage/{ecosystem}/{name}", do="yank", version="1.0") for name in ("secret", "nobody")
    )
    assert hidden.status_int == unknown.status_int == 404
    assert _without(hidden.text, "secret") == _without(unknown.text, "nobody")


def _without(text: str, name: str) -> str:
    return re.sub(r"\b" + name + r"\b", "NAME", text)
