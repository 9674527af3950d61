from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.ecosystems.pypi.feeds import packages_feed, releases_feed, updates_feed
from pypicloud_like.registry.rss import xml_text
from tests.unit.pypi_render.samples import ACME, MOMENT, a_file

BETA = Project(PYPI, "beta")
BASE = "https://h/pip"


def items(body):
    channel = ET.fromstring(body).find("channel")
    return [{child.tag: child.text for child in item} for item in channel.findall("item")]


def titles(body):
    return [item["title"] for item in items(body)]


def test_one_feed_as_bytes():
    assert releases_feed(ACME, [a_file("1!1.0", summary="Saws & <axes>")], BASE).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0">\n'
        "<channel>\n"
        "<title>Releases of acme-tools</title>\n"
        "<link>https://h/pip/project/acme-tools/</link>\n"
        "<description>The newest releases of acme-tools</description>\n"
        "<language>en</language>\n"
        "<item>\n"
        "<title>1!1.0</title>\n"
        "<link>https://h/pip/project/acme-tools/1%211.0/</link>\n"
        "<guid>https://h/pip/project/acme-tools/1%211.0/</guid>\n"
        "<description>Saws &amp; &lt;axes&gt;</description>\n"
        "<pubDate>Sun, 01 Nov 2026 09:30:00 GMT</pubDate>\n"
        "</item>\n"
        "</channel>\n"
        "</rss>\n"
    )


FILES = [
    a_file("1.0", minutes=0),
    a_file("1.0", sdist=True, minutes=50),
    a_file("2.0", minutes=10),
    a_file("0.1", project=BETA, minutes=30),
    a_file("0.2", project=BETA, minutes=5),
]


@pytest.mark.parametrize("files", [FILES, FILES[::-1]])
def test_newest_first_and_a_release_is_as_old_as_its_first_file(files):
    assert titles(updates_feed(files, BASE)) == ["beta 0.1", "acme-tools 2.0", "beta 0.2", "acme-tools 1.0"]
    assert titles(packages_feed(files, BASE)) == ["beta", "acme-tools"]
    assert titles(releases_feed(ACME, [f for f in files if f.project == ACME], BASE)) == ["2.0", "1.0"]


def test_dates_are_those_of_the_first_files():
    (item,) = items(packages_feed([a_file("2.0", minutes=9), a_file("1.0")], BASE))
    assert parsedate_to_datetime(item["pubDate"]) == MOMENT.replace(microsecond=0)
    assert item["link"] == item["guid"] == "https://h/pip/project/acme-tools/"


def test_each_feed_has_an_end():
    many = [a_file(f"1.{n}", project=Project(PYPI, f"p{n}"), minutes=n) for n in range(130)]
    assert len(items(updates_feed(many, BASE))) == 100
    assert titles(packages_feed(many, BASE)) == [f"p{n}" for n in range(129, 89, -1)]
    assert len(items(releases_feed(ACME, [a_file(f"1.{n}", minutes=n) for n in range(50)], BASE))) == 40


def test_an_empty_feed_is_well_formed():
    assert items(updates_feed([], BASE)) == []


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_summary_gives_well_formed_xml(summary):
    (item,) = items(updates_feed([a_file(summary=summary)], BASE))
    # XML turns every line end into a line feed
    expected = xml_text(summary).replace("\r\n", "\n").replace("\r", "\n")
    assert (item["description"] or "") == expected


def test_what_xml_cannot_hold_goes():
    assert xml_text("a\0b\x08c\x1fd\ud800e\ufffef\tg\nh\U0001f600") == "abcdef\tg\nh\U0001f600"
