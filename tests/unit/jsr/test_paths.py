"""Paths of files, rule by rule."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr import paths
from pypicloud_like.ecosystems.jsr.errors import Failed


@pytest.mark.parametrize("raw", [b"a/b.ts", b"./a/b.ts", b"/a/b.ts"])
def test_three_spellings_mean_one_path(raw):
    assert paths.normal_path(raw) == "/a/b.ts"


@pytest.mark.parametrize(
    "path",
    [
        "/mod.ts",
        "/a/b/c.ts",
        "/.gitignore",
        "/.github/x.yml",
        "/[id]/$x.{a}(b)+~@_-.ts",
        "/console.ts",
        "/x/_dist/y.ts",
        "/com10.ts",
        "/" + "a/" * 70 + "b.ts",
        "/" + "a" * 95,
    ],
)
def test_accepted(path):
    paths.check_path(path)
    assert paths.is_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "/" + "a/" * 77 + "bb",
        "/" + "a" * 96,
        "/",
        "//a",
        "/a//b",
        "/a/",
        "/a/./b",
        "/../a",
        "/a/..",
        "/a.",
        "/a./b",
        "/a b",
        "/a\\b",
        "/a:b",
        "/a%20b",
        "/ä.ts",
        "/a\n",
        "/a\0b",
        "/con",
        "/CON.ts",
        "/a/aux.d.ts/nul.ts",
        "/lpt9.txt",
        "/_dist/mod.d.ts",
        "/_DIST/x",
        "/a*",
        "/a?",
        "/a|b",
        "/#a",
    ],
)
def test_refused(path):
    with pytest.raises(Failed) as caught:
        paths.check_path(path)
    assert caught.value.error_code == "invalidPath"
    assert not paths.is_path(path)


def test_not_utf8():
    with pytest.raises(Failed, match="UTF-8"):
        paths.normal_path(b"a\xff")


@pytest.mark.parametrize("path", ["/.git/config", "/.git"])
def test_gits_own_files(path):
    with pytest.raises(Failed) as caught:
        paths.check_path(path)
    assert caught.value.error_code == "invalidGitPath"


def test_case_alone():
    paths.check_case(["/a.ts", "/b.ts", "/x/a.ts"])
    with pytest.raises(Failed, match=r"README\.md.*readme\.md") as caught:
        paths.check_case(["/README.md", "/readme.md"])
    assert caught.value.error_code == "caseInsensitiveDuplicatePath"


@pytest.mark.parametrize("path", ["/.env", "/config/.ENV", "/keys/id_rsa"])
def test_secrets(path):
    with pytest.raises(Failed, match=r"publish\.exclude"):
        paths.check_secrets(["/mod.ts", path], {".env", "id_rsa"})
    paths.check_secrets([path], frozenset())
    paths.check_secrets(["/.env.example"], {".env"})


@pytest.mark.parametrize("files", [["/a.ts", "/a.ts/b.ts"], ["/x/A", "/x/a/b/c"]])
def test_a_file_is_no_folder(files):
    with pytest.raises(Failed, match="is a file") as caught:
        paths.check_folders(files)
    assert caught.value.error_code == "invalidPath"
    paths.check_folders(["/a.ts", "/a/b.ts", "/a/c/d.ts", "/b"])
