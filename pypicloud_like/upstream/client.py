"""The one HTTP client for upstreams: bounded in time, size and redirects, and discreet.

Credentials go to the configured scheme, host and port and nowhere else. Only http and https are spoken,
never http after https, and only hosts that the upstream's settings name.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError
from urllib3.exceptions import TimeoutError as TimedOut
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout, make_headers

from pypicloud_like.core.errors import UpstreamFailed, UpstreamTimedOut
from pypicloud_like.settings.model import UpstreamSettings
from pypicloud_like.upstream.watching import pool_manager, watched

CONNECT_TIMEOUT = 3.0
DOCUMENT_SECONDS = 30.0
"""The most a whole index page may take."""
DOCUMENT_BYTES = 32 * 1024 * 1024
"""The largest index page, decoded."""
CHUNK = 64 * 1024

_PATIENCE = 3
"""For the head of an answer, and between two pieces of its body, so many times the time-out of one read."""
_AT_ONCE = 1.0
"""Seconds within which a kept connection that has ended shows it."""
_REDIRECTS = 5
_CONNECTIONS = 16
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
"""Where web servers are. Of the hosts that settings allow no other port is spoken to, but the upstream's own:
behind them may be what is meant for nobody outside.
"""
_AGENT = f"pypicloud-like/{version('pypicloud-like')}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, decoded. Header names are in lower case; ``url`` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Client:
    """Requests to one upstream. Threads share it."""

    def __init__(self, settings: UpstreamSettings) -> None:
        self._name = settings.name
        self._origin = _origin(settings.url)
        self._hosts = settings.file_hosts | {urlsplit(settings.url).hostname}
        self._credentials = (
            make_headers(basic_auth=f"{settings.username}:{settings.password}") if settings.password else {}
        )
        self._patience = _PATIENCE * settings.timeout
        self._pool = pool_manager(
            self._patience,
            num_pools=8,
            maxsize=_CONNECTIONS,
            ca_certs=str(settings.ca_file) if settings.ca_file else None,
            cert_reqs="CERT_REQUIRED",
            retries=False,
            timeout=Timeout(connect=CONNECT_TIMEOUT, read=settings.timeout),
        )

    def close(self) -> None:
        """Let go of all connections."""
        self._pool.clear()

    def may_fetch(self, url: str) -> bool:
        """Whether an address is one this upstream may have us fetch."""
        try:
            parts = urlsplit(url)
            return (
                parts.scheme in {"http", "https"}
                and parts.username is None
                and (parts.hostname in self._hosts or "*" in self._hosts)
                and (parts.scheme == "https" or self._origin[0] == "http")
                and parts.port in {None, _PORTS[parts.scheme], self._origin[2]}
            )
        except ValueError:
            return False

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int = DOCUMENT_BYTES,
        seconds: float = DOCUMENT_SECONDS,
    ) -> Reply:
        """A whole answer, whatever its status.

        :param limit: bytes of its body, decoded
        :raises UpstreamTimedOut, UpstreamFailed: it did not come, or is too large
        """
        deadline = time.monotonic() + seconds
        with self.open(url, {"Accept-Encoding": "gzip", **headers}) as (response, final):
            left = max(0.0, deadline - time.monotonic())
            body = b"".join(self._decoded(response, limit, deadline, left))
            return Reply(response.status, _lower(response), body, final)

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str]) -> Iterator[tuple[BaseHTTPResponse, str]]:
        """An answer whose body is still to be read with :meth:`chunks`, and where it came from."""
        with self._translated():
            response, final = self._follow(url, headers)
        try:
            yield response, final
        finally:
            response.close()  # what is left of it is not worth reading

    def chunks(self, response: BaseHTTPResponse, *, seconds: float | None = None) -> Iterator[bytes]:
        """The raw body as it arrives, never waiting for more than there is.

        :param seconds: the most that all of it may take
        :raises UpstreamTimedOut, UpstreamFailed: it broke off
        """
        with self._translated(), watched(response, idle=self._patience, seconds=seconds) as progress:
            while chunk := response.read1(CHUNK, decode_content=False):
                progress.made()
                yield chunk
                progress.made()  # whoever reads may have taken a while

    def _decoded(
        self, response: BaseHTTPResponse, limit: int, deadline: float, seconds: float
    ) -> Iterator[bytes]:
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in {"identity", "gzip", "x-gzip"}:
            raise UpstreamFailed(self._name, "its answer has an encoding that was not asked for")
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
        total = 0
        for chunk in self.chunks(response, seconds=seconds):
            if time.monotonic() > deadline:
                raise UpstreamTimedOut(self._name, "its answer takes too long")
            data = self._inflate(inflater, chunk, limit - total) if inflater else chunk
            total += len(data)
            if total > limit:
                raise UpstreamFailed(self._name, f"its answer is larger than {limit} bytes")
            yield data
        if inflater and (not inflater.eof or inflater.unused_data):
            raise UpstreamFailed(self._name, "its answer broke off")

    def _inflate(self, inflater: zlib._Decompress, chunk: bytes, room: int) -> bytes:
        try:
            return inflater.decompress(chunk, room + 1)
        except zlib.error:
            raise UpstreamFailed(self._name, "its answer cannot be decoded") from None

    def _follow(self, url: str, headers: Mapping[str, str]) -> tuple[BaseHTTPResponse, str]:
        for _ in range(_REDIRECTS + 1):
            if not self.may_fetch(url):
                raise UpstreamFailed(self._name, "it leads to an address that its settings do not allow")
            mine = self._credentials if _origin(url) == self._origin else {}
            response = self._request(url, {"User-Agent": _AGENT, **headers, **mine})
            if response.status not in _REDIRECTING:
                return response, url
            target = response.headers.get("Location", "")
            response.close()
            url = urljoin(url, target)
        raise UpstreamFailed(self._name, "it redirects without end")

    def _request(self, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """One request, and once more if the connection was a kept one that had ended meanwhile."""
        ask = partial(
            self._pool.request,
            "GET",
            url,
            headers=headers,
            preload_content=False,
            decode_content=False,
            redirect=False,
        )
        began = time.monotonic()
        try:
            return ask()
        except ProtocolError:
            if time.monotonic() - began > _AT_ONCE:
                raise
            return ask()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What the library raises holds addresses; what we raise does not."""
        try:
            yield
        except NewConnectionError:  # urllib3 counts a refused connection among the time-outs
            raise UpstreamFailed(self._name, "it cannot be reached") from None
        except TimedOut:
            raise UpstreamTimedOut(self._name, "it does not answer in time") from None
        except (HTTPError, OSError, ValueError) as error:
            raise UpstreamFailed(self._name, f"the connection failed ({type(error).__name__})") from None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _lower(response: BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
