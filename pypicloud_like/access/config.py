"""The access backend whose users, groups and grants stand in the .ini file. It cannot be changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self, TypeVar

from pypicloud_like.access.dump import AclDump, DumpedUser, to_json
from pypicloud_like.access.passwords import Passwords
from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.core.model import Account, Grants, Project, Right
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.settings.model import AccessSettings

T = TypeVar("T")


class ConfigAccess:
    """Users, groups and grants as they were when the server started. Threads share it.

    Names are taken in their normal form, as every access backend does. The file is believed as a whole
    or not at all.

    :raises ConfigurationError: a user's hash cannot be verified here, or two names are one
    """

    name = "config"

    def __init__(self, rules: AccessSettings, passwords: Passwords) -> None:
        self._passwords = passwords
        faults: list[str] = []
        self._hashes = {name: str(hashed) for name, hashed in _by_name("user", rules.users, faults)}
        groups = _by_name("group", rules.groups, faults)
        faults.extend(
            f"user.{name}: {fault}"
            for name, hashed in self._hashes.items()
            if (fault := passwords.fault_of(hashed)) is not None
        )
        if faults:
            raise ConfigurationError(faults)
        self._groups = MappingProxyType(
            {
                group: frozenset(map(normal_form, members)).intersection(self._hashes)
                for group, members in groups
                if group not in BUILT_IN_GROUPS
            }
        )
        self._accounts = _accounts(self._hashes, rules.admins, self._groups)
        self._grants = MappingProxyType({p: _in_normal_form(grants) for p, grants in rules.grants.items()})
        self._examples = sorted(self._hashes.values())

    @classmethod
    def from_settings(cls, settings: AccessSettings, *, passwords: Passwords, **_others: object) -> Self:
        """The backend that ``pypi.auth = config`` names.

        :raises ConfigurationError: as the class says
        """
        return cls(settings, passwords)

    def moved(self) -> int:
        """Always the same: the file is read once."""
        return 0

    def identify(self, username: str, password: str) -> Account | None:
        """The account, if the password is right. An unknown user costs what one of the known users
        costs, always the same one: hashes in a file stay of the kind they were made.
        """
        name = normal_form(username)
        hashed = self._hashes.get(name)
        if hashed is None:
            example = self._examples[hash(name) % len(self._examples)] if self._examples else None
            self._passwords.waste(password, like=example)
            return None
        good, _renewed = self._passwords.verify(password, hashed)
        return self._accounts[name] if good else None

    def account(self, username: str) -> Account | None:
        """The account without a password, or None."""
        return self._accounts.get(normal_form(username))

    def accounts(self) -> Sequence[Account]:
        """All accounts by name."""
        return tuple(self._accounts.values())

    def groups(self) -> Mapping[str, Collection[str]]:
        """Group → members."""
        return self._groups

    def grants(self) -> Mapping[Project, Grants]:
        """All explicit grants."""
        return self._grants

    def dump(self) -> dict[str, Any]:
        """Everything, in the shape of pypicloud's ACL export, password hashes included."""
        users = {
            name: DumpedUser(name, hashed, admin=self._accounts[name].admin)
            for name, hashed in self._hashes.items()
        }
        return to_json(AclDump(users, {}, self._groups, self._grants, allow_register=False))

    def check(self) -> None:
        """Nothing can be wrong with what is in memory."""


def _by_name(kind: str, given: Mapping[str, T], faults: list[str]) -> list[tuple[str, T]]:
    """The items under the normal form of their names, sorted; two that become one are a fault: either
    could get what was meant for the other.
    """
    found: dict[str, T] = {}
    for spelling in sorted(given):
        name = normal_form(spelling)
        if name in found:
            faults.append(f"{kind}.{spelling}: another {kind} has the same name in another spelling")
        found[name] = given[spelling]
    return sorted(found.items(), key=lambda item: item[0])


def _accounts(
    names: Iterable[str], admins: Iterable[str], groups: Mapping[str, Collection[str]]
) -> dict[str, Account]:
    administrators = frozenset(map(normal_form, admins))
    return {
        name: Account(
            name,
            admin=name in administrators,
            groups=frozenset(group for group, members in groups.items() if name in members),
        )
        for name in names
    }


def _in_normal_form(grants: Grants) -> Grants:
    return Grants(_merged(grants.users), _merged(grants.groups))


def _merged(given: Mapping[str, frozenset[Right]]) -> Mapping[str, frozenset[Right]]:
    rights: dict[str, frozenset[Right]] = {}
    for spelling, words in given.items():
        name = normal_form(spelling)
        rights[name] = rights.get(name, frozenset()) | words
    return MappingProxyType(rights)
