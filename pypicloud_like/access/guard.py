"""The one place every route asks: who is this, and may they?"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pypicloud_like.access.limits import LoginLimits
from pypicloud_like.access.memo import Memo
from pypicloud_like.access.policy import Act, ReadSet, allows, in_scope, live, principals, readable
from pypicloud_like.access.tokens import digest, looks_like_token
from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import Forbidden, LoginRequired, NotFound, OutOfScope
from pypicloud_like.core.model import ANONYMOUS, Account, Caller, Project, Right, Scope, Token
from pypicloud_like.core.ports import Access, State
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.settings.model import AccessSettings

TOKEN_USER = "__token__"  # noqa: S105 - the user name under which clients send a token
LIFETIME = timedelta(seconds=60)
"""How long credentials that were verified are believed without being verified again."""
_LONGEST_NAME = 255

Generation = tuple[int, int]
_Remembered = tuple[Caller, datetime]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who needs no verification, until a moment if there is one, and while users and state stand
    still.
    """

    caller: Caller
    until: datetime | None


class Guard:
    """Turns credentials into a caller, and decides what a caller may do. Threads share it."""

    def __init__(self, access: Access, state: State, *, rules: AccessSettings, clock: Clock) -> None:
        self._access = access
        self._state = state
        self._rules = _with_normal_names(rules)
        self._clock = clock
        self._limits = LoginLimits(state, limit=rules.failures, window=rules.failure_window, clock=clock)
        self._key = secrets.token_bytes(32)
        self._verified: Memo[bytes, _Remembered] = Memo(10_000)
        self._tokens: Memo[str, tuple[Token, Caller]] = Memo(10_000)
        self._decided: Memo[tuple[Caller, Act, Project | None, bool], bool] = Memo(10_000)
        self._readable: Memo[tuple[Account | None, Scope | None, str, str], ReadSet] = Memo(1_000)

    def caller_from_password(self, username: str, password: str, *, address: str | None) -> Caller | None:
        """Who sent these Basic credentials: a token under the name ``__token__`` or any other, or a
        user's password. ``address`` is the client's, None or empty where there is none.

        Returns None for a wrong password, an unknown user and a pending one alike.

        :raises LoginRequired: it is a token, and unknown, expired, revoked or its owner is gone
        :raises TooManyAttempts: this user or this address failed too often
        """
        if username == TOKEN_USER or looks_like_token(password):
            return self.caller_from_token(password)
        return self.caller_from_login(username, password, address=address)

    def caller_from_login(self, username: str, password: str, *, address: str | None) -> Caller | None:
        """As :meth:`caller_from_password` where only a password will do: for opening a session or
        changing the password, which would lift a token above its scope.

        :raises TooManyAttempts: this user or this address failed too often
        """
        generation = self._generation()
        proof = self._proof(username, password)
        remembered = self._recall(proof, generation)
        caller = remembered[0] if remembered is not None else None
        if caller is not None and not self._limits.suspects(username, address):
            return caller
        self._limits.check(username, address)
        if caller is not None:
            return caller
        account = self._access.identify(username, password) if _is_possible(username) else None
        if account is None or account.pending:
            known = account is not None or self._access.account(username) is not None
            self._limits.failed(username, address, known=known)
            return None
        # of many attempts at once, those that end after the block began must not be told either
        self._limits.check(username, address)
        caller = Caller(account, via="password")
        self._verified.put(generation, proof, (caller, self._clock()))
        return caller

    def known(self, username: str, password: str, *, address: str | None) -> Known | None:
        """Who :meth:`caller_from_password` would say, if that takes no verification and counts nothing; else
        None.
        """
        if username == TOKEN_USER or looks_like_token(password):
            return self.known_token(password)
        remembered = self._recall(self._proof(username, password), self._generation())
        if remembered is None or self._limits.suspects(username, address):
            return None
        caller, since = remembered
        return Known(caller, since + LIFETIME)

    def known_token(self, secret: str) -> Known | None:
        """Who :meth:`caller_from_token` would say; None if it is not accepted."""
        try:
            token, caller = self._owner(secret)
        except LoginRequired:
            return None
        return Known(caller, token.expires_at)

    def caller_from_token(self, secret: str) -> Caller:
        """The owner of an API token, limited by its scope.

        :raises LoginRequired: the token is unknown, expired, revoked or its owner is gone
        """
        return self._owner(secret)[1]

    def _owner(self, secret: str) -> tuple[Token, Caller]:
        generation = self._generation()
        token = self._state.token(secret)
        if token is None:
            raise LoginRequired
        kept = self._tokens.get(generation, token.id)
        if kept is not None and kept[0] is token:
            return kept
        account = self._access.account(token.owner)
        if account is None or account.pending:
            raise LoginRequired
        caller = Caller(
            account, via="token", scope=token.scope, credential=token.id, job=bool(token.publishers)
        )
        self._tokens.put(generation, token.id, (token, caller))
        return token, caller

    def caller_from_session(self, secret: str) -> Caller | None:
        """The user of a live session, or None; also when their account is gone or not approved.

        ``credential`` is a digest of the secret: it names the session and does not open it.
        """
        username = self._state.session(secret)
        account = self._access.account(username) if username is not None else None
        if account is None or account.pending:
            return None
        return Caller(account, via="session", credential=digest(secret)[:16])

    def may(self, caller: Caller, act: Act, project: Project | None = None, *, exists: bool = True) -> bool:
        """The decision of :func:`~pypicloud_like.access.policy.allows` with the present grants and
        owners. ``project`` of None asks about a project of which nothing is said.
        """
        generation, asked = self._generation(), (caller, act, project, exists)
        decided = self._decided.get(generation, asked)
        if decided is None:
            decided = self._decide(caller, act, project, exists=exists)
            self._decided.put(generation, asked, decided)
        return decided

    def _decide(self, caller: Caller, act: Act, project: Project | None, *, exists: bool) -> bool:
        grants = self._access.grants().get(project) if project is not None else None
        rules = self._rules
        held = project is not None and project.space is not None and project.space in self._state.held()
        if allows(caller, act, project, grants=grants, owner=False, exists=exists, rules=rules, held=held):
            return True
        account = live(caller)
        if account is None or project is None or not self._state.owns(account.name, project):
            return False
        return allows(caller, act, project, grants=grants, owner=True, exists=exists, rules=rules, held=held)

    def require(
        self, caller: Caller, act: Act, project: Project | None = None, *, exists: bool = True
    ) -> None:
        """Return if ``caller`` may do this.

        :raises LoginRequired: they are anonymous
        :raises NotFound: they may not read the project, and so not know whether it exists
        :raises Forbidden: they may not do any other act
        """
        if self.may(caller, act, project, exists=exists):
            return
        if live(caller) is None:
            raise LoginRequired
        if project is not None and (act is Act.READ or self._would_tell(caller, act, project)):
            raise NotFound(str(project))
        if act is Act.WRITE and not exists:
            act = Act.CREATE
        if caller.scope is not None and act not in caller.scope.actions:
            raise OutOfScope(f"The scope of this token does not include '{act}'")
        if not in_scope(caller, act, project):
            raise OutOfScope(f"This token is not for {project}" if project else "This token is not for that")
        raise Forbidden

    def _would_tell(self, caller: Caller, act: Act, project: Project) -> bool:
        """Whether a refusal of this act would tell that there is such a project: of one that nobody has they
        would learn that it is not found, and this one they may not read. Who is first to publish a name
        learns in any case that it is taken.
        """
        if act in {Act.WRITE, Act.CREATE} or self.may(caller, Act.READ, project):
            return False
        return allows(caller, act, project, grants=None, owner=False, exists=True, rules=self._rules)

    def speaks_for(self, caller: Caller, groups: frozenset[str], act: Act) -> bool:
        """Whether somebody is in one of these groups, and their credentials let them do this act (which
        concerns no project).
        """
        account = live(caller)
        named = frozenset(map(normal_form, groups))
        return account is not None and in_scope(caller, act, None) and bool(principals(account) & named)

    def readable(self, caller: Caller, ecosystem: str) -> ReadSet:
        """All that ``caller`` may read of an ecosystem; in agreement with :meth:`may`."""
        generation = self._generation()
        key = (caller.account, caller.scope, caller.via, ecosystem)
        kept = self._readable.get(generation, key)
        if kept is not None:
            return kept
        account = live(caller)
        answer = readable(
            caller,
            ecosystem,
            grants=self._access.grants(),
            owned=self._state.owned(account.name) if account is not None else frozenset(),
            rules=self._rules,
        )
        self._readable.put(generation, key, answer)
        return answer

    def everyone_reads(self, project: Project) -> bool:
        """Whether no login is needed to read the project."""
        return self.may(ANONYMOUS, Act.READ, project)

    def anonymous_may_write(self) -> bool:
        """Whether there is any project that callers without a login may upload to."""
        grants = self._access.grants().values()
        by_default = self._rules.default_write | (self._rules.create_groups or frozenset())
        return "everyone" in by_default or any(
            Right.WRITE in granted.groups.get("everyone", ()) for granted in grants
        )

    def anonymous_reads_by_default(self) -> bool:
        """Whether no login is needed to read a project of which nothing is said."""
        return self.may(ANONYMOUS, Act.READ)

    def _generation(self) -> Generation:
        return self._access.moved(), self._state.moved()

    def _proof(self, username: str, password: str) -> bytes:
        """What stands for credentials in memory: useless without this process's random key."""
        name = username.encode(errors="surrogatepass")
        hashed = hashlib.blake2b(b"%d " % len(name), key=self._key, digest_size=32)
        hashed.update(name)
        hashed.update(password.encode(errors="surrogatepass"))
        return hashed.digest()

    def _recall(self, proof: bytes, generation: Generation) -> _Remembered | None:
        remembered = self._verified.get(generation, proof)
        if remembered is None:
            return None
        _caller, since = remembered
        return remembered if since <= self._clock() < since + LIFETIME else None


def _with_normal_names(rules: AccessSettings) -> AccessSettings:
    """The rules with their groups spelt as access backends spell them."""

    def normal(groups: frozenset[str]) -> frozenset[str]:
        return frozenset(map(normal_form, groups))

    return replace(
        rules,
        default_read=normal(rules.default_read),
        default_write=normal(rules.default_write),
        overwrite_groups=normal(rules.overwrite_groups),
        delete_groups=normal(rules.delete_groups),
        cache_update=normal(rules.cache_update),
        create_groups=None if rules.create_groups is None else normal(rules.create_groups),
    )


def _is_possible(username: str) -> bool:
    """Whether a backend need be asked at all: a NUL is no text to a database."""
    return len(username) <= _LONGEST_NAME and "\0" not in username
