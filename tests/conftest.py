"""What holds for all tests: this machine's settings do not matter, and nothing leaves it.

Programs that tests start (real clients, ``pip``) may reach a network; the test process itself may not.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
import sqlalchemy as sa

gc.set_threshold(20_000, 20, 20)  # thousands of applications come and go: looking less often saves a sixth
_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")

for _name in [name for name in os.environ if name.startswith("PPC_")]:
    del os.environ[_name]
for _name in ("NO_PROXY", "no_proxy"):
    os.environ[_name] = ",".join(filter(None, [os.environ.get(_name), "127.0.0.1", "localhost"]))

if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # each server would compile all of the product anew
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".cache" / "compiled"))


def _stay_here(event: str, details: tuple) -> None:
    """An audit hook: refuse connections to other machines."""
    if event != "socket.connect":
        return
    address = details[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise RuntimeError(f"a test wants to connect to {address[0]}")


sys.addaudithook(_stay_here)


_asked: WeakSet[sa.Connection] = WeakSet()


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _ask_once(connection: sa.Connection, *_: Any) -> None:
    """What said that it reads by one statement (``Database.read``) executes no second one."""
    options = connection.engine.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT" or options.get("begin", "BEGIN") is None:
        assert connection not in _asked, "a second statement, outside of any snapshot"
        _asked.add(connection)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the numbers of the promises that a test proves in its reports, wherever it runs."""
    for item in items:
        for mark in item.iter_markers("promise"):
            item.user_properties += [("promise", number) for number in mark.args]
