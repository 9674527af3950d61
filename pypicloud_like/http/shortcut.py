"""Answers that hold still are given again before the framework begins to work.

Installers ask for the same few pages over and over. What such an answer says follows from its address, some
headers, who asks, the index and the rights; so as long as the last two did not move, it is given again as it
was. Views say which answers are of this kind (:func:`http.answers.page`, ``repeatable``). Whoever sends
credentials is recognised by the guard, and believed for a second while index and rights do not move, or for
as long as the guard says if that is less.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from time import monotonic, perf_counter
from typing import Any

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.router import Router, default_execution_policy

from pypicloud_like.access.memo import Memo
from pypicloud_like.core import moment
from pypicloud_like.core.errors import RegistryError
from pypicloud_like.core.model import Caller
from pypicloud_like.http.answers import REPEATABLE, Repeat
from pypicloud_like.http.request_ids import HEADER, request_id
from pypicloud_like.http.security import recognised
from pypicloud_like.logs import context
from pypicloud_like.registry.services import Services

SHORTCUT = "pypicloud_like.shortcut"
MOST = 5_000
"""Answers: a page counts once for each form and for each caller who asked for it."""
_MOST_PATHS = 20_000
_MOST_CALLERS = 1_000
ROOM = 32 * 1024 * 1024
"""Bytes of all bodies. Most of them are in the page cache anyway; some it may have let go of."""
_LONGEST = 2_048
"""Characters of address and headers together: nobody is to fill the memory with them."""

NOBODY = 0
"""The number of the caller without credentials."""

_BELIEVED = 1.0
"""Seconds for which whoever was recognised is believed to be the same."""

_WHERE = ("PATH_INFO", "SCRIPT_NAME", "wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
_DEPENDS_ON = {
    "Accept": "HTTP_ACCEPT",
    "Accept-Encoding": "HTTP_ACCEPT_ENCODING",
    "Sec-Fetch-Dest": "HTTP_SEC_FETCH_DEST",
    "Sec-Fetch-Site": "HTTP_SEC_FETCH_SITE",
}
_KEYS = (*_WHERE, *_DEPENDS_ON.values(), "HTTP_IF_NONE_MATCH")
_KNOWN = frozenset({*_DEPENDS_ON, "Authorization", "Cookie", "Origin"})
"""The headers that an answer which is given again may depend on: those above, who asks, and those below."""
_READING = frozenset({"GET", "HEAD"})
_LASTING = frozenset({200, 304})

Generation = tuple[int, int, int]
"""What index, users and state say when nothing of them moves."""
Key = tuple[tuple[str | None, ...], int]
"""Values of ``_KEYS``, and the number of a caller."""
Answerer = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def includeme(config: Configurator) -> None:
    """Take the place of Pyramid's own way from a WSGI environment to an answer."""
    config.registry[SHORTCUT] = Shortcut(config.registry.services)
    config.set_execution_policy(_policy)


def _policy(environ: dict[str, Any], router: Router) -> Answerer:
    """Pyramid's execution policy (``pyramid.interfaces.IExecutionPolicy``)."""
    shortcut: Shortcut = router.registry[SHORTCUT]
    return shortcut(environ, router)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer without what is of its request alone."""

    status: str
    headers: tuple[tuple[str, str], ...]
    repeat: Repeat
    body: tuple[bytes, ...]
    """what is sent, if ``repeat`` does not open it anew"""


class Shortcut:
    """The answers that one application has given."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._paths: Memo[str, bool] = Memo(_MOST_PATHS)
        self._given: Memo[Key, Given] = Memo(MOST)
        self._left: tuple[Hashable, int] = (None, ROOM)  # bytes for bodies of that generation
        self._callers = _Callers(services)
        self._is_on = services.settings.log.requests != "all"

    def __call__(self, environ: dict[str, Any], router: Router) -> Answerer:
        """The answer to a request. Reading ones see rights of one moment."""
        if environ["REQUEST_METHOD"] not in _READING:
            return default_execution_policy(environ, router)  # type: ignore[no-any-return] # pyramid has no types
        moment.begin()
        try:
            return self._read(environ, router)
        finally:
            moment.end()

    def _read(self, environ: dict[str, Any], router: Router) -> Answerer:
        began = perf_counter()
        if not self._may_be_known(environ):
            response = default_execution_policy(environ, router)
            if REPEATABLE in environ:
                self._paths.put(None, environ["PATH_INFO"], True)
            return response  # type: ignore[no-any-return] # pyramid has no types
        try:
            generation = self._generation()
            key = self._key(environ, generation)
        except RegistryError:  # the views say it
            return default_execution_policy(environ, router)  # type: ignore[no-any-return] # as above
        given = self._given.get(generation, key) if key is not None else None
        if given is not None:
            with suppress(RegistryError):  # bytes that cannot be read are for the views, too
                return self._again(given, environ, began)
        response = default_execution_policy(environ, router)
        if key is not None and _length(key[0]) <= _LONGEST:
            self._keep(generation, key, environ.get(REPEATABLE), response)
        return response  # type: ignore[no-any-return] # as above

    def _may_be_known(self, environ: dict[str, Any]) -> bool:
        return (
            self._is_on
            and self._paths.get(None, environ.get("PATH_INFO", "")) is not None
            and environ["REQUEST_METHOD"] == "GET"
            and not environ.get("QUERY_STRING")
            # who sends one of these is always answered by the views
            and "HTTP_COOKIE" not in environ
            and "HTTP_ORIGIN" not in environ
            and "HTTP_RANGE" not in environ
        )

    def _generation(self) -> Generation:
        services = self._services
        return services.cache.moved(), services.access.moved(), services.state.moved()

    def _key(self, environ: dict[str, Any], generation: Generation) -> Key | None:
        """All that an answer follows from beside the generation; None if it is not known who asks."""
        anonymous = "HTTP_AUTHORIZATION" not in environ
        caller = NOBODY if anonymous else self._callers.of(environ, generation)
        return None if caller is None else (tuple(map(environ.get, _KEYS)), caller)

    def _keep(self, generation: Hashable, key: Key, repeat: Repeat | None, response: Response) -> None:
        if repeat is None or response.status_int not in _LASTING or not _depends_on(response) <= _KNOWN:
            return
        body = () if repeat.body is not None else response.app_iter
        if not isinstance(body, tuple):
            return
        size = sum(map(len, body))
        if size > ROOM:
            return
        kept, left = self._left
        left = (left if kept == generation else ROOM) - size
        if left < 0:
            self._given, left = Memo(MOST), ROOM - size
        self._left = generation, left
        headers = tuple(pair for pair in response.headerlist if pair[0] != HEADER)
        self._given.put(generation, key, Given(response.status, headers, repeat, body))

    def _again(self, given: Given, environ: dict[str, Any], began: float) -> Answerer:
        """:raises RegistryError: the bytes cannot be read; nothing has happened"""
        repeat, number = given.repeat, request_id(environ)
        body: Iterable[bytes] = given.body
        if repeat.body is not None:
            context.request_id.set(number)  # for what is logged while it is read
            body = repeat.body(environ)
        if repeat.effect is not None:
            repeat.effect()
        headers = [*given.headers, (HEADER, number)]

        def answer(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            start_response(given.status, headers)
            return body

        seconds = perf_counter() - began
        self._services.metrics.answered(repeat.pattern, "GET", int(given.status[0]), seconds)
        return answer


class _Callers:
    """Who sent which credentials a moment ago. They are remembered by digests that nobody else can make, for
    a second, so that the guard goes on noting when a token was used. Callers are known by numbers, which are
    quick to compare.
    """

    def __init__(self, services: Services) -> None:
        self._guard = services.guard
        self._clock = services.clock
        self._digest = blake2b(key=secrets.token_bytes(32), digest_size=32)
        self._known: Memo[bytes, tuple[float, int]] = Memo(_MOST_CALLERS)
        self._numbers: Memo[Caller, int] = Memo(_MOST_CALLERS)
        self._next = count(NOBODY + 1)

    def of(self, environ: dict[str, Any], generation: Hashable) -> int | None:
        """The number of whoever sends these, if that is known without verifying them.

        :param generation: asked for before
        """
        digest = self._digest.copy()
        digest.update(
            f"{environ['HTTP_AUTHORIZATION']}\n{environ.get('REMOTE_ADDR')}".encode("utf-8", "surrogatepass")
        )
        proof = digest.digest()
        known = self._known.get(generation, proof)
        if known is not None and monotonic() < known[0]:
            return known[1]
        now = monotonic()
        found = recognised(environ, self._guard)
        if found is None:
            return None
        left = _BELIEVED if found.until is None else (found.until - self._clock()).total_seconds()
        number = self._number_of(found.caller, generation)
        self._known.put(generation, proof, (now + min(left, _BELIEVED), number))
        return number

    def _number_of(self, caller: Caller, generation: Hashable) -> int:
        """Equal callers of a generation share one, unless two threads meet; different ones never do."""
        number = self._numbers.get(generation, caller)
        if number is None:
            number = next(self._next)
            self._numbers.put(generation, caller, number)
        return number


def _length(values: Iterable[str | None]) -> int:
    return sum(len(value) for value in values if value)


def _depends_on(response: Response) -> set[str]:
    """The names in ``Vary``."""
    named = [value.split(",") for name, value in response.headerlist if name.lower() == "vary"]
    return {name.strip() for names in named for name in names}
