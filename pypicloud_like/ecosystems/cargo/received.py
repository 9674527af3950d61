"""Crates that people upload by hand: the archive that ``cargo package`` makes."""

from __future__ import annotations

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.model import Project, Stamp
from pypicloud_like.ecosystems.cargo import checks, config, drafts
from pypicloud_like.ecosystems.cargo.adopter import split_filename
from pypicloud_like.ecosystems.cargo.metadata import README
from pypicloud_like.ecosystems.cargo.names import check_name, project_of
from pypicloud_like.registry.received import Received
from pypicloud_like.registry.services import Services
from pypicloud_like.registry.spool import Spool


class CrateReceiver:
    """Archives, recognised by their file name."""

    def locate(self, filename: str, /) -> Project | None:
        """The crate that the file name says."""
        parts = split_filename(filename)
        return project_of(parts[0]) if parts else None

    def receive(
        self, services: Services, filename: str, spool: Spool, stamp: Stamp, base: str, /
    ) -> Received:
        """As a publish by cargo, which says nothing that is not in the archive."""
        parts = split_filename(filename)
        if parts is None:
            raise InvalidUpload("filename", "is not NAME-VERSION.crate")
        check_name(parts[0])
        own = config.own_indexes(services.settings, base)
        crate, _ = drafts.inspect(spool.rewound(), spool.size, *parts, own_indexes=own)
        checks.check_crate(crate)
        if services.settings.cargo.strict_metadata:
            checks.refuse_what_crates_io_refuses(crate)
        readme = drafts.read_readme(spool.rewound(), spool.size, crate)
        draft = drafts.draft_of(crate, stamp=stamp)
        judge = drafts.check_spelling(services.cache, draft)
        return Received(draft, {README: readme} if readme else {}, judge)
