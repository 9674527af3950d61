"""What stands before the application under other servers."""

from __future__ import annotations

import pytest

from pypicloud_like.cli.front import front
from pypicloud_like.settings.load import load


@pytest.mark.promise(149)
@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("5", "200 OK"),
        ("3000001", "413"),
        ("9" * 5000, "413"),
        ("0" * 5000, "413"),
        ("-5", "400"),
        ("x", "400"),
    ],
)
def test_lengths(tmp_path, length, status):
    def app(_environ, start_response):
        start_response("200 OK", [])
        return [b""]

    answered = []
    settings = load({"limits.body": "3000000", "limits.file": "1000000"}, {}, data=tmp_path)
    environ = {"CONTENT_LENGTH": length, "PATH_INFO": "/simple/"}
    list(front(app, settings)(environ, lambda line, _headers: answered.append(line)))
    assert answered[0].startswith(status)
