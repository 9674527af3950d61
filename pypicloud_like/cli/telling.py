"""Metrics of several processes behind one address: each asks the others, so every answer is of all.

The processes of one server have a folder that nobody else may enter. Each listens there on a socket that has
the process's id for a name, and gives what it counts to whoever of them asks.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pypicloud_like.core.exposition import Family, Sample

_log = logging.getLogger(__name__)

_SHORT = "/tmp"  # noqa: S108 - a folder of ours is made in it, which nobody else may enter
_PATIENCE = 1.0
_PAUSE = 0.1
_SUFFIX = ".sock"


def meeting_place() -> TemporaryDirectory[str]:
    """A new folder for the processes of one server. Not in the spool folder, whose path may be longer than
    that of a socket can be.
    """
    return TemporaryDirectory(prefix="pypicloud-like-", dir=_SHORT if Path(_SHORT).is_dir() else None)


def tell(folder: Path, families: Callable[[], Iterable[Family]]) -> None:
    """From now on, answer the other processes, in a thread of its own. Where that cannot be, metrics are
    those of one process each.
    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(folder / f"{os.getpid()}{_SUFFIX}"))
        listener.listen()
    except OSError as error:
        listener.close()
        _log.warning("metrics are not added up: %s", error)
        return

    def work() -> None:
        while True:
            try:
                with listener.accept()[0] as asking:
                    asking.settimeout(_PATIENCE)
                    asking.sendall(_to_bytes(families()))
            except OSError:  # whoever asked is gone, or no descriptor is free for now
                time.sleep(_PAUSE)

    threading.Thread(target=work, name="telling", daemon=True).start()


def ask(folder: Path) -> Mapping[str, Sequence[Family]]:
    """What the other processes count, by their ids. One that does not answer is left out; the socket of one
    that died is removed.
    """
    found = {}
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if path.stem == str(os.getpid()):
            continue
        try:
            found[path.stem] = _asked(path)
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except (OSError, ValueError):
            continue
    return found


def _asked(path: Path) -> Sequence[Family]:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_PATIENCE)
        asking.connect(str(path))
        pieces = []
        while piece := asking.recv(65536):
            pieces.append(piece)
    return _from_bytes(b"".join(pieces))


def _to_bytes(families: Iterable[Family]) -> bytes:
    return json.dumps([
        [each.name, each.kind, each.help, [[one.value, dict(one.labels), one.suffix] for one in each.samples]]
        for each in families
    ]).encode()  # fmt: skip


def _from_bytes(text: bytes) -> Sequence[Family]:
    return [
        Family(name, kind, told, [Sample(value, labels, suffix) for value, labels, suffix in samples])
        for name, kind, told, samples in json.loads(text)
    ]
