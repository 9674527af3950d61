"""JSON with comments and trailing commas."""

from __future__ import annotations

import pytest

from pypicloud_like.ecosystems.jsr import jsonc
from tests.support.cost import cpu_below


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2 , ] , }', {"a": [1, 2]}),
        ('// head\n{ /* x */ "a" // y\n : /* z, */ 1, // last\n }', {"a": 1}),
        ('{"a": "//no /* comment */ ,}"}', {"a": "//no /* comment */ ,}"}),
        (r'{"a": "\",]"}', {"a": '",]'}),
        ('{"url": "https://x/y"}', {"url": "https://x/y"}),
        ("[1,/* a */]", [1]),
    ],
)
def test_read(text, value):
    assert jsonc.parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{a: 1}",
        "{'a': 1}",
        '{"a": 1,,}',
        "[1 2]",
        '{"a": NaN}',
        '"x',
        "/* {}",
        "{} x",
        "[" * 100_000,
    ],
)
def test_refused(text):
    with pytest.raises(ValueError, match=r"."):
        jsonc.parse(text)


@pytest.mark.promise(99)
@pytest.mark.parametrize("piece", ['"', '\\"', "/*", "//", ",", "/"])
def test_linear(piece):
    with cpu_below(5), pytest.raises(ValueError, match=r"."):
        jsonc.parse(piece * 300_000)
