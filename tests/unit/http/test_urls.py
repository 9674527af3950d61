"""What a Host header names."""

from __future__ import annotations

import pytest

from pypicloud_like.http.urls import _name, is_local
from tests.support.cost import cpu_below


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Packages.Example.org:8080", "packages.example.org"),
        ("localhost", "localhost"),
        ("[::1]:6543", "::1"),
        ("::1", "::1"),
        ("2001:db8::7", "2001:db8::7"),
        ("a b", ""),
        ("a@b", ""),
        ("localhost:99999999", ""),
        ("localhost\n", ""),
        ("x" * 300, ""),
        ("", ""),
    ],
)
def test_names(host, name):
    assert _name(host) == name


@pytest.mark.promise(99)
@pytest.mark.parametrize("piece", [":", "1:", "a", "a.", "[", "[:", "1", "-"])
def test_no_host_takes_long(piece):
    with cpu_below(0.1):
        for length in (200, 262, 60_000):
            assert not is_local(piece * (length // len(piece)) + "!")
