"""Inviting people who have no account yet."""

from __future__ import annotations

from urllib.parse import quote

from pypicloud_like.access.invitations import invitation
from pypicloud_like.access.names import user_name
from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.registry.services import Services


def invite(services: Services, access: MutableAccess, username: str, *, actor: str | None) -> str:
    """A token by which somebody may register under this name.

    :raises Conflict: the name is taken, so the invitation could never be used
    :raises InvalidRequest: nobody may have that name
    """
    name = user_name(username)
    if access.account(name) is not None or name in access.pending_users():
        raise Conflict(f"The user '{name}' exists")
    token = invitation(services.secret, name, services.clock())
    services.state.audit("invite", name, actor=actor)
    return token


def invitation_url(base: str, token: str) -> str:
    """Where the invited go (pypicloud's form). :param base: the public address of this server"""
    return f"{base}/acct/login#/?token={quote(token, safe=':')}"
