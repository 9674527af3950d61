"""Reading HTML: what counts, what does not, and that nothing takes long."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.pypi.anchors import MOST_ANCHORS, TooManyTags, read_anchors
from tests.support.cost import cpu_below

PAGE = """<!DOCTYPE html>
<html><head><META name="PyPI:Repository-Version" content='1.3'><base href=https://example.org/x/>
<title>Links for foo &amp; bar</title><style>a < b { }</style>
<script>if (a<b) document.write("<a href='no'>")</script></head>
<body><!-- <a href="commented">no</a> -->
<a href="one.whl#sha256=00" data-requires-python="&gt;=3.8" data-yanked>one</a><br/>
<A HREF='two.whl' data-requires-python=">=3.8,<4">two</A>
<a name="nothing">no address</a> 1 < 2 <a
  href = "three.whl"
  rel=internal >three</a>
</body></html>"""


def test_a_page():
    found = read_anchors(PAGE)
    assert [anchor["href"] for anchor in found.anchors] == ["one.whl#sha256=00", "two.whl", "three.whl"]
    assert found.anchors[0]["data-requires-python"] == ">=3.8"
    assert found.anchors[0]["data-yanked"] == ""
    assert found.anchors[1]["data-requires-python"] == ">=3.8,<4"
    assert found.anchors[2]["rel"] == "internal"
    assert found.base == "https://example.org/x/"
    assert found.metas == {"pypi:repository-version": "1.3"}
    assert found.title == "Links for foo & bar"


def test_no_page_at_all():
    for text in ("", "<", "<a", "<a href", "<a href='", "text", "<!--", "<script>", "<title>", "</", "<>"):
        assert read_anchors(text).anchors == []


def test_a_tag_that_never_ends_is_none():
    assert [anchor["href"] for anchor in read_anchors("<a <b <a href=x>").anchors] == ["x"]


@pytest.mark.promise(99)
@pytest.mark.parametrize(
    "piece",
    ["<a ", "<", "<!--", "<![CDATA[", '<a href="', "<a '", "<a href=x ", "<script>", "<a\n", "&", "<a x="],
)
def test_hostile_pages_come_to_an_end(piece):
    with cpu_below(20):  # what is not linear takes hours
        try:
            found = read_anchors(piece * (4_000_000 // len(piece)))
        except TooManyTags:
            found = None
    assert found is None or len(found.anchors) <= MOST_ANCHORS


def test_more_anchors_than_any_index_has():
    assert len(read_anchors("<a href=x>" * (MOST_ANCHORS + 10)).anchors) == MOST_ANCHORS
