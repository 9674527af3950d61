"""What the views of the management API share: who asks, which scope they mean, what they sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.policy import Act, in_scope
from pypicloud_like.core.errors import InvalidRequest, LoginRequired, NotFound
from pypicloud_like.core.model import Grants, Project
from pypicloud_like.core.ports import Member, Person, ScopeRecord
from pypicloud_like.ecosystems.jsr.directory import Entry
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Malformed, Missing
from pypicloud_like.ecosystems.jsr.names import JSR, check_scope
from pypicloud_like.ecosystems.jsr.scopes import everything
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_json_object, parse_query, read_body
from pypicloud_like.http.security import require
from pypicloud_like.registry.directory import Directory
from pypicloud_like.registry.services import Services

T = TypeVar("T")

DIRECTORY = "pypicloud_like.jsr.directory"
_SCOPES = "pypicloud_like.jsr.scopes"
"""Where the registry of the application keeps the scopes that have anything in the index, or a grant."""
DEFAULT_LIMIT, MOST = 20, 100


def known_scope(request: Request) -> ScopeRecord:
    """The scope of the address, which the caller may know of.

    :raises Malformed: no scope can be called so
    :raises Missing, LoginRequired: there is none, or they may not
    """
    name = check_scope(request.matchdict["scope"])
    try:
        require(request, Act.READ, everything(name))
    except NotFound as error:
        raise _no_scope(name) from error
    scope: ScopeRecord | None = request.services.scopes.scope(name)
    if scope is None:
        raise _no_scope(name)
    return scope


def require_user(request: Request, act: Act = Act.READ, where: Project | None = None) -> str:
    """The name of the user who asks, whose token, if they use one, is for this.

    :raises LoginRequired: nobody is logged in
    :raises Disallowed: the token does not reach so far
    """
    caller = request.caller
    if caller.name is None or caller.account is None or caller.account.pending:
        raise LoginRequired
    if not in_scope(caller, act, where):
        raise Disallowed("missingPermission", "This token is not for that")
    name: str = caller.name
    return name


def require_person(request: Request) -> str:
    """The name of a user who shows that they are there: by password or in a browser, not by a token.

    :raises LoginRequired, Disallowed: they do not
    """
    name = require_user(request)
    if request.caller.via == "token":
        raise Disallowed("credentialNotInteractive", "Only a person can do this, logged in by a password")
    return name


def is_staff(request: Request) -> bool:
    """Whether an administrator of the server asks as such: they are ordinary users of scopes until they say
    that they mean to be more.
    """
    account = request.caller.account
    meant = request.headers.get("X-JSR-Sudo") == "true" or request.cookies.get("sudo") == "1"
    return account is not None and bool(account.admin) and meant


def require_member(request: Request, scope: ScopeRecord, act: Act) -> str:
    """The name of a member of the scope, or of staff.

    :raises LoginRequired, Disallowed: they are none, or the token is not for it
    """
    name = require_user(request, act, everything(scope.name))
    if _membership(request, scope, name) is None and not is_staff(request):
        raise Disallowed("actorNotScopeMember", f"You are not a member of the scope @{scope.name}")
    return name


def require_admin(request: Request, scope: ScopeRecord, act: Act) -> str:
    """The name of an admin of the scope, or of staff. :raises LoginRequired, Disallowed: they are none"""
    name = require_member(request, scope, act)
    member = _membership(request, scope, name)
    if not (is_staff(request) or (member is not None and member.admin)):
        raise Disallowed("actorNotScopeAdmin", f"You are not an admin of the scope @{scope.name}")
    return name


def is_admin(request: Request, scope: ScopeRecord) -> bool:
    """Whether the caller is an admin of the scope, or staff."""
    caller = request.caller
    if caller.name is None or not in_scope(caller, Act.READ, everything(scope.name)):
        return False
    member = _membership(request, scope, caller.name)
    return is_staff(request) or (member is not None and member.admin)


def person_of(services: Services, name: str) -> Person:
    """The person behind an account."""
    return services.people.person(name)


def person_by_id(request: Request, text: str) -> Person:
    """The user with this id, whose account must be there.

    :raises Malformed: it is no UUID
    :raises Missing: there is none
    """
    person: Person | None = request.services.people.by_uuid(checked_id(text))
    if person is None or request.services.access.account(person.name) is None:
        raise Missing("userNotFound", "There is no such user")
    return person


def checked_id(text: str) -> str:
    """:raises Malformed: it is no UUID as ids are written"""
    parts = text.lower().split("-")
    fits = list(map(len, parts)) == [8, 4, 4, 4, 12]
    if not fits or not all(set(part) <= set("0123456789abcdef") for part in parts):
        raise Malformed("The id is no UUID")
    return text.lower()


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries.

    :raises Malformed: it carries none
    """
    try:
        return parse_json_object(read_body(request, request.services.settings.limits.json))
    except InvalidRequest as error:
        raise Malformed(str(error)) from error


def only_key(body: Mapping[str, Any], known: Sequence[str]) -> str:
    """The one thing that a request wants to change.

    :raises Malformed: it names none, or more than one
    """
    given = [key for key in known if key in body]
    if len(given) != 1:
        raise Malformed(f"The body must have just one of {', '.join(known)}")
    return given[0]


def query_of(request: Request) -> dict[str, str]:
    """The query, of each name the last value."""
    return dict(parse_query(request.environ.get("QUERY_STRING", "")))


def clamped(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A number of the query; what is too small or too large is the nearest, what is none the default."""
    text = query.get(name, "")
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        return default
    return max(1, min(int(text[:12]), most))


def page_of(request: Request, found: Sequence[T], told: Callable[[T], Any]) -> Response:
    """A page of a list, by ``limit`` and ``page``."""
    query = query_of(request)
    limit, number = clamped(query, "limit", DEFAULT_LIMIT, MOST), clamped(query, "page", 1, 10**9)
    page = found[(number - 1) * limit : number * limit]
    return answer({"items": [told(each) for each in page], "total": len(found)})


def answer(told: Any, *, lasting: bool = True) -> Response:
    """A JSON answer of the API.

    :param lasting: False for what the next moment may change: a kept "not yet" would hang its reader
    """
    response = answers.answer_json(told)
    response.headers["X-Robots-Tag"] = "noindex"
    if not lasting:
        response.headers["Cache-Control"] = "no-store"
    return response


def nothing() -> Response:
    """204, for what is done."""
    return Response(status=204, headerlist=[("X-Robots-Tag", "noindex"), ("Cache-Control", "no-store")])


def readable_packages(request: Request) -> Sequence[Entry]:
    """The packages that the caller may read, by name."""
    directory: Directory[Entry] = request.registry[DIRECTORY]
    reads = request.services.guard.readable(request.caller, JSR)
    return [entry for entry in directory.entries(request.services.cache) if entry.project in reads]


def packages_of(request: Request, scope: str) -> Sequence[Entry]:
    """All packages of a scope, whoever may read them: what counts against its limits."""
    directory: Directory[Entry] = request.registry[DIRECTORY]
    return [entry for entry in directory.entries(request.services.cache) if entry.name.scope == scope]


def is_ours(request: Request, scope: str) -> bool:
    """Whether anything in a scope is ours (:func:`~pypicloud_like.ecosystems.jsr.scopes.is_begun`), or it has
    members. It is asked for every name that may come from an upstream, so it is kept until the index or the
    grants move.
    """
    services, space = request.services, everything(scope)
    moved, grants = services.cache.moved(), services.access.grants()
    kept: tuple[int, Mapping[Project, Grants], frozenset[Project | None]] | None
    kept = request.registry.get(_SCOPES)
    if kept is None or kept[0] != moved or kept[1] is not grants:
        known = (*services.cache.known_projects(JSR), *grants)
        kept = moved, grants, frozenset(project.space for project in known)
        request.registry[_SCOPES] = kept
    return space in kept[2] or space in services.state.held()


def _membership(request: Request, scope: ScopeRecord, user: str) -> Member | None:
    member: Member | None = request.services.scopes.member(scope.name, user)
    return member


def _no_scope(name: str) -> Missing:
    return Missing("scopeNotFound", f"There is no scope @{name}")
