"""The cargo side's part in adopting crates that lie about without records: a folder of ``.crate`` files, or
what another registry kept. The archives alone tell all that an index needs, but for what was yanked.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import BinaryIO

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.core.model import Project, Stamp
from pypicloud_like.core.ports import Cache
from pypicloud_like.ecosystems.cargo import drafts
from pypicloud_like.ecosystems.cargo.checks import rule_rust_version
from pypicloud_like.ecosystems.cargo.config import index_url
from pypicloud_like.ecosystems.cargo.metadata import README
from pypicloud_like.ecosystems.cargo.names import is_valid_name, project_of
from pypicloud_like.ecosystems.cargo.versions import check_version
from pypicloud_like.registry.adopt import Description
from pypicloud_like.registry.services import Services

_EXTENSION = ".crate"


class CargoAdopter:
    """Archives of crates, recognised by their file name.

    :param own_indexes: addresses that mean this registry in their manifests
    """

    def __init__(self, cache: Cache, own_indexes: Collection[str]) -> None:
        self._cache = cache
        self._own_indexes = own_indexes

    @classmethod
    def of(cls, services: Services) -> CargoAdopter:
        """The adopter of a server: the addresses are those of its settings."""
        settings = services.settings
        public = [index_url(settings.server.public_url)] if settings.server.public_url else []
        return cls(services.cache, frozenset([*public, *settings.cargo.index_aliases]))

    def locate(self, filename: str) -> Project | None:
        """The crate a file of this name belongs to."""
        parts = split_filename(filename)
        return project_of(parts[0]) if parts else None

    def describe(self, filename: str, body: BinaryIO, size: int, stamp: Stamp) -> Description:
        """Look into a crate. It has to be sound; what is only asked of new crates is not asked of it.

        :raises InvalidUpload: it is not what its name says, cargo could not use it, or the crate is known
            under another spelling
        """
        parts = split_filename(filename)
        if parts is None:
            raise InvalidUpload("filename", "is not NAME-VERSION.crate")
        crate, _ = drafts.inspect(body, size, *parts, own_indexes=self._own_indexes)
        rule_rust_version(crate)
        readme = drafts.read_readme(body, size, crate)
        draft = drafts.draft_of(crate, stamp=stamp)
        judge = drafts.check_spelling(self._cache, draft)
        return Description(draft, {README: readme} if readme else {}, judge)


def split_filename(filename: str) -> tuple[str, str] | None:
    """Name and version of ``NAME-VERSION.crate``, None if it is not called so. A version has a dot before
    any ``-`` of its own and a name has none, so there is one way to take it apart.
    """
    stem = filename.removesuffix(_EXTENSION)
    name, dash, number = stem.partition(".")[0].rpartition("-")
    version = stem[len(name) + 1 :]
    if stem == filename or not dash or not number.isdigit() or not is_valid_name(name):
        return None
    try:
        check_version(version)
    except InvalidUpload:
        return None
    return name, version
