"""Processes of one server that tell one another what they count."""

import errno
import os
import socket
from pathlib import Path

import pytest

from pypicloud_like.cli import telling
from pypicloud_like.core.exposition import Family, Sample


@pytest.fixture
def folder():
    with telling.meeting_place() as name:
        yield Path(name)


def test_goes_on_telling_once_there_are_descriptors_again(folder, monkeypatch):
    accept, tries = socket.socket.accept, []

    def lacking(listener):
        tries.append(listener)
        if len(tries) < 3:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", lacking)
    counted = [Family("a_total", "counter", "A.", [Sample(7, {"b": "c"})])]
    telling.tell(folder, lambda: counted)
    (folder / f"{os.getpid()}.sock").rename(folder / "another.sock")  # nobody asks themselves
    assert telling.ask(folder) == {"another": counted}
