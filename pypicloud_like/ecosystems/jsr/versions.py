"""Versions of packages: strict semantic versions in their normal form."""

from __future__ import annotations

from collections.abc import Iterable

from pypicloud_like.ecosystems.jsr.errors import Malformed
from pypicloud_like.ecosystems.jsr.names import shown
from pypicloud_like.registry.semver import Version, parse

MAX_VERSION = 150
"""Characters of a version; what stands in addresses and names of files must end somewhere."""


def check_version(text: str) -> Version:
    """The version of an address below ``/api/``.

    :raises Malformed: it is none: no shorthands, no leading ``v`` or zeros
    """
    version = version_of(text)
    if version is None:
        raise Malformed(
            f"'{shown(text)}' is no version: it has to look like 1.2.3, 1.2.3-rc.1 or 1.2.3+build"
        )
    return version


def version_of(text: str) -> Version | None:
    """The version that a text spells, or None."""
    if len(text) > MAX_VERSION:
        return None
    try:
        return parse(text)
    except ValueError:
        return None


def newest_first(versions: Iterable[str]) -> list[str]:
    """Versions in the order of lists."""
    return sorted(versions, key=parse, reverse=True)


def latest_stable(offered: Iterable[str]) -> str | None:
    """The highest version without a pre-release part, of those that are not yanked."""
    stable = [version for text in offered if not (version := parse(text)).pre]
    return str(max(stable)) if stable else None
