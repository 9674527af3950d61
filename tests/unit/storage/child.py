"""What the tests have done in processes of their own. Run by ``multiprocessing``, so importable."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from tests.unit.storage.sources import Hanging, Zeros, put, reopened


def hang_in_put(settings, key: str, size: int, after: int, sign: Path) -> None:
    """Begin to store zeros and stop half-way."""
    source = Hanging(size, after=after, sign=sign)
    reopened(settings).put(key, source, size=size, sha256=Zeros(size).sha256)


def measure(settings, size: int, seeks: bool, report) -> None:
    """Store and read back so many zeros; reports by how many bytes the process grew."""
    storage = reopened(settings)
    put(storage, "v1/small", b"small")
    source = Zeros(size, seeks=seeks)
    digest = source.sha256
    before = _peak()
    storage.put("v1/large", source, size=size, sha256=digest)
    read = 0
    with storage.open("v1/large") as stored:
        while piece := stored.read(256 * 1024):
            read += len(piece)
    report.send((read, _peak() - before))


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
