"""The Python side's part in adopting files that lie about without records."""

from __future__ import annotations

from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.model import PYPI, Project, Stamp
from pypicloud_like.ecosystems.pypi.drafts import draft_of, sidecars_of
from pypicloud_like.ecosystems.pypi.inspect import inspect_legacy
from pypicloud_like.ecosystems.pypi.names import parse_filename
from pypicloud_like.registry.adopt import Description


class PypiAdopter:
    """Wheels and sdists, and older kinds by their file name alone."""

    def locate(self, filename: str) -> Project | None:
        """The project a distribution file of this name belongs to."""
        try:
            return Project(PYPI, parse_filename(filename, older_kinds=True).name)
        except InvalidUpload:
            return None

    def describe(self, filename: str, body: BinaryIO, size: int, stamp: Stamp) -> Description:
        """Look into the file as at an upload; one that today's rules refuse is taken as far as its
        name tells, because its users depend on it.

        :raises InvalidUpload: not even its name tells what it is, or its bytes are unreadable
        """
        found = inspect_legacy(filename, body, size)
        return Description(draft_of(found, filename, stamp=stamp), sidecars_of(found))
