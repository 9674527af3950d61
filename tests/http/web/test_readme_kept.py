"""READMEs of project pages: read and rendered once, until their project moves."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import MissingBytes
from pypicloud_like.web.browse import project
from tests.builders import a_wheel

MARKDOWN = {"Description-Content-Type": "text/markdown"}


@pytest.fixture
def ini():
    return {"pypi.default_write": "authenticated", "pypi.allow_overwrite_groups": "authenticated"}


@pytest.fixture
def opened(services, monkeypatch):
    """The keys of what is read from storage."""
    keys, read = [], services.storage.open

    def note(key, **more):
        keys.append(key)
        return read(key, **more)

    monkeypatch.setattr(services.storage, "open", note)
    return keys


def test_a_crates_is_read_from_storage_once(site, boss, opened):
    site.crate("baz", "0.1.0", readme="Some *words*")
    opened.clear()
    for _ in range(2):
        assert "<em>words</em>" in boss.read("/crates/baz")
    assert len(opened) == 1


def test_a_jsr_packages_is_too(site, boss, opened):
    site.module("@acme/qux", "1.0.0", README_md="Some *words*")
    assert "<em>words</em>" in boss.read("/@acme/qux")
    opened.clear()
    assert "<em>words</em>" in boss.read("/@acme/qux")
    assert not opened


def test_bytes_that_are_gone_are_looked_for_again(site, boss, services, monkeypatch):
    site.crate("baz", "0.1.0", readme="Some *words*")

    def gone(key, **_more):
        raise MissingBytes(key)

    with monkeypatch.context() as patched:
        patched.setattr(services.storage, "open", gone)
        assert "There is no description" in boss.read("/crates/baz")
    assert "<em>words</em>" in boss.read("/crates/baz")


def test_what_changes_while_a_page_is_made_is_on_the_next_one(site, boss, monkeypatch):
    site.publish(a_wheel("foo", "1.0", metadata=MARKDOWN, description="*old*"))
    described = project.described

    def overtaken(*arguments):
        monkeypatch.setattr(project, "described", described)
        found = described(*arguments)
        site.publish(a_wheel("foo", "1.0", metadata=MARKDOWN, description="*new*"))
        return found

    monkeypatch.setattr(project, "described", overtaken)
    assert "<em>old</em>" in boss.read("/project/foo/")
    assert "<em>new</em>" in boss.read("/project/foo/")
