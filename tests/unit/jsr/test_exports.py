"""The exports of a package."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr.errors import Failed
from pypicloud_like.ecosystems.jsr.exports import check_files, read_exports
from pypicloud_like.ecosystems.jsr.tarball import MAX_FILES


def test_a_text_stands_for_the_package_itself():
    assert read_exports("./mod.ts") == {".": "./mod.ts"}


@pytest.mark.parametrize("name", [".", "./sub", "./a/b", "./a.ts", "./_x-1", "./..a", "./.a"])
def test_names(name):
    assert read_exports({name: "./mod.ts"}) == {name: "./mod.ts"}


@pytest.mark.parametrize(
    "name",
    ["", "foo", "./", "/a", "..", "./a//b", "./a/", "./a/../b", "./.", "./..", "./a b", "./ä", "./a\n"],
)
def test_no_names(name):
    with pytest.raises(Failed) as caught:
        read_exports({name: "./mod.ts"})
    assert caught.value.error_code == "configFileExportsInvalid"


@pytest.mark.parametrize(
    "target", ["mod.ts", "/mod.ts", "./mod", "./a/", "./.ts", "../mod.ts", "./a.b/c", "", 1, None, {}]
)
def test_no_targets(target):
    with pytest.raises(Failed) as caught:
        read_exports({".": target})
    assert caught.value.error_code == "configFileExportsInvalid"


@pytest.mark.parametrize("said", [None, {}, [], 1, True, [".", "./mod.ts"]])
def test_no_exports(said):
    with pytest.raises(Failed) as caught:
        read_exports(said)
    assert caught.value.error_code == "configFileExportsInvalid"


def test_the_files_are_there():
    exports = read_exports({".": "./mod.ts", "./sub": "./lib/sub.ts"})
    check_files(exports, {"/mod.ts", "/lib/sub.ts"})
    with pytest.raises(Failed, match=r"lib/sub\.ts") as caught:
        check_files(exports, {"/mod.ts", "/lib/Sub.ts"})
    assert caught.value.error_code == "configFileExportsInvalid"


def test_more_names_than_there_can_be_files():
    names = [f"./a{number}" for number in range(MAX_FILES + 1)]
    assert read_exports(dict.fromkeys(names[1:], "./mod.ts"))
    with pytest.raises(Failed) as caught:
        read_exports(dict.fromkeys(names, "./mod.ts"))
    assert caught.value.error_code == "configFileExportsInvalid"
