"""File names taken apart, and identities."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.keys import segment
from pypicloud_like.ecosystems.pypi.names import (
    is_valid_name,
    normalize,
    parse_filename,
    parse_version,
    split_stem,
)

FUZZ = settings(max_examples=300, deadline=None, database=None)


@pytest.mark.parametrize("name", ["Foo_Bar", "foo.bar", "FOO--bar", "foo-_.bar", "foo-bar"])
def test_spellings_of_one_name(name: str) -> None:
    assert normalize(name) == "foo-bar"


@pytest.mark.parametrize("name", ["a", "A1", "foo.bar", "zope.interface", "x_y-z"])
def test_valid_names(name: str) -> None:
    assert is_valid_name(name)


@pytest.mark.promise(104)
@pytest.mark.parametrize(
    "name",
    [
        "",
        "-a",
        "a-",
        ".a",
        "a.",
        "a b",
        "a\n",
        "fo\u043e",
        "\uff46oo",
        "\u017f",
        "\u212a",
        "a/b",
        "@a",
        "a\0",
        "é",
    ],
)
def test_names_that_are_none(name: str) -> None:
    assert not is_valid_name(name)


UPLOADED = {
    "foo-1.0-py3-none-any.whl": "bdist_wheel foo 1.0 py3 1.0-py3-none-any.whl",
    "Foo.Bar-1-py2.py3-none-any.whl": "bdist_wheel foo-bar 1 py2.py3 1.0-py2.py3-none-any.whl",
    "foo-1.0-2a-py3-none-any.whl": "bdist_wheel foo 1.0 py3 1.0-2a-py3-none-any.whl",
    "foo-1.0+c.1-cp312-abi3-linux_arm.whl": "bdist_wheel foo 1.0+c.1 cp312 1.0+c.1-cp312-abi3-linux_arm.whl",
    "foo-1!2.0-py3-none-any.whl": "bdist_wheel foo 1!2.0 py3 1!2.0-py3-none-any.whl",
    "foo_bar-1.0.tar.gz": "sdist foo-bar 1.0 source 1.0.sdist",
    "foo-bar-1.0.zip": "sdist foo-bar 1.0 source 1.0.sdist",
    "foo-1.0.0rc1.tar.gz": "sdist foo 1.0.0rc1 source 1.0rc1.sdist",
    "foo-2-1.0.tar.gz": "sdist foo-2 1.0 source 1.0.sdist",
}
OLDER = {
    "foo_bar-1.0-py2.7.egg": "bdist_egg foo-bar 1.0 2.7 foo_bar-1.0-py2.7.egg",
    "Foo-1.0-py2.7-linux-x86_64.egg": "bdist_egg foo 1.0 2.7 foo-1.0-py2.7-linux-x86_64.egg",
    "foo-1.0.egg": "bdist_egg foo 1.0 any foo-1.0.egg",
    "foo-1.0.win32-py2.7.exe": "bdist_wininst foo 1.0 2.7 foo-1.0.win32-py2.7.exe",
    "foo-1.0.win-amd64.exe": "bdist_wininst foo 1.0 any foo-1.0.win-amd64.exe",
    "foo-1.0.win32-py2.7.msi": "bdist_msi foo 1.0 2.7 foo-1.0.win32-py2.7.msi",
    "foo-1.0.tar.bz2": "sdist foo 1.0 source 1.0.sdist",
    "foo-1.0.tgz": "sdist foo 1.0 source 1.0.sdist",
    "foo-1.0-beta.tar.gz": "sdist foo 1.0-beta source 1.0b0.sdist",
    "foo-bar-2012x-r3.tar.gz": "sdist foo-bar 2012x-r3 source 2012x-r3.sdist",
    "foo-bar.tar.gz": "sdist foo bar source bar.sdist",
    "foo-1.0_1-py3-none-any.whl": "bdist_wheel foo 1.0-1 py3 1.0.post1-py3-none-any.whl",
}


def taken_apart(filename: str, *, older_kinds: bool) -> str:
    parsed = parse_filename(filename, older_kinds=older_kinds)
    assert parsed.filename == filename
    return f"{parsed.kind} {parsed.name} {parsed.version} {parsed.python_version} {parsed.identity}"


@pytest.mark.parametrize("filename", UPLOADED)
def test_file_names(filename: str) -> None:
    assert taken_apart(filename, older_kinds=False) == UPLOADED[filename]
    assert taken_apart(filename, older_kinds=True) == UPLOADED[filename]


@pytest.mark.parametrize("filename", OLDER)
def test_older_file_names(filename: str) -> None:
    assert taken_apart(filename, older_kinds=True) == OLDER[filename]


@pytest.mark.parametrize(
    "filename",
    [
        "foo-1.0.egg",
        "foo-1.0.exe",
        "foo-1.0.tar.bz2",
        "foo-1.0.tar.xz",
        "foo-1.0.tgz",
        "foo-bar.tar.gz",
        "foo-1.0.msi",
    ],
)
def test_older_kinds_are_not_uploaded(filename: str) -> None:
    with pytest.raises(InvalidUpload):
        parse_filename(filename)


def test_a_known_project_settles_where_the_version_starts() -> None:
    assert parse_filename("foo-1.0-1.tar.gz").name == "foo-1-0"
    parsed = parse_filename("foo-1.0-1.tar.gz", project="foo")
    assert (parsed.name, parsed.version, parsed.identity) == ("foo", "1.0-1", "1.0.post1.sdist")
    assert split_stem("Foo-Bar-1.0", project="foo-bar") == ("Foo-Bar", "1.0")


@pytest.mark.promise(102)
@pytest.mark.parametrize(
    "filename",
    [
        "",
        ".",
        "..",
        "foo",
        "foo.tar.gz",
        "-1.0.tar.gz",
        "foo-1.0",
        "foo-1.0.tar.gz.asc",
        "foo-1.0.WHL",
        "foo-1.0.tar.gz\0",
        "foo-1.0.tar.gz\n",
        "foo-1.0.tar.gz ",
        "foo-1.0.tar.gz.",
        " foo-1.0.tar.gz",
        ".foo-1.0.tar.gz",
        "../foo-1.0.tar.gz",
        "foo..bar-1.0.tar.gz",
        "a/foo-1.0.tar.gz",
        "a\\foo-1.0.tar.gz",
        "C:foo-1.0.tar.gz",
        "foo-1.0\x7f.tar.gz",
        "foo-1.0\u202e.tar.gz",
        "foo\u200b-1.0.tar.gz",
        "fo\u043e-1.0.tar.gz",
        "foo-\u0661.0.tar.gz",
        "foo-1.0.tar.gz?x=1",
        "foo-1.0.tar.gz#x",
        "foo%2e-1.0.tar.gz",
        "foo;-1.0.tar.gz",
        "foo-1.0-py3-none.whl",
        "foo-1.0-x-py3-none-any.whl",
        "foo-1.0-py3--any.whl",
        "foo-1.0-py3.-none-any.whl",
        "foo-1.0-1-2-py3-none-any.whl",
        "foo-1.0-3py-none-any.whl",
        "foo-x-py3-none-any.whl",
        "foo__bar-1.0-py3-none-any.whl",
        "_foo-1.0-py3-none-any.whl",
        "a" * 240 + "-1.0.tar.gz",
    ],
)
def test_file_names_that_are_refused(filename: str) -> None:
    with pytest.raises(InvalidUpload) as refusal:
        parse_filename(filename)
    assert refusal.value.field == "filename"
    assert str(refusal.value).isascii()
    assert str(refusal.value).isprintable()


@pytest.mark.promise(44, 102)
def test_the_longest_name_leaves_room_for_the_metadata_beside_it() -> None:
    parsed = parse_filename("a" * (246 - len("-1.0.tar.gz")) + "-1.0.tar.gz")
    assert len(parsed.filename + ".metadata") == 255


def test_wheels_of_the_same_tags_are_one() -> None:
    def tagged(tags: str) -> str:
        return parse_filename(f"foo-{tags}.whl").identity

    assert tagged("1.0-py3.py2-none-any") == tagged("1.0.0-py2.py3-none-any")
    assert tagged("1.0-01-py3-none-any") == tagged("1.0-1-py3-none-any")
    assert tagged("1.0-cp311-abi3-b.a") == tagged("1.0-CP311-abi3-a.b.a")
    distinct = [
        "1.0-py3-none-any",
        "1.0-1-py3-none-any",
        "1.0-py2-none-any",
        "1.0-py3-abi3-any",
        "1.0-py3-none-win32",
    ]
    assert len({tagged(tags) for tags in distinct}) == len(distinct)


def test_an_sdist_of_a_version_is_one_whatever_its_extension() -> None:
    names = ["foo-1.0.tar.gz", "foo-1.0.0.zip", "Foo-1.tar.bz2"]
    assert {parse_filename(name, older_kinds=True).identity for name in names} == {"1.0.sdist"}


def test_older_kinds_go_by_their_name() -> None:
    names = ["foo-1.0-py2.7.egg", "foo-1.0-py3.4.egg", "foo-1.0.win32.exe"]
    assert len({parse_filename(name, older_kinds=True).identity for name in names}) == 3


@pytest.mark.promise(102)
@FUZZ
@given(
    st.text(max_size=60) | st.text(string.ascii_letters + string.digits + ".-_+!", max_size=60), st.booleans()
)
def test_any_text_is_a_safe_name_or_refused(stem: str, older_kinds: bool) -> None:
    for extension in (".whl", ".tar.gz", ".zip", ".egg", ".exe", ""):
        try:
            parsed = parse_filename(stem + extension, older_kinds=older_kinds)
        except InvalidUpload:
            continue
        assert parsed.filename.isascii()
        assert not set(parsed.filename) & set("/\\:;?#% \0")
        assert is_valid_name(parsed.name)
        assert parsed.name == normalize(parsed.name)
        assert set(parsed.identity) <= set(string.ascii_lowercase + string.digits + "._+!-")
        assert segment(parsed.identity)
        assert older_kinds or parse_version(parsed.version) is not None
