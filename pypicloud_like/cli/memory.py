"""How the C library keeps memory that is not used any more."""

from __future__ import annotations

import ctypes
from contextlib import suppress

from pypicloud_like.settings.model import MIB

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_LARGE = 4 * MIB


def give_back_large_blocks() -> None:
    """Have blocks of 4 MiB and more given back to the system as soon as they are free.

    glibc (mallopt(3)) raises that limit to the size of the largest block that was freed, and then keeps such
    blocks for each thread: those that hash a password, of 19 MiB, would stay once for every thread that ever
    did. Other C libraries give them back anyway.
    """
    with suppress(OSError, AttributeError):  # no such function
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE)
