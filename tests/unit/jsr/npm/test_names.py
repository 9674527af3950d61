"""Names in npm's world."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import NotFound
from pypicloud_like.ecosystems.jsr.names import PackageName
from pypicloud_like.ecosystems.jsr.npm.names import (
    npm_dependencies,
    npm_name,
    npm_specifier,
    package_named,
    plain_version_in,
    tarball_path,
    version_in,
)
from pypicloud_like.ecosystems.jsr.specifiers import BadSpecifier, Requirement

DEMO = PackageName("acme", "demo-1")


def test_there_and_back():
    assert npm_name(DEMO) == "@jsr/acme__demo-1"
    assert package_named("acme__demo-1") == DEMO


@pytest.mark.parametrize(
    "name", ["", "acme", "acme_demo", "__demo", "acme__", "a__b__c", "Acme__demo", "a/b__c"]
)
def test_what_is_no_name(name):
    with pytest.raises(NotFound):
        package_named(name)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.0-rc.1", "1.0.0+build.5"])
def test_addresses_of_tarballs(version):
    path = tarball_path(DEMO, version)
    assert path.startswith("@jsr/acme__demo-1/-/acme__demo-1-1.0.0")
    filename = path.rpartition("/")[2].replace("%2B", "+")
    assert version_in(filename, DEMO) == version
    assert plain_version_in(f"{version}.tgz", DEMO) == version


@pytest.mark.parametrize(
    "filename", ["", "1.0.0", ".tgz", "1.0.tgz", "v1.0.0.tgz", "acme__demo-1-1.0.0.tar.gz", "1.0.0.tgz.tgz"]
)
def test_what_is_no_tarball(filename):
    with pytest.raises(NotFound):
        version_in(filename, DEMO)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("jsr:@a/b@^1", "@jsr/a__b"),
        ("jsr:/@a/b@^1", "@jsr/a__b"),
        ("jsr:@a/b", "@jsr/a__b"),
        ("jsr:@a/b@^1/sub/x", "@jsr/a__b/sub/x"),
        ("npm:ms@^2", "ms"),
        ("npm:ms@^2/x.js", "ms/x.js"),
        ("npm:@types/node@20/fs", "@types/node/fs"),
        ("npm:@jsr/a__b@1", "@jsr/a__b"),
        ("node:fs", None),
        ("./x.ts", None),
        ("react", None),
        ("data:text/javascript,", None),
    ],
)
def test_specifiers(target, name):
    assert npm_specifier(target) == name


@pytest.mark.parametrize("target", ["jsr:x", "jsr:@A/b", "npm:", "npm:@a"])
def test_specifiers_that_are_none(target):
    with pytest.raises(BadSpecifier):
        npm_specifier(target)


def test_dependencies():
    needed = [
        Requirement("jsr", "@a/b", "^1", ""),
        Requirement("jsr", "@a/b", "^1", "sub"),
        Requirement("jsr", "@acme/demo-1", "^1", ""),
        Requirement("npm", "ms", "", ""),
        Requirement("npm", "react", "17", ""),
        Requirement("npm", "react", "18", "jsx-runtime"),
    ]
    assert npm_dependencies(needed, DEMO) == {"@jsr/a__b": "^1", "ms": "*", "react": "18"}
