"""Give a published file something beside it that was made of it later, once and for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pypicloud_like.core.model import Action, Entry, FileRecord, Snapshot, Stamp
from pypicloud_like.registry.curate import Facts
from pypicloud_like.registry.publish import store_beside
from pypicloud_like.registry.services import Services


def attach(services: Services, file: FileRecord, name: str, content: bytes, *, facts: Facts) -> bool:
    """Keep ``content`` as the sidecar ``name`` of a file. What is there already stays: of several that do the
    same at once the first wins, and a file that was deleted or replaced meanwhile gets nothing.

    :param facts: what the facts of the file are with it
    :returns: whether these bytes are there now
    :raises NoSpace, Unavailable: nothing has changed
    """
    blob = store_beside(services, file, name, content)
    stamp = Stamp(Action.ATTACH, None, services.clock())

    def edit(now: Snapshot) -> Sequence[Entry]:
        there = now.files.get(file.identity)
        if there is None or there.deleted or there.blob.key != file.blob.key or name in there.sidecars:
            return []
        sidecars = {**there.sidecars, name: blob}
        return [replace(there, sidecars=sidecars, facts=facts(there), stamp=stamp, serial=0)]

    if services.changes.apply(file.project, edit, identities=[file.identity]):
        return True
    services.changes.discard([blob])
    return False
