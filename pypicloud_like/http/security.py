"""Who is asking: from a token, a password or a session, once per request.

Wrong credentials: an unknown or dead token is refused at once. A wrong password leaves the caller
anonymous, so that pages anybody may read stay readable (pypicloud's rule) and all else answers 401.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.decorator import reify
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.access.guard import Guard, Known
from pypicloud_like.access.policy import FAILED_LOGIN, Act
from pypicloud_like.core import moment
from pypicloud_like.core.errors import Forbidden, InvalidRequest, LoginRequired, ReadOnlyBackend
from pypicloud_like.core.model import ANONYMOUS, Caller, Project
from pypicloud_like.core.ports import Access, MutableAccess
from pypicloud_like.http.forms import parse_query, read_body
from pypicloud_like.http.urls import host_url
from pypicloud_like.registry.services import Services

SESSION_COOKIE = "pypicloud_like_session"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
CSRF_IN_FORM = frozenset({"web.upload"})
"""Routes whose forms hold a file: their views read them once, and then ask :func:`require_csrf_field`."""
_SCHEMES = "pypicloud_like.schemes"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_AUTHORIZATION = 8192


def includeme(config: Configurator) -> None:
    """Requests have a ``caller`` and ``services``."""
    config.set_request_factory(OurRequest)


class OurRequest(Request):  # type: ignore[misc] # pyramid has no types
    """A request as our views see it. A class of its own, because what is added to requests by configuration
    makes a new class for each of them.
    """

    @reify  # type: ignore[untyped-decorator] # as above
    def caller(self) -> Caller:
        """Who is asking."""
        with moment.one():
            return _caller(self)

    @property
    def services(self) -> Services:
        """What the application works with."""
        services: Services = self.registry.services
        return services


Scheme = Callable[[Request, str], Caller]
"""Who sent these credentials of a scheme of ``Authorization``; raises for what is not accepted."""


def add_scheme(config: Configurator, name: str, scheme: Scheme) -> None:
    """Teach a scheme of credentials (RFC 9110, section 11.1) beside passwords and tokens. It must be one
    that no browser sends by itself.

    :param name: in lower case
    """
    config.registry.setdefault(_SCHEMES, {})[name] = scheme


def require(request: Request, act: Act, project: Project | None = None, *, exists: bool = True) -> None:
    """Let the request go on only if its caller may do this.

    :raises LoginRequired: the caller is anonymous and may not
    :raises NotFound: a reading caller who may not know of it
    :raises Forbidden: a known caller who may not
    """
    request.services.guard.require(request.caller, act, project, exists=exists)


def mutable(access: Access) -> MutableAccess:
    """The access backend as one that can be changed over the API.

    :raises ReadOnlyBackend: it cannot
    """
    if not isinstance(access, MutableAccess):
        raise ReadOnlyBackend(access.name)
    return access


def csrf_token(session: str) -> str:
    """The token that forms of this session carry: derived, so nothing is stored."""
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


def refuse_foreign(request: Request) -> None:
    """Refuse a change that a page of another site made the browser send.

    Browsers remember Basic credentials as they do cookies, so this holds for both; requests of
    command-line clients carry none of these headers.

    :raises Forbidden: the request comes from another origin
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"none", "same-origin"}:
        raise Forbidden("Requests from other sites are refused")
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is not None and _origin(source) != _origin(host_url(request)):
        raise Forbidden("Requests from other sites are refused")


def refuse_link(request: Request) -> None:
    """Refuse what a link could do, in a README for instance: a GET that changes something is for scripts.

    :raises Forbidden: a session asks, and no script of ours has put its token into the header
    """
    if request.method in _SAFE and request.caller.via == "session":
        _compare_csrf(request, request.headers.get(CSRF_HEADER))


def session_secret(request: Request) -> str | None:
    """The secret in the session cookie, if any."""
    if "HTTP_COOKIE" not in request.environ:
        return None
    value: str | None = request.cookies.get(SESSION_COOKIE)
    return value


def start_session(request: Request, response: Response, username: str) -> None:
    """Log a user in on this browser, under a new id; the session it had is void.

    :raises InvalidRequest: the request's Host is none of ours
    """
    services: Services = request.services
    secure = _secure(request)  # asks for the Host, so before anything is kept
    _close_session(request)
    secret = services.state.open_session(username)
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=services.settings.access.session_lifetime,
        path=request.script_name or "/",
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def end_session(request: Request, response: Response) -> None:
    """Log this browser out."""
    _close_session(request)
    response.delete_cookie(SESSION_COOKIE, path=request.script_name or "/")


def client_address(request: Request) -> str:
    """The peer's address, for login limits."""
    return str(request.environ.get("REMOTE_ADDR", ""))


def _close_session(request: Request) -> None:
    secret = session_secret(request)
    if secret:
        request.services.state.close_session(secret)


def _caller(request: Request) -> Caller:
    caller = _authenticate(request)
    if request.method not in _SAFE:
        if not _is_bearer(request):
            refuse_foreign(request)
        if caller.via == "session" and not _checks_form_itself(request):
            _require_csrf(request)
    return caller


def _is_bearer(request: Request) -> bool:
    """Whether the request carries credentials that no browser adds by itself, as it adds cookies and a
    Basic login that it remembers, be it a token's.
    """
    header = request.environ.get("HTTP_AUTHORIZATION")
    return header is not None and header.partition(" ")[0].lower() != "basic"


def _authenticate(request: Request) -> Caller:
    header = request.environ.get("HTTP_AUTHORIZATION")
    guard = request.services.guard
    if header is not None:
        scheme, _, rest = header.partition(" ")
        if len(header) > _LONGEST_AUTHORIZATION:
            raise InvalidRequest("Authorization", "is too long")
        match scheme.lower():
            case "basic":
                username, password = _basic(rest.strip())
                found = guard.caller_from_password(username, password, address=client_address(request))
                return found or FAILED_LOGIN
            case "bearer" | "token":
                return guard.caller_from_token(rest.strip()) or _refuse()
            case word if word in (schemes := request.registry.get(_SCHEMES, {})):
                caller: Caller = schemes[word](request, rest.strip())
                return caller
            case _:
                return guard.caller_from_token(header.strip()) or _refuse()
    secret = session_secret(request)
    return (guard.caller_from_session(secret) if secret else None) or ANONYMOUS


def recognised(environ: Mapping[str, Any], guard: Guard) -> Known | None:
    """Who sent the credentials of a request with an ``Authorization``, if that is known without verifying
    them. None says nothing of them: what becomes of them is for :class:`OurRequest` to say.
    """
    header: str = environ["HTTP_AUTHORIZATION"]
    scheme, _, rest = header.partition(" ")
    if len(header) > _LONGEST_AUTHORIZATION:
        return None
    match scheme.lower():
        case "basic":
            try:
                username, password = _basic(rest.strip())
            except LoginRequired:
                return None
            return guard.known(username, password, address=environ.get("REMOTE_ADDR", ""))
        case "bearer" | "token":
            return guard.known_token(rest.strip())
        case _:
            return guard.known_token(header.strip()) if not rest else None


def _refuse() -> Caller:
    raise LoginRequired


def _basic(encoded: str) -> tuple[str, str]:
    """RFC 7617, UTF-8.

    :raises LoginRequired: it is not base64, not UTF-8 or has no colon
    """
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise LoginRequired from error
    username, colon, password = decoded.partition(":")
    if not colon:
        raise LoginRequired
    return username, password


def _require_csrf(request: Request) -> None:
    """The token comes as a header, or as a field of a plain form."""
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.content_type == "application/x-www-form-urlencoded":
        body = read_body(request, request.services.settings.limits.json)
        request.body = body  # the view reads it again
        sent = dict(parse_query(body.decode("utf-8", "replace"))).get(CSRF_FIELD)
    _compare_csrf(request, sent)


def _compare_csrf(request: Request, sent: str | None) -> None:
    expected = csrf_token(session_secret(request) or "")
    if sent is None or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise Forbidden("The form has expired: load the page again")


def require_csrf_field(request: Request, sent: str | None) -> None:
    """What a view of :data:`CSRF_IN_FORM` asks when it has read its form, before it does anything.

    :raises Forbidden: the token is not that of the session
    """
    if request.caller.via == "session":
        _compare_csrf(request, sent)


def _checks_form_itself(request: Request) -> bool:
    matched = getattr(request, "matched_route", None)
    return (
        matched is not None and matched.name in CSRF_IN_FORM and request.content_type == "multipart/form-data"
    )


def _secure(request: Request) -> bool:
    rules = request.services.settings.access
    return bool(
        rules.session_secure if rules.session_secure is not None else host_url(request).startswith("https:")
    )


def _origin(url: str) -> tuple[Any, ...]:
    """Scheme, host and port (RFC 6454 §4); of what is no address something that equals no origin."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return (url,)
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)
