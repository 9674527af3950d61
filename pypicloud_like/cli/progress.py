"""Progress of long work on standard error: a bar at a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def stages(unit: str) -> Iterator[Callable[[str, int], None]]:
    """A counter for work in stages whose length is not known: call it with a stage and how many are done."""
    with tqdm(unit=f" {unit}", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:
        last = 0

        def tell(stage: str, done: int) -> None:
            nonlocal last
            bar.set_description(stage, refresh=False)
            bar.update(done - last)
            last = done

        yield tell


@contextmanager
def transfer(total: int) -> Iterator[Callable[[int], None]]:
    """A bar over ``total`` bytes: call it with how many more are done."""
    with tqdm(
        total=total,
        unit="B",
        unit_scale=True,
        unit_divisor=1024,
        disable=not sys.stderr.isatty(),
        file=sys.stderr,
    ) as bar:

        def tell(more: int) -> None:
            bar.update(more)

        yield tell
