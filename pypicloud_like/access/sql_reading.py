"""Who people are and what they are granted, as the state database has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from pypicloud_like.access import merge, rows
from pypicloud_like.access.dump import to_json
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.core.errors import Unavailable
from pypicloud_like.core.model import Account, Grants, Project
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.state.kept import Kept
from pypicloud_like.state.tables import clock, users


class SqlReading:
    """The questions of :class:`~pypicloud_like.core.ports.MutableAccess`.

    What decisions need is read as a whole and kept until the database moves. Password hashes are read
    one at a time and never kept. Names are taken in any spelling and given in normal form.
    """

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords
        self._kept: Kept[None, rows.People] = Kept(self._people_moved, limit=1)
        self._moved = (-1, -1)

    @property
    def name(self) -> str:
        """The backend's name as in the settings."""
        return "sql"

    def moved(self) -> int:
        """The clock of the state database."""
        return self._database.seen()

    def identify(self, username: str, password: str) -> Account | None:
        """The account, if the password is right and the account may log in. Users that are unknown or
        pending cost a dummy verification. A hash of an older kind is renewed.
        """
        name = normal_form(username)
        hashed = self._hash_of(name) if name in self._people().accounts else None
        if hashed is None:
            self._passwords.waste(password)
            return None
        right, renewed = self._passwords.verify(password, hashed)
        if right and renewed is not None:
            self._renew(name, hashed, renewed)
        return self.account(name) if right else None

    def account(self, username: str) -> Account | None:
        """The account without a password, None if unknown or pending."""
        return self._people().accounts.get(normal_form(username))

    def accounts(self) -> Sequence[Account]:
        """All approved accounts by name."""
        return list(self._people().accounts.values())

    def groups(self) -> Mapping[str, Collection[str]]:
        """Group → members, the built-in groups left out."""
        return self._people().groups

    def grants(self) -> Mapping[Project, Grants]:
        """All explicit grants."""
        return self._people().grants

    def check(self) -> None:
        """:raises Unavailable: the database cannot be used now"""
        self._database.check()

    def has_admin(self) -> bool:
        """Whether any approved administrator exists."""
        return any(account.admin for account in self._people().accounts.values())

    def registration(self) -> bool:
        """Whether newcomers may register themselves."""
        return self._people().registration

    def pending_users(self) -> Sequence[str]:
        """Names waiting for approval."""
        return self._people().pending

    def dump(self) -> dict[str, Any]:
        """Everything, in the shape of pypicloud's ACL export, password hashes included."""
        with self._database.read() as connection:
            return to_json(merge.read_dump(connection))

    def _people(self) -> rows.People:
        people = self._kept.get(None, self._read_people)
        assert people is not None
        return people

    def _people_moved(self) -> int:
        """What the clock said when anything of them changed last. Owners, tokens and sessions change more
        often, and all grants are much to read.
        """
        seen = self._database.seen()
        known, moved = self._moved
        if known != seen:
            with self._database.read(once=True) as connection:
                moved = connection.execute(sa.select(clock.c.people)).scalar_one()
            self._moved = seen, moved
        return moved

    def _read_people(self) -> rows.People:
        with self._database.read() as connection:
            return rows.read_people(connection)

    def _hash_of(self, name: str) -> str | None:
        with self._database.read(once=True) as connection:
            return connection.scalar(
                sa.select(users.c.password).where(users.c.name == name, sa.not_(users.c.pending))
            )

    def _renew(self, name: str, hashed: str, renewed: str) -> None:
        """The same password under a new hash: no decision changes. Unless it was changed meanwhile."""
        statement = sa.update(users).where(users.c.name == name, users.c.password == hashed)
        with suppress(Unavailable):  # the next login tries again
            self._database.transact(lambda connection: connection.execute(statement.values(password=renewed)))
