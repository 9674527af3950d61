"""The body of a publish: two lengths, none of them believed."""

import io
import json
import struct

import pytest

from pypicloud_like.core.errors import InvalidRequest, TooLarge
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO, Dependency
from pypicloud_like.ecosystems.cargo.publish import read_announced, read_body
from tests.http.cargo.site import announced, dependency, framed

OWN = "sparse+https://pkgs.example.org/cargo/index/"
WHOLE = framed(b'{"name": 1}', b"archive")


def read(raw, *, length=-1, limit=1000, tail=b""):
    """:param tail: what lies behind the body in the stream and must not be read"""
    length = len(raw) if length == -1 else length
    return read_body(io.BytesIO(raw + tail), length, limit=limit, folder=None)


@pytest.mark.parametrize("length", [-1, None])
def test_taken_apart(length):
    with read(WHOLE, length=length) as body:
        assert body.json == b'{"name": 1}'
        assert body.archive.rewound().read() == b"archive"
        assert body.archive.size == 7


def test_nothing_behind_the_body_is_read():
    source = io.BytesIO(WHOLE + b"next request")
    with read_body(source, len(WHOLE), limit=1000, folder=None):
        assert source.read() == b"next request"
    with pytest.raises(InvalidRequest):
        read(struct.pack("<I", 100), tail=b"x" * 1000)


@pytest.mark.parametrize("cut", range(len(WHOLE)))
@pytest.mark.parametrize("told", [True, False])
def test_cut_short(cut, told):
    with pytest.raises(InvalidRequest, match="length"):
        read(WHOLE[:cut], length=cut if told else None)


@pytest.mark.promise(100)
@pytest.mark.parametrize("length", [-1, None])
def test_bytes_behind_the_archive(length):
    with pytest.raises(InvalidRequest, match="tarball length"):
        read(WHOLE + b"x", length=length)


@pytest.mark.promise(100)
def test_lengths_above_the_limits_are_refused_before_anything_is_read():
    with pytest.raises(TooLarge, match="metadata"):
        read(struct.pack("<I", 0xFFFFFFFF) + b"{}")
    with pytest.raises(TooLarge, match="10 bytes"):
        read(framed(b"{}", b"x" * 11), limit=10)
    with pytest.raises(TooLarge):
        read(framed(b"{}", b"")[:-4] + struct.pack("<I", 0xFFFFFFFF))


def test_what_cargo_says():
    said = announced(
        deps=[
            dependency("other", "^0.2", explicit_name_in_toml="alias", optional=True, features=["x"]),
            dependency("base", ">=0.1, <2", target="cfg(unix)", default_features=False, kind="dev"),
            dependency("serde", registry=CRATES_IO),
            dependency("mine", registry=OWN),
            dependency("bin", artifact=["bin"], lib=True),
        ],
        features={"default": ["dep:alias"]},
        links="z",
        readme="# Demo",
        readme_file="README.md",
    )
    found = read_announced(json.dumps(said).encode(), {OWN})
    assert (found.name, found.version, found.links, found.readme) == ("demo", "0.1.0", "z", "# Demo")
    assert found.features == {"default": ("dep:alias",)}
    assert found.dependencies == (
        Dependency("alias", "^0.2", "other", ("x",), optional=True),
        Dependency("base", ">=0.1, <2", target="cfg(unix)", default_features=False, kind="dev"),
        Dependency("serde", "^1", registry=CRATES_IO),
        Dependency("mine", "^1"),
        Dependency("bin", "^1", unstable={"artifact": ["bin"], "lib": True}),
    )
    entry = found.dependencies[0].entry()
    assert (entry["name"], entry["package"], entry["registry"]) == ("alias", "other", None)


def test_little_is_needed():
    found = read_announced(b'{"name": "a", "vers": "1.0.0", "future": {}}', ())
    assert (found.dependencies, found.features) == ((), {})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"name": "a"}',
        b'{"name": "a", "vers": 1}',
        b'{"name": "", "vers": "1.0.0"}',
        b'{"name": "a", "vers": "1.0.0", "deps": {}}',
        b'{"name": "a", "vers": "1.0.0", "deps": [1]}',
        b'{"name": "a", "vers": "1.0.0", "deps": [{"name": "x"}]}',
        b'{"name": "a", "vers": "1.0.0", "deps": [{"name": "x", "version_req": "1", "kind": "odd"}]}',
        b'{"name": "a", "vers": "1.0.0", "deps": [{"name": "x", "version_req": "1", "optional": 1}]}',
        b'{"name": "a", "vers": "1.0.0", "features": []}',
        b'{"name": "a", "vers": "1.0.0", "features": {"x": [1]}}',
        b'{"name": "a", "vers": "1.0.0", "readme": "\\ud800"}',
        b'{"name": "a", "vers": "1.0.0", "readme": "\\u0000"}',
    ],
)
def test_what_cargo_never_says(raw):
    with pytest.raises(InvalidRequest):
        read_announced(raw, ())
