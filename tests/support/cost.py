"""What hostile input may cost. The bounds are far above what is needed, and far below what would be if it grew
with the square of the input, so that they hold on any machine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cpu_below(seconds: float) -> Iterator[None]:
    """Fail if what is done here takes this thread so much processor time; what others do does not count."""
    before = time.thread_time()
    yield
    assert time.thread_time() - before < seconds
