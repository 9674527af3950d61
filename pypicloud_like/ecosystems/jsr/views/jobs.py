"""Jobs that publish with their identity token itself, as deno does in continuous integration:
``Authorization: githuboidc <token>``.

The audience of such a token is the list of what it is to publish, with the digest of each tarball. So it may
be sent several times (deno asks first, then publishes one package after the other): whoever gets hold of it
could only publish the very same once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyramid.request import Request

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import IdentityRefused, InvalidRequest
from pypicloud_like.core.model import Caller, Project, Scope
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.ecosystems.jsr import permissions
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Unauthenticated
from pypicloud_like.ecosystems.jsr.names import JSR
from pypicloud_like.registry import trusted
from pypicloud_like.registry.services import Services
from pypicloud_like.trust.claims import text_of
from pypicloud_like.trust.identity import Identity

SCHEME = "githuboidc"
_ACTORS = ("actor", "user_login")
"""The claims in which GitHub and GitLab say who started a job."""
_ASKING = frozenset({"GET", "HEAD"})


def caller_of(request: Request, token: str) -> Caller:
    """The user for whom a job acts, limited to what its token is for and what trusts the job.

    :raises Unauthenticated: the token is not to be believed, or nothing trusts the job
    :raises Disallowed: whoever started the job is no member of a scope that wants that
    """
    services: Services = request.services
    try:
        identity = trusted.issuers(services).identify(token, audience=_is_list)
        terms = _terms(identity.audience)
        wanted = permissions.scope_of(terms).projects or frozenset()
        owner, found = trusted.trusting(services, JSR, identity, among=wanted)
    except (IdentityRefused, InvalidRequest) as error:
        raise Unauthenticated("invalidOidcToken", str(error)) from error
    if request.method not in _ASKING:
        _check_actor(services, identity, [each.project for each in found])
        trusted.note(services, identity, found, owner)
    acts = frozenset(map(str, (Act.READ, Act.WRITE, Act.CREATE)))
    scope = Scope(acts, frozenset(each.project for each in found), terms)
    return Caller(owner, via="token", scope=scope, credential=identity.digest, job=True)


def _is_list(audience: str) -> bool:
    """Whether a token was made for a JSR registry. Of which one it cannot say; the digests in it can be
    published nowhere else but where somebody trusts the job too.
    """
    try:
        return bool(_terms(audience))
    except InvalidRequest:
        return False


def _terms(audience: str) -> tuple[str, ...]:
    """The permissions that a token was made for, each of one version and its tarball.

    :raises InvalidRequest: these are none
    """
    try:
        said = json.loads(audience)
    except (ValueError, RecursionError):
        said = None
    listed = said.get("permissions") if isinstance(said, dict) else None
    terms = permissions.read(listed)
    if not all("tarballHash" in json.loads(term) for term in terms):
        raise InvalidRequest("permissions", "must name the tarballs")
    return terms


def _check_actor(services: Services, identity: Identity, projects: Sequence[Project]) -> None:
    """Where a scope wants it, whoever started a job has to be a member, by the name they have here.

    :raises Disallowed: they are none
    """
    actor = next((text for name in _ACTORS if (text := text_of(identity.claims.get(name)))), "")
    for name in sorted({project.name.partition("/")[0].removeprefix("@") for project in projects}):
        scope = services.scopes.scope(name)
        if scope is None or not scope.verify_actor:
            continue
        if not actor or services.scopes.member(name, normal_form(actor)) is None:
            raise Disallowed(
                "actorNotScopeMember",
                f"Whoever started this job is no member of @{name}; its admins can do without that"
                " (ghActionsVerifyActor)",
            )
