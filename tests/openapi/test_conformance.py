"""Every operation of every system, asked for by everybody: no fault, and only answers that are described."""

from __future__ import annotations

import pytest

from tests.openapi.asking import exercise, operations
from tests.openapi.site import CALLERS, everything

SYSTEMS = ("accounts", "admin", "catalogue", "openapi", "pypi", "pypicloud")
EXAMPLES = 6


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_answers_are_as_described(tmp_path, system, caller):
    site = everything(tmp_path)
    seen: set[int] = set()
    faults = []
    try:
        for operation in operations(site.client.app, system, CALLERS["anonymous"]):
            fault = exercise(
                site.client.app,
                operation,
                CALLERS[caller],
                site.known(system),
                examples=EXAMPLES,
                told=seen.add,
            )
            faults += [fault] if fault is not None else []
    finally:
        site.services.close()
    assert not faults, "\n".join(map(str, faults))
    assert seen & {200, 201, 204} or caller == "broken", seen
