"""What of a project is ours, beyond its rows."""

from __future__ import annotations

from pypicloud_like.core.model import Project, Status
from pypicloud_like.core.ports import Cache


def last_serial(cache: Cache, wanted: Project) -> int:
    """The serial of a project's last change, the same after a rebuild."""
    return max((serial for serial, _due in cache.serials(wanted).values()), default=0)


def is_quarantined(cache: Cache, wanted: Project) -> bool:
    """Whether nothing of the project may be offered (PEP 792)."""
    record = cache.record(wanted)
    return record is not None and record.status is Status.QUARANTINED
