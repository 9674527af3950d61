"""What the addresses of accounts, of publishers and of supervision do, for their OpenAPI documents."""

from __future__ import annotations

from pypicloud_like.http.openapi.operations import PARAMS, Content, Operation, System
from pypicloud_like.web import operations, publishers, shapes
from pypicloud_like.web.account import accounts, login
from pypicloud_like.web.browse import home
from pypicloud_like.web.pages import DIALECT

_PAGE = "a page for people, or its form"

ACCOUNTS = System(
    name="accounts",
    title="Accounts",
    about="Registering, logging in, and one's own password.",
    operations={
        accounts.register: Operation(
            "Register; an administrator approves", {200: None}, (409,), body=shapes.Registration, kinds=PARAMS
        ),
        accounts.register_by_token: Operation(
            "Register by an invitation",
            {200: shapes.Registered},
            (409,),
            body=shapes.InvitedRegistration,
            kinds=PARAMS,
        ),
        accounts.change_password: Operation(
            "Change one's password; all sessions end",
            {200: None},
            (409,),
            body=shapes.PasswordChange,
            kinds=PARAMS,
        ),
        login.login: Operation(
            "Open a session, which a cookie holds; browsers are redirected",
            {200: shapes.Registered, 303: None},
            body=shapes.Credentials,
            kinds=PARAMS,
        ),
        login.register: Operation(
            "Register; an administrator approves", {200: None}, (409,), body=shapes.Credentials, kinds=PARAMS
        ),
    },
    apart=dict.fromkeys((home.home, login.form, login.logout), _PAGE),
    apart_dialects={DIALECT: _PAGE},
    parameters={"username": "The name that the newcomer wants."},
)

PUBLISHERS = System(
    name="publishers",
    title="Trusted publishers",
    about="Jobs that may publish without a password: whoever says who owns a project says which jobs of which"
    " issuer publish it. Projects of other ecosystems than Python's have it in front: `cargo:serde`,"
    " `jsr:@std/path`. How jobs come by their tokens is said with the Python index (`/_/oidc/…`) and with"
    " crates (`/api/v1/trusted_publishing/tokens`).",
    operations={
        publishers.mine: Operation(
            "The issuers that are known here, and the publishers that you made",
            {200: shapes.MyPublishers},
            (403,),
        ),
        publishers.listed: Operation("The publishers of a project", {200: shapes.Publishers}, (403,)),
        publishers.add: Operation(
            "Trust jobs; of a project that does not exist: to create it",
            {201: shapes.PublisherBody},
            (409, 422),
            body=shapes.NewPublisher,
        ),
        publishers.remove: Operation("Trust them no more; what tokens they have end", {204: None}),
    },
    parameters={"project": "A project, perhaps with its ecosystem.", "id": "The id of a publisher."},
)

OPERATIONS = System(
    name="operations",
    title="Supervision",
    about="What tells supervisors, load balancers and collectors of metrics how this server is.",
    operations={
        operations.alive: Operation("Whether this process answers", {200: shapes.Alive}),
        operations.ready: Operation(
            "Whether databases and storage answer", {200: shapes.Readiness, 503: shapes.Readiness}
        ),
        operations.health: Operation(
            "What ails, as pypicloud tells it", {200: shapes.Health, 500: shapes.Health}
        ),
        operations.metrics: Operation(
            "What this process counts, for Prometheus", {200: Content({"text/plain": None})}, (403,)
        ),
    },
)
