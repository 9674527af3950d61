"""Bytes that were tampered with: a refusal or the truth, and soon."""

import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.inspect import Inspection, inspect, inspect_legacy
from tests.builders import Built, a_wheel
from tests.corpus import tars
from tests.support.cost import cpu_below
from tests.support.raw_archives import END_OF_TAR, gzipped, pax_header, tar_header, tar_member
from tests.unit.pypi.looking import look

FUZZ = settings(max_examples=250, deadline=None, database=None)


edits = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(["flip", "cut", "insert", "copy", "number"]),
        st.integers(0, 2**32 - 1),
    ),
    min_size=1,
    max_size=4,
)


def edited(content: bytes, changes: list[tuple[int, str, int]]) -> bytes:
    """Bytes with a few places changed, as a careless or a careful hand would."""
    data = bytearray(content)
    for place, how, value in changes:
        at = place % max(1, len(data))
        if how == "flip":
            data[at : at + 1] = bytes([value % 256])
        elif how == "cut":
            del data[at : at + value % 64]
        elif how == "insert":
            data[at:at] = value.to_bytes(4, "little")
        elif how == "copy":
            data[at:at] = data[value % len(data) if data else 0 :][:128]
        else:
            data[at : at + 4] = value.to_bytes(4, "little")
    return bytes(data)


def outcome(built: Built) -> Inspection | None:
    """What is found, None if it was refused. Anything else is a failure; so is taking long."""
    with cpu_below(2):
        results = []
        for how in (inspect, inspect_legacy):
            try:
                results.append(look(built, how))
            except InvalidUpload:
                results.append(None)
    return results[0]


class TestTampered:
    WHEEL = a_wheel(files={"foo/a/b.py": b"x = 1\n" * 40, "{dist_info}/entry_points.txt": b"[a]\nb = c\n"})
    TAR = (
        tars.PKG_INFO
        + pax_header({"path": "foo-1.0/long", "comment": "x"})
        + tar_member(b"foo-1.0/x", b"data")
        + tar_member(b"././@LongLink", b"foo-1.0/other\0", kind=b"L")
        + tar_header(b"foo-1.0/y", kind=b"2", target=b"long")
        + END_OF_TAR
    )

    @pytest.mark.promise(97)
    @FUZZ
    @given(edits)
    def test_a_wheel(self, changes: list[tuple[int, str, int]]) -> None:
        built = Built(self.WHEEL.filename, edited(self.WHEEL.content, changes))
        found = outcome(built)
        if found is not None:  # then the usual reader sees the same
            with zipfile.ZipFile(built.stream()) as zipped:
                assert zipped.read("foo-1.0.dist-info/METADATA") == found.metadata_bytes

    @pytest.mark.promise(97)
    @FUZZ
    @given(edits)
    def test_the_gzip_of_an_sdist(self, changes: list[tuple[int, str, int]]) -> None:
        outcome(Built("foo-1.0.tar.gz", edited(gzipped(self.TAR), changes)))

    @pytest.mark.promise(97)
    @FUZZ
    @given(edits)
    def test_the_tar_of_an_sdist(self, changes: list[tuple[int, str, int]]) -> None:
        built = Built("foo-1.0.tar.gz", gzipped(edited(self.TAR, changes)))
        if outcome(built) is not None:
            with tarfile.open(fileobj=built.stream(), mode="r|gz") as tar:
                names = [member.name for member in tar]
            assert "foo-1.0/PKG-INFO" in names

    @pytest.mark.promise(97)
    @FUZZ
    @given(st.binary(max_size=2000), st.sampled_from(["whl", "tar.gz", "zip", "egg", "exe", "tgz", "tar"]))
    def test_any_bytes_at_all(self, content: bytes, extension: str) -> None:
        middle = "-py3-none-any" if extension == "whl" else ""
        outcome(Built(f"foo-1.0{middle}.{extension}", content))
        outcome(Built("foo-1.0.tar.gz", gzipped(content)))
