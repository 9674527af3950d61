"""Where this server is, seen from outside: the public URL, or an allowed Host; never a forged one."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from pyramid.request import Request

from pypicloud_like.core.errors import InvalidRequest

_ADDRESS = re.compile(
    r"(\[[0-9a-fA-F:]+\]|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:]*|[A-Za-z0-9._-]+)(:[0-9]{1,5})?\Z"
)
_LONGEST_HOST = 262
"""characters: a name of 253 (RFC 1035 §2.3.4), a last dot, brackets and a port"""
FORWARDING = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_BY",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
"""What proxies say of the client; beside it they add a ``Via``."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def host_url(request: Request) -> str:
    """Scheme, host and port without a last slash: of the configured public URL, else of the request.

    :raises InvalidRequest: no public URL is set and the Host is not an allowed one
    """
    server = request.services.settings.server
    if server.public_url:
        parts = urlsplit(server.public_url)
        return f"{parts.scheme}://{parts.netloc}"
    host = request.environ.get("HTTP_HOST") or request.environ.get("SERVER_NAME", "")
    name = _name(host)
    if not (is_local(host) or name in server.allowed_hosts or "*" in server.allowed_hosts):
        raise InvalidRequest(
            "Host", f"{name[:80]!r} is not served here; set server.public_url or server.allowed_hosts"
        )
    return f"{request.environ['wsgi.url_scheme']}://{host}"


def is_local(host: str) -> bool:
    """Whether a host (with or without port) or address is this very machine by its loopback name."""
    return _name(host) in _LOOPBACK


def is_from_here(request: Request) -> bool:
    """Whether a request comes from this machine, was meant for it, and shows no proxy on its way. A proxy on
    this machine need not show: see :func:`is_behind_proxy`.
    """
    environ = request.environ
    return (
        not any(name in environ for name in ("HTTP_VIA", *FORWARDING))
        and is_local(environ.get("REMOTE_ADDR", ""))
        and is_local(environ.get("HTTP_HOST", ""))
    )


def is_behind_proxy(request: Request) -> bool:
    """Whether the public address is another one than ours, so that a proxy must be there."""
    public = request.services.settings.server.public_url
    return public is not None and not is_local(urlsplit(public).netloc)


def prefix(request: Request) -> str:
    """The path this application is mounted under, percent-encoded, without a last slash; often empty."""
    mounted = str(request.environ.get("SCRIPT_NAME", ""))
    return quote(mounted.encode("latin-1")).rstrip("/") if mounted else ""


def base_url(request: Request) -> str:
    """:func:`host_url` and :func:`prefix`."""
    return host_url(request) + prefix(request)


def _name(host: str) -> str:
    """The host without its port, lower-case; empty for what is no host at all."""
    match = _ADDRESS.match(host) if len(host) <= _LONGEST_HOST else None
    return match[1].strip("[]").lower() if match else ""
