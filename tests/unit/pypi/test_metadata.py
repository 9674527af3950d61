"""METADATA and PKG-INFO as facts, from the tidy to the hostile."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.metadata import parse
from tests.support.cost import cpu_below

FULL = """\
Metadata-Version: 2.4
Name: Foo.Bar
Version: 1.0
Summary: Makes foo
 of bar
Author: A. N. Author
Author-email: a@example.org
Maintainer: M
Maintainer-email: m@example.org
Home-page: https://example.org
Download-URL: https://example.org/d
License-Expression: MIT
License-File: LICENSE
License-File: AUTHORS
Keywords: one, two
Platform: any
Classifier: Private :: Do Not Upload
Classifier: Made Up :: Thing
Requires-Dist: click>=8
Requires-Dist: rich; extra == "x"
Requires-External: libc
Requires-Python: >=3.9
Provides-Extra: x
Project-URL: Source, https://example.org/s,with-comma
Project-URL: Docs, https://example.org/docs
Dynamic: Summary
Import-Name: foo_bar
Import-Namespace: corp
Description-Content-Type: text/markdown
X-Unheard-Of: y

# Foo

Grüße,
        an indented line
"""


def test_every_field() -> None:
    assert parse(FULL.encode()) == {
        "metadata_version": "2.4",
        "name": "Foo.Bar",
        "version": "1.0",
        "summary": "Makes foo of bar",
        "description": "# Foo\n\nGrüße,\n        an indented line",
        "description_content_type": "text/markdown",
        "keywords": ["one", "two"],
        "author": "A. N. Author",
        "author_email": "a@example.org",
        "maintainer": "M",
        "maintainer_email": "m@example.org",
        "home_page": "https://example.org",
        "download_url": "https://example.org/d",
        "license_expression": "MIT",
        "license_files": ["LICENSE", "AUTHORS"],
        "classifiers": ["Private :: Do Not Upload", "Made Up :: Thing"],
        "requires_dist": ["click>=8", 'rich; extra == "x"'],
        "requires_python": ">=3.9",
        "requires_external": ["libc"],
        "project_urls": {"Source": "https://example.org/s,with-comma", "Docs": "https://example.org/docs"},
        "provides_extra": ["x"],
        "dynamic": ["Summary"],
        "platform": ["any"],
        "import_names": ["foo_bar"],
        "import_namespaces": ["corp"],
    }


def test_what_says_nothing_is_left_out() -> None:
    facts = parse(
        b"Name: foo\nSummary: UNKNOWN\nPlatform: UNKNOWN\nAuthor: \nKeywords:\nHome-page: UNKNOWN\n\n\n"
    )
    assert facts == {"name": "foo"}


def test_a_description_of_the_old_form_loses_its_indentation() -> None:
    folded = b"Title\n        ===\n        \n            code\n        end\n"
    raw = b"Name: foo\nDescription: " + folded + b"Platform: any\n"
    assert parse(raw)["description"] == "Title\n===\n\n    code\nend"
    assert parse(raw)["platform"] == ["any"]
    assert parse(b"Name: foo\nLicense: Line one\n       |Line two\n")["license"] == "Line one\nLine two"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(line_end: bytes) -> None:
    raw = line_end.join([b"Name: foo", b"Summary: a", b" b", b"", b"one", b"two"])
    assert parse(raw) == {"name": "foo", "summary": "a b", "description": "one\ntwo"}


def test_of_two_addresses_with_one_label_the_first_counts() -> None:
    raw = b"Name: foo\nProject-URL: Home, https://a\nProject-URL: Home, https://b\nProject-URL: nothing\n"
    assert parse(raw)["project_urls"] == {"Home": "https://a"}


def test_control_characters_do_not_survive() -> None:
    facts = parse(b"Name: foo\nSummary: a\0b\x1bc\nLicense: x\0\n y\n\nd\0e\x07f\tg\n")
    assert facts == {"name": "foo", "summary": "abc", "license": "x\n y", "description": "def\tg"}


def test_a_field_that_is_not_utf8_is_left_out() -> None:
    assert parse(b"Name: foo\nAuthor: M\xfcller\n\nGr\xfc\xdfe\n") == {"name": "foo"}


@pytest.mark.parametrize("field", ["Name", "Version", "Metadata-Version", "Requires-Python"])
def test_what_must_be_clear_comes_once(field: str) -> None:
    with pytest.raises(InvalidUpload, match=field.lower()):
        parse(f"Name: foo\nVersion: 1\n{field}: a\n{field.upper()}: b\n".encode())
    with pytest.raises(InvalidUpload, match="UTF-8"):
        parse(field.encode() + b": \xff\n")


@pytest.mark.parametrize(
    "header",
    ["Content-Type: multipart/mixed; boundary=x", "content-transfer-encoding: base64", "MIME-Version: 1.0"],
)
def test_a_mail_is_no_metadata(header: str) -> None:
    with pytest.raises(InvalidUpload, match="mail"):
        parse(f"Name: foo\n{header}\n\n--x\n\n--x--\n".encode())


@pytest.mark.promise(98)
@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b"X-%d: y\n" % at for at in range(100_000)),
        b"Classifier: x\n" * 100_000,
        b"Name: foo\n" * 19_000,
        b"".join(b"X-%d: y\n" % (at % 190) for at in range(19_000)),
        b"Summary: " + b"x" * 2_000_000,
        b"Summary: " + b"=?a?q?" * 300_000,
        b"Summary: " + b"\xff" * 2_000_000,
        b"Keywords: " + b"," * 2_000_000,
        b"Author: " + b" " * 2_000_000 + b"x",
        b"License: " + b"\n       |" * 200_000,
        b"\n" * 2_000_000,
        b"\r" * 2_000_000,
        b" \n" * 1_000_000,
        b"Name: foo\n" + b" \n" * 1_000_000,
        b"Description: foo\n" + b"        x\n" * 200_000,
        b"\0" * 2_000_000,
        b":" * 2_000_000,
        b":\n" * 15_000,
        b"From a\n" * 200_000,
        b"Project-URL: a, b\n" * 19_000,
        b"Requires-Dist: " + b"(" * 1_900_000,
        b"Name: " + b"a-" * 900_000,
    ],
    ids=range(22),
)
def test_hostile_bytes_cost_little(raw: bytes) -> None:
    with cpu_below(5):
        try:
            facts = parse(raw)
        except InvalidUpload:
            facts = {}
    assert len(json.dumps(facts)) < 16 * len(raw) + 100


@pytest.mark.promise(93)
def test_more_than_2_mib_is_refused() -> None:
    with pytest.raises(InvalidUpload, match="larger"):
        parse(b"Name: foo\n\n" + b"x" * 2 * 1024 * 1024)


@pytest.mark.promise(98)
@settings(max_examples=300, deadline=None, database=None)
@given(
    st.lists(
        st.sampled_from(
            [b"Name: foo", b"Version: 1", b"Summary: ", b"\r", b"\n", b": ", b"License: ", b"Description:"]
        )
        | st.binary(max_size=12),
        max_size=12,
    )
)
def test_any_bytes_give_storable_facts_or_a_refusal(pieces: list[bytes]) -> None:
    try:
        facts = parse(b"\n".join(pieces))
    except InvalidUpload:
        return
    text = json.dumps(facts, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode("utf-8")
