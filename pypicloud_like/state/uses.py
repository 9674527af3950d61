"""When tokens were last used: written seldom, and never by the request that used one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import Token
from pypicloud_like.db.engine import Database
from pypicloud_like.state.tables import tokens

_EVERY = timedelta(minutes=1)
_REMEMBERED = 10_000
_PATIENCE = 5.0


class LastUses:
    """Notes each token's use at most once a minute. Each process remembers when it last did, and the
    row itself says whether another one did.

    A thread that lives only while there is something to write does it, so that requests that merely
    read go on while the database takes no writes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._noted: OrderedDict[str, datetime] = OrderedDict()
        self._pending: dict[str, datetime] = {}
        self._writer: threading.Thread | None = None

    def note(self, token: Token, now: datetime) -> None:
        """The token was used. Costs nothing, and never fails."""
        with self._lock:
            noted = self._noted.get(token.id) or token.last_used_at
            if noted is not None and abs(now - noted) < _EVERY:
                return
            self._noted[token.id] = self._pending[token.id] = now
            self._noted.move_to_end(token.id)
            if len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write_all, name="token-uses", daemon=True)
                self._writer.start()

    def finish(self) -> None:
        """Wait a little until what is pending is written."""
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join(_PATIENCE)

    def _write_all(self) -> None:
        while True:
            with self._lock:
                uses, self._pending = self._pending, {}
                if not uses:
                    self._writer = None
                    return
            with suppress(Unavailable):  # the next use, a minute later, tries again
                self._database.transact(partial(_write, uses=uses))


def _write(connection: sa.Connection, uses: dict[str, datetime]) -> None:
    for token_id, used_at in sorted(uses.items()):  # one order for all processes: no deadlocks
        connection.execute(
            sa.update(tokens)
            .where(
                tokens.c.id == token_id,
                sa.or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at <= used_at - _EVERY),
            )
            .values(last_used_at=used_at)
        )
