"""Every answer that a test gets of a described operation is held against the description: statuses, media
types and bodies, with no member that is not described. What tests ask for on purpose is what made-up requests
hardly ever get at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyramid.exceptions import URLDecodeError
from pyramid.interfaces import IRoutesMapper
from pyramid.registry import Registry
from pyramid.request import Request

from pypicloud_like.http.openapi.document import described, document, systems
from pypicloud_like.http.routing import ROUTES, dialect_of

try:
    from jsonschema_rs import Draft202012Validator
except ModuleNotFoundError:  # comes with schemathesis
    Draft202012Validator = None

_NAMED = re.compile(r"\{\w+\}")
_PART, _NOT_ALLOWED, _BROKEN = 206, 405, 500


@dataclass
class Documents:
    """The descriptions of an application. They do not depend on its settings, so one for all will do."""

    registry: Registry
    _validators: dict[tuple[str, str], Any] = field(default_factory=dict)

    @cached_property
    def documents(self) -> Mapping[str, Any]:
        return {
            name: closed(document(self.registry, system, ""))
            for name, system in systems(self.registry).items()
        }

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Sequence[tuple[re.Pattern[str], str, Any]]]:
        """(Name of a route, method) → path, system and description of what is there."""
        found: dict[tuple[str, str], list[tuple[re.Pattern[str], str, Any]]] = {}
        for name, system in systems(self.registry).items():
            for each in described(self.registry, system):
                told = self.documents[name]["paths"][each.path][each.method.lower()]
                path = re.compile(".*" if not each.operation.at else _NAMED.sub("[^/]+", each.operation.at))
                found.setdefault((each.route.name, each.method), []).append((path, name, told))
        return found

    def faults(self, method: str, path: str, answer: Any, *, is_relayed: bool = False) -> Iterator[str]:
        """In what an answer is not as described; nothing if its operation is not described."""
        asked = Request.blank("/", environ={"PATH_INFO": path})
        asked.registry = self.registry
        try:
            route = self.registry.getUtility(IRoutesMapper)(asked)["route"]
        except URLDecodeError:
            return  # no route has such an address
        if route is None or answer.status_int == _NOT_ALLOWED or "\0" in path:
            return  # no address has a NUL: refused before anything is asked what it is
        asked.matched_route = route
        ours = self.registry[ROUTES].get(route.name)
        if ours is None:
            return  # a static file
        if dialect_of(asked) != ours.dialect:
            return  # the root of an API, which only looks like a package
        for pattern, system, told in self.operations.get((route.name, method.replace("HEAD", "GET")), ()):
            if pattern.fullmatch(path):
                has_body = method != "HEAD" and not is_relayed
                yield from self._faults_of(system, told, answer, has_body=has_body)

    def _faults_of(self, system: str, told: Any, answer: Any, *, has_body: bool) -> Iterator[str]:
        described_as = told["responses"].get(str(answer.status_int))
        if described_as is None and answer.status_int >= _BROKEN:
            return  # tests break what the server is made of, and look at the answer themselves
        if described_as is None:
            yield f"the status is none of {', '.join(told['responses'])}"
            return
        body = answer.body
        if not body or not has_body:
            return
        kinds = described_as.get("content", {})
        if answer.content_type not in kinds:
            yield f"{answer.content_type} is none of {list(kinds)}"
            return
        is_whole = answer.status_int != _PART
        if (
            is_whole
            and answer.content_type.endswith("json")
            and answer.headers.get("Content-Encoding") != "gzip"
        ):
            validator = self._validator(system, kinds[answer.content_type]["schema"])
            yield from (
                f"{error.instance_path}: {error.message}" for error in validator.iter_errors(json.loads(body))
            )

    def _validator(self, system: str, schema: Any) -> Any:
        key = system, json.dumps(schema)
        if key not in self._validators:
            components = self.documents[system]["components"]
            self._validators[key] = Draft202012Validator({**schema, "components": components})
        return self._validators[key]


_known: list[Documents] = []


def hold(registry: Registry, method: str, path: str, answer: Any, *, is_relayed: bool = False) -> None:
    """:raises AssertionError: the answer is not as described

    :param is_relayed: its body is not ours, and may be anything
    """
    if Draft202012Validator is None:
        return
    if not _known:
        _known.append(Documents(registry))
    faults = list(_known[0].faults(method, path, answer, is_relayed=is_relayed))
    assert not faults, (
        f"{method} {path} → {answer.status} is not as described: {faults}\n{answer.body[:2000]!r}"
    )


def closed(told: Any) -> Any:
    """A document with objects that have no members but those described: clients may be told more one day,
    tests may not.
    """
    if isinstance(told, list):
        return [closed(each) for each in told]
    if not isinstance(told, dict):
        return told
    shut = {name: closed(each) for name, each in told.items()}
    if shut.get("type") == "object" and "properties" in shut:
        shut.setdefault("additionalProperties", False)
    return shut
