"""Wheels and sdists that people upload by hand."""

from __future__ import annotations

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import PYPI, Project, Stamp
from pypicloud_like.ecosystems.pypi.checks import Claims, check_upload
from pypicloud_like.ecosystems.pypi.drafts import draft_of, sidecars_of
from pypicloud_like.ecosystems.pypi.names import parse_filename
from pypicloud_like.registry.received import Received
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool


class PythonReceiver:
    """Distributions, recognised by their file name."""

    def locate(self, filename: str, /) -> Project | None:
        """The project that the file name says."""
        try:
            return Project(PYPI, parse_filename(filename).name)
        except InvalidRequest:
            return None

    def receive(
        self, services: Services, filename: str, spool: Spool, stamp: Stamp, _base: str, /
    ) -> Received:
        """As an upload by twine that claims nothing beside its file."""
        found = check_upload(
            filename,
            spool.rewound(),
            spool.size,
            claims=Claims.from_form({}),
            digests={"md5": spool.md5, "sha256": spool.sha256, "blake2b_256": spool.blake2b_256},
            strict_sdist_names=services.settings.pypi.strict_sdist_names,
        )
        return Received(draft_of(found, filename, stamp=stamp), sidecars_of(found), replaceable=True)
