"""A crate as a catalogue tells it."""

from __future__ import annotations

from collections.abc import Sequence

from pypicloud_like.core.model import FileRecord, Project, ProjectRecord, Status
from pypicloud_like.ecosystems.cargo.directory import default_version, needs
from pypicloud_like.ecosystems.cargo.names import CARGO
from pypicloud_like.registry.described import (
    LONGEST_SUMMARY,
    Described,
    address,
    keywords_of,
    last_release,
    last_upload,
    publishers,
)


def describe(files: Sequence[FileRecord], record: ProjectRecord | None) -> Described:
    """By the version that speaks for the crate."""
    chosen = default_version(files)
    assert chosen is not None
    facts = chosen.facts
    closed = record is not None and record.status in {Status.DEPRECATED, Status.ARCHIVED}
    return Described(
        title=chosen.display_name,
        version=chosen.version if chosen.yanked is None else None,
        summary=str(facts.get("description") or "")[:LONGEST_SUMMARY],
        repository=address(facts.get("repository")),
        documentation=address(facts.get("documentation")) or None,
        page=f"/crates/{chosen.display_name}",
        people=publishers(files),
        updated_at=last_upload(files),
        released_at=last_release(files),
        deprecated=closed or chosen.yanked is not None,
        requires=frozenset(Project(CARGO, name) for name in needs(chosen)),
        keywords=keywords_of(facts.get("keywords")),
    )
