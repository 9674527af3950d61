"""File names of crates."""

import pytest

from pypicloud_like.ecosystems.cargo.adopter import split_filename


@pytest.mark.parametrize(
    ("filename", "parts"),
    [
        ("demo-0.1.0.crate", ("demo", "0.1.0")),
        ("demo-1-0.1.0.crate", ("demo-1", "0.1.0")),
        ("a-b-1.0.0-beta-2.1.crate", ("a-b", "1.0.0-beta-2.1")),
        ("a_B-1.0.0+x-1.crate", ("a_B", "1.0.0+x-1")),
    ],
)
def test_name_and_version(filename, parts):
    assert split_filename(filename) == parts


@pytest.mark.parametrize(
    "filename",
    [
        "demo-0.1.0.tar.gz",
        "demo.crate",
        "demo-1.crate",
        "demo-1.0.crate",
        "-1.0.0.crate",
        "1x-1.0.0.crate",
        ".crate",
        "demo-v1.0.0.crate",
        "demo-0.1.0",
    ],
)
def test_no_crate(filename):
    assert split_filename(filename) is None
