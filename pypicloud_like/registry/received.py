"""Files that people upload by hand: each ecosystem gives a :class:`Receiver` that knows its own by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pypicloud_like.core.model import FileRecord, Project, Stamp
from pypicloud_like.registry.publish import Judge
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool

RECEIVERS = "pypicloud_like.receivers"
"""Where the composition keeps them: ecosystem → :class:`Receiver`."""


@dataclass(frozen=True, slots=True)
class Received:
    """What is going to be published; ``replaceable`` says that other bytes may take its place."""

    draft: FileRecord
    sidecars: Mapping[str, bytes]
    judge: Judge | None = None
    replaceable: bool = False


class Receiver(Protocol):
    """What an ecosystem does with a file that came by itself, without anything said of it."""

    def locate(self, filename: str, /) -> Project | None:
        """The project that a file of this name belongs to; None if it is none of this ecosystem."""

    def receive(
        self, services: Services, filename: str, spool: Spool, stamp: Stamp, base: str, /
    ) -> Received:
        """Look into the file as into any upload.

        :param base: the public address of this server
        :raises InvalidUpload: it is not in order
        """
