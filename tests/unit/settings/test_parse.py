"""The types of settings, one by one."""

import pytest

from pypicloud_like.settings import database, parse


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("65536", 65536),
        ("64k", 65536),
        ("64 KiB", 65536),
        ("2MB", 2 * 1024**2),
        ("1 GiB", 1024**3),
        ("7b", 7),
    ],
)
def test_sizes(text, size):
    assert parse.size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5 GiB", "1 PiB", "1 GiB x", "٣", "9" * 16])
def test_bad_sizes(text):
    with pytest.raises(ValueError, match="must be"):
        parse.size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("300", 300), ("5m", 300), ("12 h", 43200), ("7D", 604800), ("1w", 604800)],
)
def test_durations(text, seconds):
    assert parse.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "-5", "1y", "1.5h", "999999d"])
def test_bad_durations(text):
    with pytest.raises(ValueError, match="must be"):
        parse.duration(text)


@pytest.mark.parametrize(("text", "seconds"), [("3", 3.0), ("0.25", 0.25)])
def test_seconds(text, seconds):
    assert parse.seconds(text) == seconds


@pytest.mark.parametrize("text", ["0", "0.0", "nan", "inf", "1e3", "-1", ""])
def test_bad_seconds(text):
    with pytest.raises(ValueError, match="seconds"):
        parse.seconds(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://Packages.example.org/", "https://packages.example.org"),
        ("http://h:8080/pkg/", "http://h:8080/pkg"),
        ("http://[::1]:6543", "http://[::1]:6543"),
        ("", None),
    ],
)
def test_public_urls(text, url):
    assert parse.public_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "h",
        "ftp://h",
        "https://",
        "http://u:p@h",
        "http://h/?q",
        "http://h:x",
        "http://h:99999",
        "http://h h",
        "//h",
    ],
)
def test_bad_public_urls(text):
    with pytest.raises(ValueError, match="must be"):
        parse.public_url(text)


def test_hosts():
    assert parse.hosts("A.example.org 10.0.0.1 [::1] *") == {"a.example.org", "10.0.0.1", "::1", "*"}
    for text in ("http://h", "h/p", "a,b", "h:80"):
        with pytest.raises(ValueError, match="is not a host name"):
            parse.hosts(text if text != "h:80" else "host:80")


def test_networks():
    assert parse.networks("127.0.0.1 10.0.0.0/8 ::1") == {"127.0.0.1/32", "10.0.0.0/8", "::1/128"}
    with pytest.raises(ValueError, match="addresses or networks"):
        parse.networks("10.0.0.1/8")


def test_cors_origins():
    assert parse.origins("* https://a.example:8443/") == {"*", "https://a.example:8443"}
    with pytest.raises(ValueError, match="without a path"):
        parse.origins("https://a.example/x")


def test_url_paths():
    assert parse.url_path("/protected/") == "/protected"
    for text in ("protected", "/a b", "/a//b", "/"):
        with pytest.raises(ValueError, match="must be a path"):
            parse.url_path(text)


def test_key_prefixes():
    assert parse.key_prefix("a/b-") == "a/b-"
    assert parse.key_prefix("") == ""
    for text in ("/a", "a/../b", "a//b", "a b"):
        with pytest.raises(ValueError, match="must be a plain path"):
            parse.key_prefix(text)


def test_names_are_in_one_form():
    assert parse.principal("Ann") == "ann"
    assert parse.principal("Re\u0301my") == "r\xe9my"
    for text in ("a b", ".a", "a.", "a,", "", "@scope", "a/b", "x" * 101):
        with pytest.raises(ValueError, match="is not a name"):
            parse.principal(text)


def test_text_is_one_line():
    for text in ("", "a\nb", "a\x00"):
        with pytest.raises(ValueError, match="must"):
            parse.text(text)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_we_have(scheme):
    pytest.importorskip("psycopg")
    assert database.url(f"{scheme}://u:p@h:5432/n?sslmode=require") == (
        "postgresql+psycopg://u:p@h:5432/n?sslmode=require"
    )


def test_without_the_driver_its_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"pypicloud-like\[postgresql\]"):
        database.url("postgresql://h/n")


@pytest.mark.parametrize(
    "text",
    ["", "x.db", "mysql://h/n", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a?mode=ro", "postgresql://h",
     "postgresql://h:x/n", "sqlite:/// a"],
)  # fmt: skip
def test_bad_databases(text):
    with pytest.raises(ValueError, match=r"must|not a known database"):
        database.url(text)
