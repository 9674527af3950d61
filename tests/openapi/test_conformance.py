"""Every operation of every system, asked for by everybody: no fault, and only answers that are described."""

from __future__ import annotations

import pytest

from tests.openapi.site import CALLERS, SYSTEMS
from tests.support.need import lacking

EXAMPLES = 4
"""For each operation and caller: all of it takes less than a minute. ``python -m tests.openapi`` asks for
more.
"""


@pytest.mark.parametrize("system", SYSTEMS)
def test_answers_are_as_described(site, system):
    try:
        from tests.openapi.asking import exercise, operations
    except ModuleNotFoundError as error:
        lacking(str(error.name))
    seen: set[int] = set()
    faults = [
        fault
        for operation in operations(site.client.app, system)
        for caller, headers in CALLERS.items()
        if (
            fault := exercise(
                site.client.app,
                operation,
                headers,
                site.known(system),
                examples=EXAMPLES,
                seed=caller,
                told=seen.add,
            )
        )
    ]
    assert not faults, "\n\n".join(faults)
    assert seen & {200, 201, 202, 204}, seen
    assert seen & {400, 401, 404} or system == "operations", seen
