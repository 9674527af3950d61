"""Folders whose names are known to survive a crash, so that not every new file has to see to that again."""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from pypicloud_like.core import keys
from pypicloud_like.storage._folders import open_folder_directly

MOST_HELD = 32
"""So many are remembered. Each is held open: as long as it is, the file system gives its inode number to no
other folder, so the number tells whether a folder is still the one that is remembered.
"""
_OURS = keys.ROOT.rstrip("/")
_LASTING = 3
"""So many folders of our own keys are never removed (``v1/files/pypi``)."""
_DEPTHS = (_LASTING + 1, _LASTING)
"""Those that are remembered: that of a project, and the last one that is never removed."""

Identity = tuple[int, int]
"""Device and inode number."""


class DurableFolders:
    """What this process made durable itself. Threads share it. Below a root that is reached over a symbolic
    link nothing is known.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Sequence[str], tuple[int, Identity]] = OrderedDict()
        self._lock = Lock()

    def __del__(self) -> None:
        for folder, _ in self._held.values():
            os.close(folder)

    def open(self, root: Path, folders: Sequence[str]) -> tuple[int, int] | None:
        """The innermost known one on the way through these, opened anew, and how many of them lead there."""
        for depth in _depths(folders):
            parts = tuple(folders[:depth])
            folder = open_folder_directly(root, parts) if parts in self._held else None
            if folder is None:
                continue
            with contextlib.suppress(OSError):
                if self._is_known(parts, _identity(folder)):
                    return folder, depth
            os.close(folder)  # others removed it and made it anew
        return None

    def note(self, folders: Sequence[str], chain: Sequence[int], depth: int) -> None:
        """The names in all folders of a chain were made durable just now. What cannot be remembered will be
        made so again.

        :param folders: the way to the end of the chain
        :param depth: how many of these lead to its beginning, whose own name was durable before
        """
        for each in _depths(folders):
            if each > depth:
                with contextlib.suppress(OSError):
                    self._hold(tuple(folders[:each]), chain[each - depth])

    def _is_known(self, parts: Sequence[str], identity: Identity) -> bool:
        with self._lock:
            known = self._held.get(parts)
            if known is None or known[1] != identity:
                return False
            for depth in _depths(parts):  # those that it lies in are used as well
                if parts[:depth] in self._held:
                    self._held.move_to_end(parts[:depth])
            return True

    def _hold(self, parts: Sequence[str], folder: int) -> None:
        identity = _identity(folder)
        held = os.dup(folder), identity
        with self._lock:
            gone = [self._held.pop(parts)] if parts in self._held else []
            self._held[parts] = held
            if len(self._held) > MOST_HELD:
                gone.append(self._held.popitem(last=False)[1])
        for other, _ in gone:
            os.close(other)


def lasts(folders: Sequence[str]) -> int:
    """How many of the folders of a key are never removed."""
    return _LASTING if len(folders) >= _LASTING and folders[0] == _OURS else 0


def _depths(folders: Sequence[str]) -> Sequence[int]:
    return [depth for depth in _DEPTHS if depth <= len(folders)] if lasts(folders) else ()


def _identity(folder: int) -> Identity:
    about = os.fstat(folder)
    return about.st_dev, about.st_ino
