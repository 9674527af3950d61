"""What is found in sound files, and what looking costs."""

import io
import os
import tarfile
import zipfile

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi import distributions
from pypicloud_like.ecosystems.pypi.inspect import Inspection, inspect, inspect_legacy
from pypicloud_like.registry.archives import limits
from tests.builders import Built, a_wheel, an_sdist, core_metadata
from tests.corpus import tars, zips
from tests.support.cost import cpu_below
from tests.support.raw_archives import END_OF_TAR, ZipPart, gzipped, pax_header, tar_header
from tests.unit.pypi.looking import look


class Pipe(io.RawIOBase):
    """What cannot be sought in: writers put a member's sizes behind it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.written.append(bytes(data))
        return len(data)

    def getvalue(self) -> bytes:
        return b"".join(self.written)


class CountedReads(io.BytesIO):
    """Counts what is read of it."""

    read_bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.read_bytes += len(found)
        return found


class TestSoundFiles:
    def test_a_wheel(self) -> None:
        built = a_wheel(
            "Foo.Bar",
            "1.0+corp1",
            requires_python=">=3.9",
            tags="cp312-cp312-linux_x86_64",
            build="2",
            metadata={
                "Summary": "Foo of bar",
                "Classifier": "Private :: x",
                "Description-Content-Type": "text/plain",
            },
            description="Hello\n",
        )
        found = look(built)
        with zipfile.ZipFile(built.stream()) as zipped:
            raw = zipped.read("foo_bar-1.0+corp1.dist-info/METADATA")
        assert found == Inspection(
            project="foo-bar",
            display_name="Foo.Bar",
            version="1.0+corp1",
            kind="bdist_wheel",
            python_version="cp312",
            identity="1.0+corp1-2-cp312-cp312-linux_x86_64.whl",
            requires_python=">=3.9",
            summary="Foo of bar",
            facts={
                "metadata_version": "2.1",
                "name": "Foo.Bar",
                "version": "1.0+corp1",
                "summary": "Foo of bar",
                "description": "Hello",
                "description_content_type": "text/plain",
                "classifiers": ["Private :: x"],
                "requires_python": ">=3.9",
            },
            metadata_bytes=raw,
        )

    @pytest.mark.parametrize("extension", [".tar.gz", ".zip"])
    def test_an_sdist(self, extension: str) -> None:
        found = look(an_sdist("foo", "1.0.0", requires_python=">=3.9", extension=extension))
        assert (found.project, found.version, found.kind, found.python_version) == (
            "foo",
            "1.0.0",
            "sdist",
            "source",
        )
        assert (found.identity, found.requires_python, found.metadata_bytes) == ("1.0.sdist", ">=3.9", None)

    def test_a_wheel_as_the_standard_library_writes_it(self) -> None:
        for target in (io.BytesIO(), Pipe()):
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
                zipped.mkdir("foo")
                for part in zips.parts():
                    with zipped.open(part.name.decode(), "w", force_zip64=isinstance(target, Pipe)) as member:
                        member.write(part.data)
                zipped.writestr("foo/grüße.txt", b"")
            assert look(Built(zips.WHEEL, target.getvalue())).project == "foo"

    @pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
    def test_an_sdist_as_the_standard_library_writes_it(self, form: int) -> None:
        target = io.BytesIO()
        long = "/".join(["a" * 60] * (4 if form != tarfile.USTAR_FORMAT else 2))
        with tarfile.open(fileobj=target, mode="w:gz", format=form) as tar:
            for name in ("foo-1.0", "foo-1.0/a"):
                folder = tarfile.TarInfo(name)
                folder.type = tarfile.DIRTYPE
                tar.addfile(folder)
            for name in ("PKG-INFO", long, "grüße.txt", "a/b/c"):
                info = tarfile.TarInfo(f"foo-1.0/{name}")
                data = core_metadata("foo", "1.0") if name == "PKG-INFO" else b"x" * 5000
                info.size, info.mtime = len(data), 1.5e9 + 0.25
                info.uid = 1000 if form == tarfile.USTAR_FORMAT else 3_000_000
                tar.addfile(info, io.BytesIO(data))
            for kind, target_name in ((tarfile.SYMTYPE, "../a/b"), (tarfile.LNKTYPE, "foo-1.0/PKG-INFO")):
                info = tarfile.TarInfo(f"foo-1.0/a/link{kind!r}")
                info.type, info.linkname = kind, target_name
                tar.addfile(info)
        assert look(Built("foo-1.0.tar.gz", target.getvalue())).project == "foo"

    def test_an_sdist_with_the_header_that_git_writes(self) -> None:
        tar = pax_header({"comment": "0" * 40}, kind=b"g") + tars.PKG_INFO + END_OF_TAR + bytes(8192)
        assert look(Built("foo-1.0.tar.gz", gzipped(tar))).project == "foo"

    def test_links_that_stay_inside(self) -> None:
        members = [
            tar_header(tars.TOP + b"a", kind=b"2", target=b"PKG-INFO"),
            tar_header(tars.TOP + b"b/c/d", kind=b"2", target=b"../.././x/y/"),
            tar_header(tars.TOP + b"e", kind=b"1", target=tars.TOP + b"PKG-INFO"),
            tar_header(tars.TOP + b"f", kind=b"1", target=tars.TOP + b"e"),
        ]
        assert look(tars.sdist(*members)).project == "foo"

    def test_a_description_of_half_a_mebibyte(self) -> None:
        with cpu_below(2):
            found = look(a_wheel(description="Lorem ipsum\n" * 43_000))
            assert len(found.facts["description"]) > 500_000

    def test_the_position_of_the_source_does_not_matter(self) -> None:
        for built in (a_wheel(), an_sdist(), an_sdist(extension=".zip")):
            stream = built.stream()
            stream.seek(7)
            assert inspect(built.filename, stream, built.size).project == "foo"


class TestCost:
    @pytest.mark.promise(93)
    def test_only_what_is_needed_of_a_large_wheel_is_read(self) -> None:
        built = a_wheel(files={"foo/big.bin": os.urandom(8 * 1024 * 1024)})
        stream = CountedReads(built.content)
        assert inspect(built.filename, stream, built.size).project == "foo"
        assert 0 < stream.read_bytes < 256 * 1024

    @pytest.mark.parametrize("count", [99_000, 101_000])
    def test_very_many_members(self, count: int) -> None:
        empty = (ZipPart(b"foo/%d" % at, b"", method=0) for at in range(count))
        wheel = zips.wheel(*empty, end={"here": 0xFFFF, "entries": 0xFFFF}, end64={})
        tar = tars.sdist(b"".join(tar_header(tars.TOP + b"%d" % at) for at in range(count)))
        for built in (wheel, tar):
            with cpu_below(8):
                if count > 100_000:
                    with pytest.raises(InvalidUpload, match="more than 100000 members"):
                        look(built)
                else:
                    assert look(built).project == "foo"

    @pytest.mark.promise(96)
    def test_it_ends_when_its_time_is_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "CPU_SECONDS", -1.0)
        for built in (a_wheel(), an_sdist(), an_sdist(extension=".zip")):
            with pytest.raises(InvalidUpload, match="too long"):
                look(built)


class TestFaults:
    @pytest.mark.promise(97)
    def test_whatever_a_parser_throws_is_a_refusal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for error in (ValueError("x"), RecursionError(), MemoryError(), AssertionError(), KeyError("/etc")):

            def explode(raw: bytes, error: Exception = error) -> None:
                raise error

            monkeypatch.setattr(distributions.metadata, "parse", explode)
            with pytest.raises(InvalidUpload, match=f"cannot be read .{type(error).__name__}.") as refusal:
                look(a_wheel())
            assert "/etc" not in str(refusal.value)

    def test_a_fault_of_the_disk_is_not_the_fault_of_the_file(self) -> None:
        class Failing(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                raise OSError(5, "Input/output error")

        for filename in ("foo-1.0-py3-none-any.whl", "foo-1.0.tar.gz"):
            for how in (inspect, inspect_legacy):
                with pytest.raises(OSError, match="Input/output"):
                    how(filename, Failing(b"x" * 1000), 1000)
