"""Looking into a file that was built."""

from __future__ import annotations

from collections.abc import Callable

from pypicloud_like.ecosystems.pypi.inspect import Inspection, inspect
from tests.builders import Built


def look(built: Built, how: Callable[..., Inspection] = inspect) -> Inspection:
    return how(built.filename, built.stream(), built.size)
