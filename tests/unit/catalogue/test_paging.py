"""Windows and links of lists."""

from __future__ import annotations

import pytest

from pypicloud_like.catalogue.paging import Window, window_of

AT = "https://pkg.example:8443/api/v4/packages/"


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ([], (20, 0)),
        ([("limit", "")], (20, 0)),
        ([("limit", "0")], (20, 0)),
        ([("limit", "-1")], (20, 0)),
        ([("limit", "1.5")], (20, 0)),
        ([("limit", "abc")], (20, 0)),
        ([("limit", " 7 ")], (7, 0)),
        ([("limit", "2"), ("limit", "3")], (3, 0)),
        ([("limit", "1000000")], (1000, 0)),
        ([("limit", "9" * 40)], (1000, 0)),
        ([("limit", "²")], (20, 0)),
        ([("offset", "-4")], (20, 0)),
        ([("offset", "abc")], (20, 0)),
        ([("offset", "5")], (20, 5)),
    ],
)
def test_what_is_asked_for(query, window):
    assert window_of(query, most=1000) == Window(*window)


@pytest.mark.parametrize(
    ("limit", "offset", "count", "following", "before"),
    [
        (20, 0, 45, "limit=20&offset=20", None),
        (20, 20, 45, "limit=20&offset=40", "limit=20"),
        (20, 40, 45, None, "limit=20&offset=20"),
        (20, 20, 40, None, "limit=20"),
        (2, 1000, 46, None, "limit=2&offset=998"),
        (2, 46, 46, None, "limit=2&offset=44"),
        (20, 0, 0, None, None),
    ],
)
def test_links(limit, offset, count, following, before):
    links = Window(limit, offset).links(count, AT, [])
    assert links == {
        "next": following and f"{AT}?{following}",
        "previous": before and f"{AT}?{before}",
    }


def test_links_keep_what_else_was_asked_sorted():
    links = Window(2, 2).links(9, AT, [("q", "a b"), ("limit", "2"), ("foo", "é"), ("offset", "2")])
    assert links["next"] == f"{AT}?foo=%C3%A9&limit=2&offset=4&q=a+b"
    assert links["previous"] == f"{AT}?foo=%C3%A9&limit=2&q=a+b"
