"""Trusted publishing: a job shows its identity token, and gets a short-lived one for what trusts the job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pypicloud_like.access.policy import Act
from pypicloud_like.core.errors import Conflict, Forbidden, IdentityRefused, NotFound
from pypicloud_like.core.model import Account, Caller, Project, Scope
from pypicloud_like.core.ports.publishers import Publisher, Use
from pypicloud_like.registry.services import Services
from pypicloud_like.trust import claims as rules
from pypicloud_like.trust.identity import Identity
from pypicloud_like.trust.issuers import Issuers

LIFETIME = timedelta(minutes=15)
"""How long a job may use its token: PyPI's time."""
_PUBLISHING = frozenset({Act.READ, Act.WRITE})
"""Who publishes also asks before and after whether it is there."""
_LONGEST_LABEL = 100

NO_PUBLISHER = "The identity token is valid, but fits no publisher of any project here"
NAME_TAKEN = "The identity token is valid, but the project it was to create exists by now"


@dataclass(frozen=True, slots=True)
class Minted:
    """A token for a job, told this once."""

    secret: str
    expires_at: datetime


def issuers(services: Services) -> Issuers:
    """The issuers whose word counts here.

    :raises IdentityRefused: there are none
    """
    if services.issuers is None:
        raise IdentityRefused("not-enabled", "Trusted publishing is not enabled on this server")
    return services.issuers


def exchange(services: Services, ecosystem: str, token: str) -> Minted:
    """A token to publish all projects of an ecosystem that trust this job: a workspace publishes several.
    It is of one of those who made their publishers (:func:`trusting`).

    :raises IdentityRefused: the job is not who it says, was here before, or nobody trusts it
    :raises Unavailable: its issuer or the database cannot be asked now
    """
    identity = issuers(services).identify(token)
    owner, found = trusting(services, ecosystem, identity)
    now = services.clock()
    scope = _scope(services, found)
    try:
        secret, _ = services.publishers.mint(
            _use(services, identity, found),
            owner=owner.name,
            label=_label(identity),
            scope=scope,
            expires_at=now + LIFETIME,
        )
    except Conflict as error:
        _note_refusal(services, found[0], identity, "it was used before")
        raise IdentityRefused("invalid-reuse-token", "The identity token has been used already") from error
    except NotFound as error:
        raise IdentityRefused("invalid-publisher", NO_PUBLISHER) from error
    return Minted(secret, now + LIFETIME)


def note(services: Services, identity: Identity, found: Sequence[Publisher], owner: Account) -> None:
    """Note that a job used publishers with its identity token itself.

    :raises IdentityRefused: one of them was removed a moment ago
    """
    try:
        services.publishers.note(_use(services, identity, found), owner=owner.name)
    except NotFound as error:
        raise IdentityRefused("invalid-publisher", NO_PUBLISHER) from error


def trusting(
    services: Services, ecosystem: str, identity: Identity, *, wanted: Collection[Project] | None = None
) -> tuple[Account, Sequence[Publisher]]:
    """Who vouches for a job, and the publishers by which they do. Of several it is one who may publish what
    trusted the job first, since anybody may trust it for names of their own; of these, who may publish most.

    The refusal is the same whether there is no such publisher, or one that counts for nothing: it tells
    nobody what there is. Those who manage publishers find the reason in the audit.

    :param wanted: what the job says that it is to publish, if it says so: others may trust it for more
    :raises IdentityRefused: nobody does
    """
    fitting = []
    near: tuple[Publisher, str] | None = None
    for publisher in services.publishers.of_issuer(ecosystem, identity.issuer.name):
        if wanted is not None and publisher.project not in wanted:
            continue
        claim = rules.misfit(publisher, identity.claims)
        if claim is None:
            fitting.append(publisher)
        elif near is None and rules.is_near(identity.issuer, publisher, identity.claims):
            near = publisher, f"the claim '{claim}' does not fit"
    chosen = _chosen(services, fitting)
    if chosen is not None:
        return chosen
    if fitting:
        near = fitting[0], f"{fitting[0].creator} may not publish it"
    if near is not None:
        _note_refusal(services, near[0], identity, near[1])
    if any(_is_late(services, publisher) for publisher in fitting):
        raise IdentityRefused("invalid-pending-publisher", NAME_TAKEN)
    raise IdentityRefused("invalid-publisher", NO_PUBLISHER)


def add(
    services: Services, project: Project, issuer_name: str, claims: object, *, creator: Account
) -> Publisher:
    """Make a publisher. That whoever asks may do so has been checked.

    :param creator: the user for whom such jobs act
    :raises InvalidRequest: there is no such issuer, or the claims do not do for it
    :raises Forbidden: the creator may not publish the project
    :raises Conflict: the project has such a publisher already
    """
    issuer = issuers(services).named(issuer_name)
    checked = rules.checked(issuer, claims)
    exists = services.cache.exists(project)
    if not _may_publish(services, creator, project, exists=exists):
        raise Forbidden(f"{creator.name} may not publish {project}")
    return services.publishers.add(project, issuer.name, checked, creator=creator.name, pending=not exists)


def give_back(services: Services, secret: str) -> bool:
    """End a token that a job got, be there one or not. False for a token that a person made, which stays."""
    token = services.state.token(secret)
    if token is None:
        return True
    if not token.publishers:
        return False
    with suppress(NotFound):  # it has ended meanwhile
        services.state.revoke_token(token.owner, token.id, actor=token.owner)
    return True


def _chosen(services: Services, fitting: Sequence[Publisher]) -> tuple[Account, Sequence[Publisher]] | None:
    able: list[tuple[Account, Sequence[Publisher]]] = []
    for name in sorted({publisher.creator for publisher in fitting}):
        account = services.access.account(name)
        if account is None:
            continue
        usable = [each for each in fitting if _counts(services, account, each)]
        if usable:
            able.append((account, usable))
    first = min((each.created_at for _, usable in able for each in usable), default=None)
    before = [each for each in able if any(publisher.created_at == first for publisher in each[1])]
    return max(before, key=lambda each: len(each[1]), default=None)


def _counts(services: Services, account: Account, publisher: Publisher) -> bool:
    """Whether a publisher counts for a job that acts for this account. A name that is still to be created
    is for whoever has asked for it.
    """
    exists = services.cache.exists(publisher.project)
    if (not exists or publisher.pending) and publisher.creator != account.name:
        return False
    if _is_late(services, publisher):
        return False
    return _may_publish(services, account, publisher.project, exists=exists)


def _is_late(services: Services, publisher: Publisher) -> bool:
    """Whether somebody else has created the project meanwhile: what was to be the first publisher of a name
    is not to be one of a project of theirs.
    """
    if not publisher.pending or not services.cache.exists(publisher.project):
        return False
    return not services.state.owns(publisher.creator, publisher.project)


def _may_publish(services: Services, account: Account, project: Project, *, exists: bool) -> bool:
    return services.guard.may(Caller(account, via="job"), Act.WRITE, project, exists=exists)


def _scope(services: Services, found: Sequence[Publisher]) -> Scope:
    projects = frozenset(publisher.project for publisher in found)
    acts = _PUBLISHING
    if not all(services.cache.exists(project) for project in projects):
        acts |= {Act.CREATE}
    return Scope(frozenset(map(str, acts)), projects)


def _use(services: Services, identity: Identity, found: Sequence[Publisher]) -> Use:
    pins = {each.id: rules.pins(identity.issuer, each, identity.claims) for each in found}
    return Use(
        identity.digest,
        identity.until,
        found,
        {each.id: pins[each.id] for each in found if pins[each.id] != each.pinned},
        frozenset(each.id for each in found if each.pending and services.cache.exists(each.project)),
        rules.told(identity.claims),
    )


def _label(identity: Identity) -> str:
    """What the token is called in its owner's list."""
    said: Mapping[str, Any] = identity.claims
    who = " ".join(rules.text_of(said.get(name)) or "" for name in identity.issuer.identity)
    text = "".join(letter for letter in f"{identity.issuer.name}: {who}" if letter.isprintable())
    return text[:_LONGEST_LABEL].strip()


def _note_refusal(services: Services, publisher: Publisher, identity: Identity, why: str) -> None:
    services.state.audit(
        "publisher.refuse",
        str(publisher.project),
        actor=None,
        publisher=publisher.id,
        why=why,
        job=rules.told(identity.claims),
    )
