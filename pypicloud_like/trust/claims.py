"""What a trusted publisher says of its jobs, and whether a job is one of them. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.ports.publishers import Publisher
from pypicloud_like.settings.model import IssuerSettings

ANYTHING = "*"
CHECKED_ANYWAY = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
"""Claims that are not for publishers to demand: every identity token is judged by them (RFC 7519)."""

_MOST_CLAIMS, _MOST_STARS = 20, 5
_LONGEST_NAME, _LONGEST_VALUE = 100, 500
_WORKFLOWS = {"github": "repository", "gitlab": "project_path"}
"""The claim that says where a job's sources are, by the kind of its issuer."""
_TOLD = (
    "sub",
    "repository",
    "project_path",
    "ref",
    "sha",
    "environment",
    "run_id",
    "job_id",
    "actor",
    "user_login",
)
"""Claims that the audit keeps of a job that published."""
_LONGEST_TOLD = 200


def checked(issuer: IssuerSettings, given: object) -> dict[str, str]:
    """The claims that a new publisher demands.

    :param given: a mapping of names to texts
    :raises InvalidRequest: it is none, or says too little of whose jobs these are
    """
    if not isinstance(given, Mapping) or not given:
        raise InvalidRequest("claims", "must be an object of claims and their values")
    if len(given) > _MOST_CLAIMS:
        raise InvalidRequest("claims", f"may have at most {_MOST_CLAIMS} entries")
    claims = {_checked_name(name): _checked_value(str(name), value) for name, value in given.items()}
    for name in issuer.identity:
        if ANYTHING in claims.get(name, ANYTHING):
            raise InvalidRequest(
                "claims", f"'{name}' must be given, without *: whoever {issuer.name} serves has such jobs"
            )
    return claims


def with_workflow(issuer: IssuerSettings, given: Mapping[str, Any], workflow: str) -> dict[str, Any]:
    """The claims, and those by which an issuer says that a job follows this file of its repository.

    :param workflow: the name of a file in ``.github/workflows`` (GitHub), the path of one (GitLab)
    :raises InvalidRequest: the issuer is of another kind, or the claims do not say which repository
    """
    where = _WORKFLOWS.get(issuer.kind)
    if where is None:
        raise InvalidRequest("workflow", "is known of github and gitlab only; name claims instead")
    source = given.get(where)
    if (
        not isinstance(source, str)
        or ANYTHING in source + workflow
        or workflow.startswith("/")
        or not workflow
    ):
        raise InvalidRequest("workflow", f"needs the claim '{where}', and is the name of one file")
    if issuer.kind == "github":
        return {**given, "job_workflow_ref": f"{source}/.github/workflows/{workflow}@*"}
    return {**given, "ci_config_ref_uri": f"{urlsplit(issuer.url).netloc}/{source}//{workflow}@*"}


def misfit(publisher: Publisher, claims: Mapping[str, Any]) -> str | None:
    """The name of the first claim in which a job is not one of a publisher's; None if it is."""
    for name, pattern in publisher.claims.items():
        value = text_of(claims.get(name))
        if value is None or not fits(pattern, value):
            return name
    for name, pinned in publisher.pinned.items():
        if text_of(claims.get(name)) != pinned:
            return name
    return None


def is_near(issuer: IssuerSettings, publisher: Publisher, claims: Mapping[str, Any]) -> bool:
    """Whether a job is of those whom a publisher names, whatever else it demands."""
    return all(
        name in publisher.claims and publisher.claims[name] == text_of(claims.get(name))
        for name in issuer.identity
    )


def pins(issuer: IssuerSettings, publisher: Publisher, claims: Mapping[str, Any]) -> dict[str, str]:
    """What a publisher that is used keeps of a job: at its first use, or of what was not told before."""
    told = {name: text_of(claims.get(name)) for name in issuer.pinned}
    return {**{name: text for name, text in told.items() if text is not None}, **publisher.pinned}


def told(claims: Mapping[str, Any]) -> dict[str, str]:
    """What is kept of a job for those who ask later who published."""
    texts = {name: text_of(claims.get(name)) for name in _TOLD}
    return {name: text[:_LONGEST_TOLD] for name, text in texts.items() if text is not None}


def fits(pattern: str, value: str) -> bool:
    """Whether a value is the pattern's, in which each ``*`` stands for any characters or none. Takes time by
    the length of the value, whatever the pattern.
    """
    first, *rest = pattern.split(ANYTHING)
    if not rest:
        return pattern == value
    *middle, last = rest
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def text_of(value: object) -> str | None:
    """The text of a claim that is a text, number or truth value; None of what has parts, or is not there."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return str(value)
    return None


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidRequest("claims", "has a name that no claim has")
    if name in CHECKED_ANYWAY:
        raise InvalidRequest("claims", f"'{name}' is checked anyway, and cannot be demanded")
    return name


def _checked_value(name: str, value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VALUE or not value.isprintable():
        raise InvalidRequest(
            "claims", f"the value of '{name}' must be a text of 1 to {_LONGEST_VALUE} characters"
        )
    if value.count(ANYTHING) > _MOST_STARS:
        raise InvalidRequest("claims", f"the value of '{name}' has more than {_MOST_STARS} *")
    return value
