"""What the addresses of accounts and of supervision do, for their OpenAPI document."""

from __future__ import annotations

from typing import TypedDict

from pypicloud_like.http.openapi.kinds import Uri
from pypicloud_like.http.openapi.operations import PARAMS, Operation, System
from pypicloud_like.web import accounts, authorize, home, login, operations, tokens


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


class Health(TypedDict):
    """What ails each part; an empty text if nothing does."""

    access: str
    cache: str
    storage: str


_PAGE = "a page for people, or its form"

ACCOUNTS = System(
    name="accounts",
    title="Accounts",
    about="One's own account, and how this server is.",
    operations={
        accounts.register: Operation(
            "Register; an administrator approves", {200: None}, (409,), body=Registration, kinds=PARAMS
        ),
        accounts.register_by_token: Operation(
            "Register by an invitation", {200: Registered}, (409,), body=InvitedRegistration, kinds=PARAMS
        ),
        accounts.change_password: Operation(
            "Change one's password; all sessions end", {200: None}, (409,), body=PasswordChange, kinds=PARAMS
        ),
        login.login: Operation(
            "Open a session, which a cookie holds; browsers are redirected",
            {200: Registered, 303: None},
            body=Credentials,
            kinds=PARAMS,
        ),
        login.register: Operation(
            "Register; an administrator approves", {200: None}, (409,), body=Credentials, kinds=PARAMS
        ),
        operations.health: Operation("How this server is", {200: Health, 500: Health}),
    },
    apart=dict.fromkeys(
        (
            home.home,
            login.form,
            login.logout,
            tokens.listed,
            tokens.change,
            authorize.ask,
            authorize.decide,
        ),
        _PAGE,
    ),
    parameters={"username": "The name that the newcomer wants."},
)
