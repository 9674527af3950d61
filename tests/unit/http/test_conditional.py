from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.http.conditional import (
    Range,
    Unsatisfiable,
    byte_range,
    not_modified,
    requested_range,
)

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("", False),
        ('"abc"', True),
        ('W/"abc"', True),
        ("*", True),
        (" * ", True),
        ('"abd"', False),
        ('"x", "abc"', True),
        ('"x",W/"abc" , "y"', True),
        ('"x","y"', False),
        ('"x,abc"', False),
        ('"ab", "c"', False),
        ("abc", False),
        ('"ABC"', False),
        ('"abc', False),
        ('"abc-gzip"', False),
        ("nonsense", False),
    ],
)
def test_if_none_match(header, expected):
    environ = {} if header is None else {"HTTP_IF_NONE_MATCH": header}
    assert not_modified(environ, ETAG) is expected


def test_a_weak_tag_of_ours_is_compared_weakly():
    assert not_modified({"HTTP_IF_NONE_MATCH": '"abc"'}, 'W/"abc"')
    assert not_modified({"HTTP_IF_NONE_MATCH": '"x", W/"abc"'}, 'W/"abc"')


@pytest.mark.parametrize(
    ("header", "start", "length"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=0-0", 0, 1),
        ("bytes=99-99", 99, 1),
        ("bytes=90-", 90, 10),
        ("bytes=0-", 0, 100),
        ("bytes=-20", 80, 20),
        ("bytes=-100", 0, 100),
        ("bytes=-5000", 0, 100),
        ("bytes=50-5000", 50, 50),
        ("bytes=0-999999999999999999", 0, 100),
        ("Bytes = 1 - 2 ", 1, 2),
    ],
)
def test_one_range(header, start, length):
    part = byte_range(header, 100)
    assert part == Range(start, length, 100)
    assert part.content_range == f"bytes {start}-{start + length - 1}/100"


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=5000-", "bytes=-0"])
def test_a_range_outside(header):
    part = byte_range(header, 100)
    assert part == Unsatisfiable(100)
    assert part.content_range == "bytes */100"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=9-5",
        "bytes=0-1,5-6",
        "bytes=0-1, -5",
        "bytes=0-1,",
        "bytes=a-b",
        "bytes=--5",
        "bytes=+1-5",
        "bytes=1.0-5",
        "bytes=0x1-5",
        "bytes=\u0661-\u0665",
        "bytes=0-1\n",
        "items=0-5",
        "0-5",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-" + "9" * 5000,
    ],
)
def test_the_whole_file_is_the_answer(header):
    assert byte_range(header, 100) is None


def test_ranges_of_an_empty_file():
    assert byte_range("bytes=-5", 0) is None
    assert byte_range("bytes=0-", 0) == Unsatisfiable(0)


@given(
    st.text(max_size=30) | st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), st.integers(0, 2000)
)
def test_a_range_lies_in_the_file(header, size):
    part = byte_range(header, size)
    if isinstance(part, Range):
        assert 0 <= part.start < part.start + part.length <= size


MODIFIED = datetime(2026, 11, 1, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ("", True),
        ('"abc"', True),
        (' "abc" ', True),
        ('"abd"', False),
        ('W/"abc"', False),
        ("Sun, 01 Nov 2026 09:30:00 GMT", True),
        ("Sun, 01 Nov 2026 09:30:01 GMT", False),
        ("Sun, 01 Nov 2026 09:29:59 GMT", False),
        ("Sun, 01 Nov 2026 09:30:00 -0000", True),
        ("Sun, 01 Nov 2026 09:30:00", True),
        ("Sun, 99 Nov 2026 99:30:00 GMT", False),
        ("nonsense", False),
        ("*", False),
    ],
)
def test_if_range(condition, expected):
    environ = {"REQUEST_METHOD": "GET", "HTTP_RANGE": "bytes=5-"}
    if condition is not None:
        environ["HTTP_IF_RANGE"] = condition
    part = requested_range(environ, size=100, etag=ETAG, modified=MODIFIED)
    assert part == (Range(5, 95, 100) if expected else None)


def test_if_range_by_date_when_kept_in_another_zone():
    environ = {
        "REQUEST_METHOD": "GET",
        "HTTP_RANGE": "bytes=5-",
        "HTTP_IF_RANGE": "Sun, 01 Nov 2026 09:30:00 GMT",
    }
    elsewhere = MODIFIED.astimezone(timezone(timedelta(hours=2)))
    assert requested_range(environ, size=100, etag=ETAG, modified=elsewhere)
    assert requested_range(environ, size=100, etag=ETAG) is None


def test_a_weak_tag_of_ours_never_matches_if_range():
    environ = {"REQUEST_METHOD": "GET", "HTTP_RANGE": "bytes=5-", "HTTP_IF_RANGE": 'W/"abc"'}
    assert requested_range(environ, size=100, etag='W/"abc"') is None


def test_only_get_has_ranges():
    environ = {"REQUEST_METHOD": "HEAD", "HTTP_RANGE": "bytes=5-"}
    assert requested_range(environ, size=100, etag=ETAG) is None
    assert requested_range({"REQUEST_METHOD": "GET"}, size=100, etag=ETAG) is None


def test_a_range_outside_is_told_whatever_the_condition():
    environ = {"REQUEST_METHOD": "GET", "HTTP_RANGE": "bytes=100-", "HTTP_IF_RANGE": ETAG}
    assert requested_range(environ, size=100, etag=ETAG) == Unsatisfiable(100)
