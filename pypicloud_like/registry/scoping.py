"""What may be done to scopes: rules of the ecosystem that has them, for pages that know it only by these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pypicloud_like.core.model import Account
from pypicloud_like.core.ports import Cache, ScopeRecord
from pypicloud_like.registry.services import Services

SCOPE_RULES = "pypicloud_like.scope_rules"
"""Where the composition keeps the :class:`ScopeRules`."""


class MakeScope(Protocol):
    """Makes a scope."""

    def __call__(
        self, services: Services, name: str, *, creator: Account, description: str = ""
    ) -> ScopeRecord:
        """:raises InvalidRequest, Conflict: nothing can be called so, or may be now"""


@dataclass(frozen=True, slots=True)
class ScopeRules:
    """``description`` gives one as it is, or raises InvalidRequest; ``packages`` how many are in each scope
    that has any; ``is_used`` says whether anything is in one, be it in no list.
    """

    ecosystem: str
    make: MakeScope
    description: Callable[[object], str]
    packages: Callable[[Cache], Mapping[str, int]]
    is_used: Callable[[Services, str], bool]
