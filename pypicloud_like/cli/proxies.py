"""Forwarding headers: believed from the proxies one trusts, taken away from all others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

from waitress.proxy_headers import proxy_headers_middleware

from pypicloud_like.http.request_ids import REQUEST_ID, is_plain
from pypicloud_like.http.urls import FORWARDING

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

_BELIEVED = frozenset({"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"})


def mind_proxies(app: WsgiApp, *, trusted: Collection[str], count: int) -> WsgiApp:
    """The application with REMOTE_ADDR, HTTP_HOST and wsgi.url_scheme as the client had them.

    The server's own rule knows a single trusted address; this one takes networks. A request whose
    forwarding headers are taken away still counts as one that came through a proxy: it gets a ``Via``,
    so that whoever asks whether a client sits at this very machine is told no. Nor is the id of a request
    taken from anybody but a trusted proxy.

    :param trusted: addresses and networks of proxies
    :param count: how many of them stand one behind the other, each adding one hop
    """
    networks = [ip_network(item) for item in trusted]
    translated = proxy_headers_middleware(
        app,
        trusted_proxy="*",
        trusted_proxy_count=count,
        trusted_proxy_headers=_BELIEVED,
        clear_untrusted=True,
    )

    def minded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        present = [name for name in FORWARDING if name in environ]
        if present:
            environ.setdefault("HTTP_VIA", "1.1 proxy")
        number = environ.pop("HTTP_X_REQUEST_ID", "")
        if networks and _is_within(environ["REMOTE_ADDR"], networks):
            if is_plain(number):
                environ[REQUEST_ID] = number
            answer: Iterable[bytes] = translated(environ, start_response)
            return answer
        for name in present:
            del environ[name]
        return app(environ, start_response)

    return minded


def _is_within(address: str, networks: Iterable[Any]) -> bool:
    try:
        peer = ip_address(address.partition("%")[0])
    except ValueError:  # a Unix socket has no address
        return False
    mapped = getattr(peer, "ipv4_mapped", None) or peer
    return any(mapped in network for network in networks)
