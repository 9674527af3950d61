import pytest

from pypicloud_like.core.errors import NotAcceptable
from pypicloud_like.http import negotiate
from pypicloud_like.http.negotiate import SIMPLE_HTML, SIMPLE_JSON, TEXT_HTML, simple_format, wants_gzip
from tests.support.cost import cpu_below

LATEST_JSON = "application/vnd.pypi.simple.latest+json"
LATEST_HTML = "application/vnd.pypi.simple.latest+html"

PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
UV = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
POETRY = "application/vnd.pypi.simple.v1+json, */*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (PIP, SIMPLE_JSON),
        (UV, SIMPLE_JSON),
        (POETRY, SIMPLE_JSON),
        (BROWSER, TEXT_HTML),
        (None, TEXT_HTML),
        ("", TEXT_HTML),
        ("*/*", TEXT_HTML),
        ("text/html", TEXT_HTML),
        ("text/*", TEXT_HTML),
        ("application/*", SIMPLE_HTML),
        (SIMPLE_HTML, SIMPLE_HTML),
        (SIMPLE_JSON, SIMPLE_JSON),
        (SIMPLE_JSON.upper(), SIMPLE_JSON),
        (LATEST_JSON, SIMPLE_JSON),
        (LATEST_HTML, SIMPLE_HTML),
        (f"{LATEST_JSON}, */*;q=0.1", SIMPLE_JSON),
        (f"{LATEST_HTML};q=0.4, {LATEST_JSON};q=0.5", SIMPLE_JSON),
        (f"{SIMPLE_JSON};q=0.2, text/html;q=0.9", TEXT_HTML),
        (f"{SIMPLE_JSON}, text/html", TEXT_HTML),
        (f"{SIMPLE_JSON};q=0, */*", TEXT_HTML),
        (f"text/html;q=0, {SIMPLE_JSON};q=0, */*", SIMPLE_HTML),
        (f"application/*;q=0.9, {SIMPLE_JSON};q=0.1, {SIMPLE_HTML};q=0.2", SIMPLE_HTML),
        ("text/html;q=0.001, */*;q=0", TEXT_HTML),
        ("complete nonsense", TEXT_HTML),
        (f"{SIMPLE_JSON};q=7", TEXT_HTML),
    ],
)
@pytest.mark.parametrize("on_none", ["html", "406"])
def test_choice_by_header(accept, expected, on_none):
    chosen = simple_format(accept, None, on_none=on_none)
    assert chosen.media_type == expected
    assert chosen.kind == ("json" if "json" in expected else "html")


@pytest.mark.parametrize(
    "accept", ["application/json", "image/png", "application/xml;q=0.5", f"text/html;q=0, {SIMPLE_HTML};q=0"]
)
def test_nothing_acceptable(accept):
    assert simple_format(accept, None, on_none="html").media_type == TEXT_HTML
    with pytest.raises(NotAcceptable) as caught:
        simple_format(accept, None, on_none="406")
    assert caught.value.offers == (TEXT_HTML, SIMPLE_HTML, SIMPLE_JSON)


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.pypi.simple.v2+json",
        "application/vnd.pypi.simple.v2+json, application/vnd.pypi.simple.v3+html;q=0.5",
        "application/vnd.pypi.simple.v2+json, text/html;q=0",
    ],
)
@pytest.mark.parametrize("on_none", ["html", "406"])
def test_another_version_of_the_api_alone_is_always_refused(accept, on_none):
    with pytest.raises(NotAcceptable):
        simple_format(accept, None, on_none=on_none)


def test_another_version_beside_something_else_gets_the_default():
    accept = "application/vnd.pypi.simple.v2+json, application/json;q=0.1"
    assert simple_format(accept, None, on_none="html").media_type == TEXT_HTML


@pytest.mark.parametrize(
    ("fmt", "expected"),
    [
        (SIMPLE_JSON, SIMPLE_JSON),
        ("application/vnd.pypi.simple.v1 json", SIMPLE_JSON),  # "+" in an address means a space
        (SIMPLE_HTML, SIMPLE_HTML),
        (TEXT_HTML, TEXT_HTML),
        (LATEST_JSON, SIMPLE_JSON),
        (LATEST_HTML, SIMPLE_HTML),
        ("Text/HTML", TEXT_HTML),
    ],
)
def test_the_format_parameter_wins(fmt, expected):
    for accept in (None, "text/html", SIMPLE_JSON, "application/vnd.pypi.simple.v2+json"):
        assert simple_format(accept, fmt, on_none="406").media_type == expected


@pytest.mark.parametrize("fmt", ["", "json", "*/*", f"{SIMPLE_JSON};q=1", f"{SIMPLE_JSON},text/html", "a/b"])
def test_an_unknown_format_leaves_the_choice_to_the_header(fmt):
    assert simple_format(PIP, fmt, on_none="html").media_type == SIMPLE_JSON
    assert simple_format(None, fmt, on_none="html").media_type == TEXT_HTML


@pytest.mark.promise(99)
@pytest.mark.parametrize("piece", ["a/b,", "*/*,", "*,", "a/b;q=0.1,", "gzip,"])
def test_absurdly_long_headers_say_nothing_and_take_no_time(piece):
    text = piece * (60_000 // len(piece)) + SIMPLE_JSON
    with cpu_below(0.2):
        assert simple_format(text, None, on_none="406").media_type == TEXT_HTML
        assert not wants_gzip(text)
        assert negotiate.read_accept(text).acceptable_offers(["a/b"]) == [("a/b", 1.0)]


def test_long_headers_are_understood_and_not_remembered():
    negotiate._remembered.cache_clear()
    negotiate._remembered_gzip.cache_clear()
    padded = ", ".join(f"a/b{n};q=0.1" for n in range(100))
    assert simple_format(f"{SIMPLE_JSON}, {padded}", None, on_none="406").kind == "json"
    assert wants_gzip(", ".join(f"c{n};q=0.1" for n in range(100)) + ", gzip")
    assert negotiate._remembered.cache_info().currsize == 0
    assert negotiate._remembered_gzip.cache_info().currsize == 0
    for _ in range(2):
        simple_format(PIP, None, on_none="html")
        wants_gzip("gzip")
    assert negotiate._remembered.cache_info().hits == 1
    assert negotiate._remembered_gzip.cache_info().hits == 1


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        (None, False),
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate", True),
        ("zstd,gzip,deflate", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("br", False),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("gzip;q=nonsense", False),
    ],
)
def test_compression(accept_encoding, expected):
    assert wants_gzip(accept_encoding) is expected
