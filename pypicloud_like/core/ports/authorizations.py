"""The port of authorizations: a program asks, a person decides in a browser, the program gets a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a program asked for.

    ``code`` is what the person sees, ``challenge`` what the program proves itself by, ``permissions`` JSON
    texts of what it wants to do (None: everything). ``approved`` is None until somebody has decided, then
    ``user`` is who. Times are aware, UTC.
    """

    code: str
    challenge: str
    permissions: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    user: str | None = None
    approved: bool | None = None


class Authorizations(Protocol):
    """Authorizations under way. Threads and processes may share them."""

    def begin(self, challenge: str, permissions: tuple[str, ...] | None) -> tuple[str, Authorization]:
        """A new one, with the secret (first item) that it is exchanged by, stored only as a digest."""

    def by_code(self, code: str) -> Authorization | None:
        """The one with this code, if it waits for a decision and has not expired."""

    def decide(self, code: str, *, user: str, approved: bool) -> None:
        """:raises NotFound: none waits under this code"""

    def exchange(self, secret: str) -> Authorization | None:
        """The one with this secret, None if there is none. One that somebody has decided, or that has
        expired, is gone with this: of two who ask at once one gets it.
        """
