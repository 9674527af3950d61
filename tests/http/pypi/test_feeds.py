"""Feeds of new releases and projects: well-formed, newest first, only what the reader may read."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel, an_sdist

FEEDS = ["/rss/updates.xml", "/rss/packages.xml", "/rss/project/foo/releases.xml"]


def items(site, path, user="ann") -> list[dict[str, str]]:
    answer = site.ask("GET", path, user=user)
    assert answer.status_int == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    root = ET.fromstring(answer.body)
    assert root.tag == "rss"
    return [{child.tag: child.text or "" for child in item} for item in root.iter("item")]


@pytest.mark.promise(134)
@pytest.mark.parametrize("path", FEEDS)
def test_each_is_well_formed_whatever_a_summary_holds(site, path):
    summary = 'a <b> & "c" ]]> \x01\x0b ￾ 𝄞 </item>'
    site.publish(a_wheel("foo", "1.0", metadata={"Summary": summary}))
    (item,) = items(site, path)
    assert 'a <b> & "c" ]]>' in item["description"]
    assert "foo" in item["title"] + item["link"]
    assert parsedate_to_datetime(item["pubDate"]).year == 2026


def test_a_release_stands_once_and_the_newest_first(site):
    site.publish(a_wheel("foo", "1.0"), an_sdist("foo", "1.0"), a_wheel("bar", "1.0"), a_wheel("foo", "0.9"))
    assert [item["title"] for item in items(site, "/rss/updates.xml")] == ["foo 0.9", "bar 1.0", "foo 1.0"]
    assert [item["title"] for item in items(site, "/rss/packages.xml")] == ["bar", "foo"]
    assert [item["title"] for item in items(site, "/rss/project/foo/releases.xml")] == ["0.9", "1.0"]


def test_they_name_only_what_the_reader_may_read(site):
    site.publish(a_wheel("foo", "1.0"), a_wheel("secret", "1.0"))
    site.services.access.grant(Project(PYPI, "secret"), "user", "bob", Right.READ, actor=None)
    for path in FEEDS[:2]:
        assert len(items(site, path)) == 1
        assert len(items(site, path, "bob")) == 2
        anonymous = site.ask("GET", path)
        assert anonymous.status_int in {200, 401}
        assert "foo" not in anonymous.text


def test_an_unknown_project_has_none(site):
    assert site.ask("GET", "/rss/project/nothing/releases.xml", user="ann").status_int == 404


def test_an_empty_index_has_empty_ones(site):
    assert items(site, "/rss/updates.xml") == items(site, "/rss/packages.xml") == []


@pytest.mark.parametrize("path", FEEDS)
def test_an_unchanged_one_is_not_sent_again(site, path):
    site.publish(a_wheel("foo", "1.0"))
    first = site.ask("GET", path, user="ann")
    again = site.ask("GET", path, user="ann", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_int == 304
    site.publish(a_wheel("foo", "1.1"))
    if "packages" not in path:
        assert site.ask("GET", path, user="ann").headers["ETag"] != first.headers["ETag"]
