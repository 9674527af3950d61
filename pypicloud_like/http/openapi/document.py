"""OpenAPI documents, made of the registered routes and of what their systems say of them.

The routes give paths, methods and parameters, so no path can be described that is not there; what nobody
describes is told by :func:`undescribed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pyramid.config import Configurator
from pyramid.registry import Registry

from pypicloud_like.http.openapi.operations import JSON, Content, Operation, System, Told
from pypicloud_like.http.openapi.schemas import Schema, members, schema_of
from pypicloud_like.http.routing import ROUTES, Route, View

SYSTEMS = "pypicloud_like.openapi_systems"
VERSION = "3.1.0"
_PART = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_DECORATION = frozenset({"slash", "slashes"})
"""Parts of patterns that make a slash optional."""
_CREDENTIALS = {
    "password": {"type": "http", "scheme": "basic", "description": "A user's name and password."},
    "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "pypicloud_like_session"},
}


@dataclass(frozen=True, slots=True)
class Described:
    """One operation where it can be asked for."""

    route: Route
    method: str
    path: str
    operation: Operation

    @property
    def id(self) -> str:
        """A name that is unique among all operations, and an identifier."""
        document = self.operation.at.rpartition("/")[2]
        words = [self.route.name, self.method.lower(), document]
        return re.sub(r"\W+", "_", "_".join(filter(None, words))).strip("_")


def describe(config: Configurator, system: System) -> None:
    """Add the description of an API.

    :raises ValueError: there is one of this name
    """
    known: dict[str, System] = config.registry.setdefault(SYSTEMS, {})
    if system.name in known:
        raise ValueError(f"{system.name} is described twice")
    known[system.name] = system


def systems(registry: Registry) -> Mapping[str, System]:
    """All descriptions by their names."""
    known: Mapping[str, System] = registry.get(SYSTEMS, {})
    return known


def described(registry: Registry, system: System) -> Iterator[Described]:
    """What a system describes, at each address that has it, in the order of the routes."""
    for route in registry[ROUTES].values():
        for method, view in route.views.items():
            for operation in _said_of(system, view):
                yield Described(route, method, operation.at or path_of(route), operation)


def undescribed(registry: Registry) -> list[str]:
    """The routes and methods of which no system says what they answer, nor that they are no JSON API; and
    the views of which something is said though no route leads to them.
    """
    known = systems(registry).values()
    routed = {view for route in registry[ROUTES].values() for view in route.views.values()}
    said = [view for system in known for view in (*system.operations, *system.apart)]
    spared = {dialect for system in known for dialect in system.apart_dialects}
    silent = [
        f"{method} {route.pattern}"
        for route in registry[ROUTES].values()
        for method, view in route.views.items()
        if said.count(view) != 1 and not (route.dialect in spared and view not in said)
    ]
    return silent + [f"{view.__module__}.{view.__name__}" for view in said if view not in routed]


def document(registry: Registry, system: System, base: str) -> dict[str, Any]:
    """The OpenAPI document of a system.

    :param base: the public address of this server
    """
    named: dict[str, Schema] = {}
    tellers = {name: told for each in systems(registry).values() for name, told in each.errors.items()}
    paths: dict[str, dict[str, Any]] = {}
    for found in described(registry, system):
        errors = tellers[found.route.dialect]
        paths.setdefault(found.path, {})[found.method.lower()] = _operation(found, system, errors, named)
    return {
        "openapi": VERSION,
        "info": {"title": system.title, "description": system.about, "version": "1"},
        "servers": [{"url": base}],
        "security": [{}, *({name: []} for name in _CREDENTIALS)],
        "paths": paths,
        "components": {
            "schemas": {name: _public(named[name]) for name in sorted(named)},
            "securitySchemes": _CREDENTIALS,
        },
    }


def path_of(route: Route) -> str:
    """The path of a route as OpenAPI writes it; what makes a slash optional is left out."""
    return _PART.sub(lambda part: "" if part[1] in _DECORATION else f"{{{part[1]}}}", route.pattern)


def usual_errors(found: Described) -> frozenset[int]:
    """The statuses of errors that may come from anything of this kind."""
    errors = {400, 401, 429, 503}
    if "{" in found.path:
        errors.add(404)
    if found.method not in {"GET", "OPTIONS"}:
        errors |= {403, 507}
    if found.operation.body is not None:
        errors |= {413, 415}
    return frozenset(errors)


def _said_of(system: System, view: View) -> tuple[Operation, ...]:
    said = system.operations.get(view, ())
    return (said,) if isinstance(said, Operation) else said


def _operation(found: Described, system: System, errors: Told, named: dict[str, Schema]) -> dict[str, Any]:
    operation = found.operation
    told: dict[str, Any] = {"operationId": found.id, "summary": operation.summary}
    parameters = [*_of_path(found, system), *_of_query(operation, named)]
    if parameters:
        told["parameters"] = parameters
    if operation.body is not None:
        body = _content(operation.body, named, operation.kinds)
        told["requestBody"] = {"content": body, "required": not operation.optional}
    answers = {status: _answer(status, body, named) for status, body in operation.answers.items()}
    for status in {*usual_errors(found), *operation.errors} - answers.keys():
        answers[status] = _answer(status, errors, named)
    told["responses"] = {str(status): answers[status] for status in sorted(answers)}
    return told


def _answer(status: int, told: Told, named: dict[str, Schema]) -> dict[str, Any]:
    content = {"content": _content(told, named)} if told is not None else {}
    return {"description": HTTPStatus(status).phrase, **content}


def _content(told: Told, named: dict[str, Schema], kinds: tuple[str, ...] = (JSON,)) -> dict[str, Any]:
    if not isinstance(told, Content):
        told = Content(dict.fromkeys(kinds, told))
    return {
        kind: {"schema": _raw(kind) if form is None else schema_of(form, named)}
        for kind, form in told.kinds.items()
    }


def _raw(kind: str) -> Schema:
    """What is no JSON. The format is that of OpenAPI 3.0, which generators of clients still want."""
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}


def _of_path(found: Described, system: System) -> Iterator[dict[str, Any]]:
    patterns = {name: pattern or "[^/]+" for name, pattern in _PART.findall(found.route.pattern)}
    for name, _ in _PART.findall(found.path):
        pattern = patterns.get(name, "[^/]+")
        about = system.parameters.get(name)
        yield {
            "name": name,
            "in": "path",
            "required": True,
            **({"description": about} if about else {}),
            "schema": {"type": "string", "pattern": f"^(?:{pattern})$"},
        }


def _of_query(operation: Operation, named: dict[str, Schema]) -> Iterator[dict[str, Any]]:
    for name, (form, always) in (members(operation.query) if operation.query else {}).items():
        yield {"name": name, "in": "query", "required": always, "schema": schema_of(form, named)}


def _public(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "x-type"}
