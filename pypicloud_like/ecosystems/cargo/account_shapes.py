"""The bodies of what the crates.io HTTP API tells somebody of themselves: users, tokens, what they follow."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from pypicloud_like.ecosystems.cargo.shapes import CrateUser, CrateVersion
from pypicloud_like.http.openapi.kinds import Count, Moment


class OneUser(TypedDict):
    """A user."""

    user: CrateUser


class UserStats(TypedDict):
    """The downloads of all that a user owns."""

    total_downloads: Count


class CrateMyself(CrateUser):
    """Oneself."""

    email: str | None
    email_verified: bool
    email_verification_sent: bool
    is_admin: bool
    publish_notifications: bool


class OwnedCrate(TypedDict):
    """A crate that one owns."""

    id: int
    name: str
    email_notifications: bool


class Me(TypedDict):
    """Oneself, and what one owns."""

    user: CrateMyself
    owned_crates: list[OwnedCrate]


class More(TypedDict):
    """Whether there are more."""

    more: bool


class Updates(TypedDict):
    """Versions of the crates that one follows."""

    versions: list[CrateVersion]
    meta: More


class CargoToken(TypedDict):
    """A token without its secret."""

    id: str
    name: str
    created_at: Moment
    last_used_at: Moment | None
    expired_at: Moment | None
    crate_scopes: list[str] | None
    endpoint_scopes: list[str] | None


class NewCargoToken(CargoToken):
    """A token with its secret, which is told once."""

    token: str


class CargoTokens(TypedDict):
    """One's tokens."""

    api_tokens: list[CargoToken]


class OneCargoToken(TypedDict):
    """A token."""

    api_token: CargoToken


class MadeCargoToken(TypedDict):
    """A token that was just made."""

    api_token: NewCargoToken


class AskedCargoToken(TypedDict):
    """What a token is to be for; without scopes for everything with packages."""

    name: str
    crate_scopes: NotRequired[list[str] | None]
    endpoint_scopes: NotRequired[
        list[Literal["publish-new", "publish-update", "yank", "change-owners"]] | None
    ]
    expired_at: NotRequired[Moment | None]


class CargoTokenRequest(TypedDict):
    """The token that is wanted."""

    api_token: AskedCargoToken


class JobIdentity(TypedDict):
    """The identity token of a job."""

    jwt: str


class JobToken(TypedDict):
    """What a job may publish with, for a short while; told this once."""

    token: str
