"""What is found in files that another index accepted long ago."""

import bz2

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.inspect import inspect_legacy
from pypicloud_like.registry.archives.limits import Unreadable
from tests.builders import Built, a_wheel, an_sdist, core_metadata
from tests.support.raw_archives import (
    ZipPart,
    a_tar,
    a_zip,
    raw_zip,
)
from tests.unit.pypi.looking import look


class TestAdopted:
    def test_a_sound_file_is_taken_whole(self) -> None:
        for built in (a_wheel(requires_python=">=3"), an_sdist(), an_sdist(extension=".zip")):
            assert look(built, inspect_legacy) == look(built)

    @pytest.mark.parametrize(
        "built",
        [
            a_wheel("Foo", requires_python=">=2.7", metadata={"Metadata-Version": "2.0"}),
            a_wheel("Foo", requires_python=">=2.7", without=["{dist_info}/RECORD"]),
            a_wheel("Foo", requires_python=">=2.7", files={"{dist_info}/entry_points.txt": b"rubbish"}),
            Built(
                "foo-1.0-py3-none-any.whl", b"#!/bin/sh\n" + a_wheel("Foo", requires_python=">=2.7").content
            ),
            Built("foo-1.0-py3-none-any.whl", a_wheel("Foo", requires_python=">=2.7").content + b"\n"),
            an_sdist("Foo", requires_python=">=2.7", top="foo"),
            an_sdist("Foo", requires_python=">=2.7", top="foo-master", extension=".zip"),
            an_sdist("Foo", requires_python=">=2.7", metadata={"Metadata-Version": "2.0"}),
            an_sdist("Foo", requires_python=">=2.7", filename="foo-1.0.tgz"),
        ],
        ids=range(9),
    )
    def test_an_odd_one_keeps_its_metadata(self, built: Built) -> None:
        with pytest.raises(InvalidUpload):
            look(built)
        found = look(built, inspect_legacy)
        assert (found.project, found.display_name, found.version) == ("foo", "Foo", "1.0")
        assert (found.requires_python, found.facts["name"]) == (">=2.7", "Foo")
        assert (found.metadata_bytes is not None) == (found.kind == "bdist_wheel")

    @pytest.mark.parametrize(
        "built",
        [
            a_wheel(metadata={"Name": "bar"}),
            a_wheel(metadata={"Version": "3"}),
            a_wheel(without=["{dist_info}/METADATA"]),
            a_wheel(files={"{dist_info}/METADATA": b"Content-Type: multipart/x\n"}),
            an_sdist(without=["PKG-INFO"]),
            an_sdist(metadata={"Name": "bar"}, extension=".zip"),
            Built("foo-1.0-py2.7.egg", a_zip({"EGG-INFO/PKG-INFO": core_metadata("foo", "1.0")})),
            Built("foo-1.0.tar.bz2", bz2.compress(a_tar({"foo-1.0/PKG-INFO": b""}))),
            Built("foo-1.0.win32.exe", b"MZ" + bytes(100)),
            Built("foo-1.0.zip", raw_zip([ZipPart(b"../evil", b"x"), ZipPart(b"../evil", b"y")])),
        ],
        ids=range(10),
    )
    def test_one_without_metadata_of_its_own_goes_by_its_name(self, built: Built) -> None:
        found = look(built, inspect_legacy)
        assert (found.project, found.display_name, found.version) == ("foo", "foo", "1.0")
        assert (found.facts, found.metadata_bytes, found.requires_python) == ({}, None, None)

    def test_versions_older_than_pep_440(self) -> None:
        found = look(an_sdist("foo-bar", "2004x", filename="foo-bar-2004x.tar.gz"), inspect_legacy)
        assert (found.project, found.version, found.identity) == ("foo-bar", "2004x", "2004x.sdist")

    @pytest.mark.parametrize(
        "filename",
        [
            "foo-1.0-py3-none-any.whl",
            "foo-1.0.tar.gz",
            "foo-1.0.zip",
            "foo-1.0.tar.bz2",
            "foo-1.0.tar.xz",
            "foo-1.0-py2.7.egg",
            "foo-1.0.win32.exe",
        ],
    )
    def test_bytes_of_another_kind_or_none(self, filename: str) -> None:
        for content in (b"", b"<html>not found</html>" * 100):
            with pytest.raises(Unreadable):
                look(Built(filename, content), inspect_legacy)

    def test_torn_files(self) -> None:
        for built in (a_wheel(), an_sdist(), an_sdist(extension=".zip")):
            with pytest.raises(Unreadable):
                look(Built(built.filename, built.content[: built.size // 2]), inspect_legacy)

    @pytest.mark.parametrize(
        "filename", ["readme.txt", "foo.tar.gz", "../foo-1.0.tar.gz", "foo-1.0.tar.gz.asc"]
    )
    def test_names_of_nothing(self, filename: str) -> None:
        with pytest.raises(InvalidUpload):
            look(Built(filename, an_sdist().content), inspect_legacy)
