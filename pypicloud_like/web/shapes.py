"""The bodies of accounts, publishers and supervision as types: the code is checked against them, and
described by them.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from pypicloud_like.http.openapi.kinds import Moment, Uri
from pypicloud_like.http.openapi.schemas import Is


class Credentials(TypedDict):
    """A user's name and password."""

    username: str
    password: str


class Registration(TypedDict):
    """A newcomer's password; the name is in the address."""

    password: str


class InvitedRegistration(TypedDict):
    """A newcomer's invitation and password."""

    token: str
    password: str


class Registered(TypedDict):
    """Where to go from here."""

    next: Uri


class PasswordChange(TypedDict):
    """The present password and the one to be."""

    old_password: str
    new_password: str


class IssuerBody(TypedDict):
    """Somebody who tells jobs who they are. ``identity`` are the claims that say which job it is: the least
    that a publisher has to name.
    """

    name: str
    url: Uri
    audience: str
    kind: str
    identity: list[str]


class PublisherBody(TypedDict):
    """Jobs that may publish a project. ``claims`` are as they were given, ``pinned`` those that the first job
    brought along and that later ones must have too; ``pending`` says that none came yet.
    """

    id: str
    project: str
    issuer: str
    claims: dict[str, str]
    pinned: dict[str, str]
    user: str
    pending: bool
    created_at: Moment
    last_used_at: Moment | None


class Publishers(TypedDict):
    """The publishers of a project."""

    publishers: list[PublisherBody]


class MyPublishers(Publishers):
    """What publishers are made with, and those that one made; all of them for an administrator."""

    issuers: list[IssuerBody]


class NewPublisher(TypedDict):
    """Jobs to be trusted. ``workflow`` says shortly what a claim of this issuer says; administrators may name
    the ``user`` for whom the jobs act.
    """

    issuer: str
    claims: NotRequired[dict[str, str]]
    workflow: NotRequired[Annotated[str | None, Is(maxLength=200)]]
    user: NotRequired[Annotated[str | None, Is(maxLength=100)]]


class Alive(TypedDict):
    """This process answers."""

    alive: Literal[True]


Word = Literal["ok", "timeout", "full", "unavailable", "failed"]


class Parts(TypedDict):
    """How each part is."""

    access: Word
    state: Word
    index: Word
    storage: Word


class Readiness(TypedDict):
    """Whether requests are welcome here, and what ails if not."""

    ready: bool
    parts: Parts


class Health(TypedDict):
    """What ails each part; an empty text if nothing does."""

    access: str
    cache: str
    storage: str
