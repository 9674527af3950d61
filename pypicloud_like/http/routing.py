"""Routes: each pattern once, with its methods, and 405 with ``Allow`` for every other method.

Pyramid would take two routes of one pattern silently and answer a wrong method with 404, so no part
registers routes but through :func:`route`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import MethodNotAllowed

View = Callable[[Request], Response]
ROUTES = "pypicloud_like.routes"
_PREFIXES = "pypicloud_like.dialect_prefixes"


@dataclass(frozen=True, slots=True)
class Route:
    """What a test needs to know of a route: who answers where, for which methods, in which dialect."""

    name: str
    pattern: str
    dialect: str
    views: dict[str, View]

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods of ``Allow``: HEAD goes with GET."""
        return tuple(sorted(self.views.keys() | ({"HEAD"} if "GET" in self.views else set())))


def route(config: Configurator, name: str, pattern: str, dialect: str, **views: View) -> None:
    """Register one pattern with its views by method (``GET=…, POST=…``).

    :param dialect: how errors are told there, a name known to ``http.errors.add_dialect``
    """
    routes: dict[str, Route] = config.registry.setdefault(ROUTES, {})
    clash = [other.name for other in routes.values() if other.pattern == pattern]
    if name in routes or clash:
        raise ValueError(f"route {name!r} ({pattern}) is registered already: {clash or name}")
    entry = Route(name, pattern, dialect, dict(views))
    routes[name] = entry
    config.add_route(name, pattern)
    config.add_view(_dispatch(entry), route_name=name)


def speaks(config: Configurator, dialect: str, *prefixes: str) -> None:
    """Unknown addresses below these prefixes (``/api/v1/``) answer in this dialect. Of several that fit
    the longest counts.
    """
    known: dict[str, str] = config.registry.setdefault(_PREFIXES, {})
    known.update(dict.fromkeys(prefixes, dialect))


def dialect_of(request: Request) -> str:
    """The dialect of the route that matched, or the one that fits an unknown path. What is below the
    roots of an API never is a package, even where the pattern of the root aliases matched it.
    """
    matched = getattr(request, "matched_route", None)
    known: dict[str, Route] = request.registry.get(ROUTES, {})
    dialect = known[matched.name].dialect if matched is not None and matched.name in known else "pip"
    return dialect if dialect != "pip" else _dialect_below(request)


def _dialect_below(request: Request) -> str:
    prefixes: dict[str, str] = request.registry.get(_PREFIXES, {})
    path = request.environ.get("PATH_INFO", "") + "/"
    fitting = [prefix for prefix in prefixes if path.startswith(prefix)]
    return prefixes[max(fitting, key=len)] if fitting else "pip"


def _dispatch(entry: Route) -> View:
    """One view for all methods: Pyramid would try the predicates of each in turn."""
    views = {**({"HEAD": entry.views["GET"]} if "GET" in entry.views else {}), **entry.views}

    def dispatch(request: Request) -> Response:
        view = views.get(request.environ["REQUEST_METHOD"])
        if view is None:
            raise MethodNotAllowed(entry.allowed)
        return view(request)

    return dispatch
