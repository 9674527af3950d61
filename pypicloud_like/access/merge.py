"""The state database's users, groups and grants, as a dump and from one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from pypicloud_like.access import rows
from pypicloud_like.access.dump import AclDump, DumpedUser
from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Grants, Project
from pypicloud_like.state.tables import groups, memberships, users


def read_dump(connection: sa.Connection) -> AclDump:
    """Everything, password hashes included."""
    found = connection.execute(
        sa.select(users.c.name, users.c.password, users.c.admin, users.c.pending)
    ).all()
    return AclDump(
        users={row.name: DumpedUser(row.name, row.password, row.admin) for row in found if not row.pending},
        pending={row.name: DumpedUser(row.name, row.password) for row in found if row.pending},
        groups=rows.read_groups(connection),
        grants=rows.read_grants(connection),
        allow_register=rows.read_registration(connection),
    )


def merge_dump(connection: sa.Connection, dump: AclDump, *, at: datetime) -> None:
    """Add what is missing, inside a change. Never removes; who exists keeps their password and gets the
    dump's admin flag. Somebody pending here whom the dump knows as approved gets the dump's password as
    well: nobody has vouched for the one they registered with.

    :raises InvalidRequest: the dump speaks of a user or group that is neither in it nor here
    """
    _merge_users(connection, dump, at=at)
    known_users = set(connection.scalars(sa.select(users.c.name)))
    _merge_groups(connection, dump, known_users=known_users)
    known_groups = BUILT_IN_GROUPS.union(connection.scalars(sa.select(groups.c.name)))
    for project, granted in sorted(dump.grants.items()):
        _merge_grants(connection, project, granted, known_users=known_users, known_groups=known_groups)
    if dump.allow_register is not None:
        rows.write_registration(connection, dump.allow_register)


def new_hashes(connection: sa.Connection, dump: AclDump) -> dict[str, str]:
    """User → password hash, of those whose hash :func:`merge_dump` would take over."""
    pending_here = {
        row.name: row.pending for row in connection.execute(sa.select(users.c.name, users.c.pending))
    }
    taken = [user for user in dump.users.values() if pending_here.get(user.name, True)]
    taken += [user for user in dump.pending.values() if user.name not in pending_here]
    return {user.name: user.password for user in taken}


def _merge_users(connection: sa.Connection, dump: AclDump, *, at: datetime) -> None:
    hashes = new_hashes(connection, dump)
    here = set(connection.scalars(sa.select(users.c.name)))
    for user in dump.users.values():
        if user.name not in here:
            rows.insert_user(connection, user.name, user.password, admin=user.admin, pending=False, at=at)
            continue
        values = {"admin": user.admin, "pending": False}
        if user.name in hashes:
            connection.execute(
                sa.update(users).where(users.c.name == user.name).values(**values, password=user.password)
            )
        else:
            connection.execute(sa.update(users).where(users.c.name == user.name).values(**values))
    for user in dump.pending.values():
        if user.name not in here:
            rows.insert_user(connection, user.name, user.password, admin=False, pending=True, at=at)


def _merge_groups(connection: sa.Connection, dump: AclDump, *, known_users: Collection[str]) -> None:
    here = rows.read_groups(connection)
    for group, members in dump.groups.items():
        unknown = members.difference(known_users)
        if unknown:
            raise InvalidRequest(f"groups.{group}", f"there is no user '{min(unknown)}'")
        if group not in here:
            connection.execute(sa.insert(groups).values(name=group))
        for name in sorted(members - here.get(group, frozenset())):
            connection.execute(sa.insert(memberships).values(group_name=group, user_name=name))


def _merge_grants(
    connection: sa.Connection,
    project: Project,
    granted: Grants,
    *,
    known_users: Collection[str],
    known_groups: Collection[str],
) -> None:
    for kind, by_principal, known in (
        ("user", granted.users, known_users),
        ("group", granted.groups, known_groups),
    ):
        for principal, rights in by_principal.items():
            if principal not in known:
                raise InvalidRequest(f"packages.{kind}s.{project}", f"there is no {kind} '{principal}'")
            rows.add_rights(connection, project, kind, principal, rights)
