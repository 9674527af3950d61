"""Requests as they arrive, without a server."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from pypicloud_like.cli.parsing import NoRoom, Parser

MIB = 2**20


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def parser():
    adjustments = SimpleNamespace(
        max_request_header_size=65536,
        max_request_body_size=2000 * MIB,
        inbuf_overflow=MIB // 2,
        url_scheme="http",
    )
    found = Parser(adjustments)
    yield found
    found.close()


@pytest.fixture
def disk(monkeypatch):
    """The spool's file system, to be filled."""
    told = SimpleNamespace(total=10_000 * MIB, free=10_000 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(told.total, 0, told.free))
    return told


def head(length: int | None) -> bytes:
    told = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST /simple/ HTTP/1.1\r\nHost: localhost\r\n{told}\r\n\r\n".encode()


@pytest.mark.promise(149)
@pytest.mark.parametrize(
    ("total", "free", "fits"), [(10_000, 900, True), (10_000, 800, False), (160, 99, True)]
)
def test_a_body_is_taken_only_if_there_is_room(parser, disk, total, free, fits):
    disk.total, disk.free = total * MIB, free * MIB
    parser.received(head(80 * MIB if total < 1000 else 800 * MIB))
    assert isinstance(parser.error, NoRoom) is not fits
    assert parser.completed is not fits


@pytest.mark.promise(149)
def test_a_body_of_unknown_length_ends_before_the_room_does(parser, disk):
    parser.received(head(None))
    piece = b"%x\r\n" % MIB + bytes(MIB) + b"\r\n"
    for number in range(40):
        disk.free = (90 - number) * MIB
        parser.received(piece)
        if parser.completed:
            break
    assert isinstance(parser.error, NoRoom)
    assert disk.free > 48 * MIB


@pytest.mark.promise(149)
def test_many_at_once_do_not_fill_it_together(disk, parser):
    """Each had room at first."""
    parser.received(head(200 * MIB))
    assert not parser.completed
    disk.free = 70 * MIB
    for _ in range(17):
        parser.received(bytes(MIB))
    assert isinstance(parser.error, NoRoom)


@pytest.mark.promise(149)
def test_a_body_that_has_room_gets_to_its_end(disk, parser):
    parser.received(head(39 * MIB))
    disk.total, disk.free = 40 * MIB, 42 * MIB
    for _ in range(39):
        disk.free -= MIB
        parser.received(bytes(MIB))
    assert parser.completed
    assert parser.error is None


def test_small_bodies_need_no_room(parser, disk):
    disk.free = 0
    parser.received(head(5))
    parser.received(b"abcde")
    assert parser.completed
    assert parser.error is None
    assert parser.get_body_stream().read() == b"abcde"
