"""People by number, and what they follow, in the state database."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Person
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.db.engine import Database
from pypicloud_like.db.upsert import insert_into
from pypicloud_like.state.people_tables import follows, people

_FIND = sa.select(people)


class SqlPeople:
    """The :class:`~pypicloud_like.core.ports.People` port. Threads and processes may share it."""

    def __init__(self, database: Database, *, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock

    def person(self, name: str) -> Person:
        """The person behind an account, which must exist."""
        known = normal_form(name)
        found = self._read(_FIND.where(people.c.name == known))
        return found if found is not None else self._database.transact(lambda it: self._born(it, known))

    def by_id(self, number: int) -> Person | None:
        """The person with this number."""
        return self._read(_FIND.where(people.c.id == number)) if 0 < number < 2**31 else None

    def by_uuid(self, uuid: str) -> Person | None:
        """The person with this UUID."""
        return self._read(_FIND.where(people.c.uuid == normal_form(uuid)))

    def follow(self, name: str, project: Project, following: bool) -> None:
        """Follow a project, or no longer. Fine if it is so already."""
        known = normal_form(name)

        def work(connection: sa.Connection) -> None:
            key = {"ecosystem": project.ecosystem, "project": project.name}
            key_of_person: dict[str, Any] = {"person_id": self._born(connection, known).id, **key}
            connection.execute(sa.delete(follows).filter_by(**key_of_person))
            if following:
                connection.execute(sa.insert(follows).values(**key_of_person))

        self._database.transact(work)

    def followed(self, name: str) -> Collection[Project]:
        """The projects that somebody follows."""
        statement = (
            sa.select(follows.c.ecosystem, follows.c.project)
            .join(people, people.c.id == follows.c.person_id)
            .where(people.c.name == normal_form(name))
        )
        with self._database.read(once=True) as connection:
            return frozenset(Project(row.ecosystem, row.project) for row in connection.execute(statement))

    def _born(self, connection: sa.Connection, name: str) -> Person:
        """The person of this name, made if there is none. Of two at once one is made."""
        new = {"uuid": str(uuid.uuid4()), "name": name, "since": self._clock()}
        known = _FIND.where(people.c.name == name)
        row = connection.execute(known).one_or_none()
        if row is None:
            insert = insert_into(connection, people).values(new)
            connection.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
            row = connection.execute(known).one()
        return Person(row.id, row.uuid, row.name, row.since)

    def _read(self, statement: sa.Select[Any]) -> Person | None:
        with self._database.read(once=True) as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else Person(row.id, row.uuid, row.name, row.since)
