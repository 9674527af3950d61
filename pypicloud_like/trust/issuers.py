"""The issuers whose word counts here: from the text of an identity token to who the job is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from pypicloud_like.core.clock import Clock
from pypicloud_like.core.errors import IdentityRefused, InvalidRequest
from pypicloud_like.settings.model import IssuerSettings, TrustSettings
from pypicloud_like.trust.identity import LONGEST_TOKEN, Audience, Identity, judged, refused
from pypicloud_like.trust.keys import Keys

_LIBRARIES = frozenset({"jwt", "cryptography"})
LACKING = "Trusted publishing lacks a library here; an administrator can: pip install 'pypicloud-like[oidc]'"


class _Signatures(Protocol):
    """What :mod:`pypicloud_like.trust.signatures` has."""

    def issuer_of(self, token: str) -> str: ...

    def verified(
        self, token: str, find: Callable[[str | None, str], Mapping[str, Any]]
    ) -> dict[str, Any]: ...


class Issuers:
    """All issuers of the settings. Threads share it."""

    def __init__(self, settings: TrustSettings, *, clock: Clock) -> None:
        self.audience = settings.audience or settings.issuers[0].audience
        """What clients are told to ask for."""
        self.all = settings.issuers
        self._clock = clock
        self._keys = {issuer.name: Keys(issuer, clock=clock) for issuer in settings.issuers}

    def require_library(self) -> None:
        """:raises IdentityRefused: what checks signatures is not installed"""
        _signatures()

    def named(self, name: str) -> IssuerSettings:
        """The issuer of this name.

        :raises InvalidRequest: there is none
        """
        for issuer in self.all:
            if issuer.name == name:
                return issuer
        known = ", ".join(issuer.name for issuer in self.all)
        raise InvalidRequest("issuer", f"must be one of this server's: {known}")

    def identify(self, token: str, *, audience: Audience | None = None) -> Identity:
        """Who a job is, by the identity token it has.

        :param audience: which audience it may be for; that of the settings, if it is not given
        :raises IdentityRefused: it is not to be believed
        :raises Unavailable: its issuer cannot be asked for its keys now
        """
        signatures = _signatures()
        if not token.isascii() or len(token) > LONGEST_TOKEN:
            raise refused("is malformed")
        url = signatures.issuer_of(token)
        issuer = next((each for each in self.all if each.url == url), None)
        if issuer is None:
            raise refused("is of an issuer that is not trusted here")
        claims = signatures.verified(token, self._keys[issuer.name].find)
        wanted = issuer.audience
        return judged(
            claims, issuer, token, audience=audience or (lambda given: given == wanted), now=self._clock()
        )

    def close(self) -> None:
        """Let go of all connections."""
        for keys in self._keys.values():
            keys.close()


def _signatures() -> _Signatures:
    """The module that checks signatures.

    :raises IdentityRefused: a library it needs is not installed
    """
    try:
        return cast("_Signatures", importlib.import_module("pypicloud_like.trust.signatures"))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise IdentityRefused("not-enabled", LACKING) from error
