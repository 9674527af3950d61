"""Requests made from a description, and the answers held against it.

The values are schemathesis' inventions, half of them wrong on purpose; some are replaced by names that are
really there, or else nearly every answer would be 404.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, assume, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.described import closed

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_PLAIN = {"Accept-Encoding": "identity"}
"""The client of these tests unpacks nothing."""
PATIENCE = 30
"""Seconds that a server may take."""
_ORDER = ("OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE")
"""What takes away comes last, so that the others find something."""
NASTY = (
    "",
    "\0",
    "\ud800",
    "\u202e",
    "a" * 5000,
    "../../etc/passwd",
    "*",
    2**70,
    -1,
    1e308,
    True,
    None,
    [],
    {},
)
"""Values that break careless code, wherever they stand."""


def operations(app: Any, system: str) -> list[Any]:
    """The operations of a system, read from where everybody reads them."""
    request = Request.blank(f"/openapi/{system}.json", headers={"Host": "localhost"})
    schema = schemathesis.openapi.from_dict(closed(json.loads(request.get_response(app).body)))
    schema.validate()
    found = [each.ok() for each in schema.get_all_operations()]
    return sorted(found, key=_rank)


def _rank(operation: Any) -> tuple[int, int]:
    """What is inside is taken away before what it is in."""
    place = _ORDER.index(operation.method.upper())
    return place, -len(operation.path) if operation.method.upper() == "DELETE" else 0


def exercise(
    app: Any,
    operation: Any,
    headers: Mapping[str, str],
    known: Mapping[str, Sequence[object]],
    *,
    examples: int,
    seed: object,
    told: Callable[[int], None],
    url: str | None = None,
) -> str | None:
    """Ask for one operation many times; every answer has to be one that is described. What is wrong with
    the first that is not, None if there is none.

    :param known: what is there, by the name of the part of an address or body that it may stand for
    :param seed: what the values are made from: the same ones from the same
    :param told: is told the status of each answer
    :param url: of a server that is asked instead of ``app``
    """
    target = {"app": _whole(app)} if url is None else {"base_url": url, "timeout": PATIENCE}

    @seeded(zlib.crc32(f"{seed} {operation.label}".encode()))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        verbosity=Verbosity.quiet,
    )
    @given(case=_cases(operation, known))
    def ask(case: Case) -> None:
        assume(_reaches(app, case))
        answer = case.call(headers={**_PLAIN, **headers}, **target)
        case.validate_response(answer, checks=CHECKS)
        told(answer.status_code)

    try:
        ask()
    except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001 - all of them are told at once
        return f"{operation.label}: {_told(fault)}"
    return None


def _whole(app: Any) -> Callable[..., Any]:
    """The application as servers treat it: answers are read to their end, and closed."""

    def asked(environ: Any, start_response: Any) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return list(answer)
        finally:
            getattr(answer, "close", lambda: None)()

    return asked


def _told(fault: BaseException) -> str:
    """What is wrong, with what is in groups of faults."""
    inside = [_told(each) for each in getattr(fault, "exceptions", ())]
    return "\n".join([f"{type(fault).__name__}: {fault}", *inside])


@st.composite
def _cases(draw: Any, operation: Any, known: Mapping[str, Sequence[object]]) -> Case:
    """Half of the requests are about what is there, and half of these are right as far as is known; the
    others nearly.
    """
    asked = {"parameters", "requestBody"} & operation.definition.raw.keys()
    nearly = draw(st.booleans())
    right = nearly and draw(st.booleans())
    wrong = asked and not nearly and draw(st.booleans())
    mode = GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE
    made = draw(operation.as_strategy(generation_mode=mode))
    parts, body = dict(made.path_parameters or {}), made.body
    for name in parts.keys() & known.keys():
        if nearly or draw(st.booleans()):
            parts[name] = draw(st.sampled_from(known[name]))
    if nearly:
        body = _with_real(draw, body, known, operation.label, st.just(True) if right else st.booleans())
        declared = _members(operation)
        if isinstance(body, dict) and declared and not right and draw(st.booleans()):
            body = {**body, draw(st.sampled_from(declared)): draw(st.sampled_from(_nasty(made.media_type)))}
    headers = {**(made.headers or {}), "Accept": draw(st.sampled_from(_accepted(operation)))}
    sent = {"headers": headers, "cookies": made.cookies, "query": made.query}
    # a new case: schemathesis would validate a changed one, which texts that are no Unicode are too much for
    return operation.Case(path_parameters=parts, body=body, media_type=made.media_type, **sent)


def _accepted(operation: Any) -> list[str]:
    """Anything, and each form that an answer may have."""
    answers = operation.definition.raw["responses"].values()
    return ["*/*", *sorted({kind for answer in answers for kind in answer.get("content", {})})]


def _nasty(media_type: str | None) -> Sequence[Any]:
    """Those that can be sent like this: a form has only texts."""
    if media_type == "application/json":
        return NASTY
    return [value for value in NASTY if isinstance(value, str) and value != "\ud800"]


def _with_real(draw: Any, value: Any, known: Mapping[str, Sequence[object]], name: str, real: Any) -> Any:
    """A body in which some values are real ones; all that are known, if ``real`` is always true. The whole is
    known by the name of its operation.
    """
    if isinstance(value, list):
        return [_with_real(draw, each, known, name, real) for each in value]
    if name in known and draw(real):
        return draw(st.sampled_from(known[name]))
    if isinstance(value, dict):
        return {each: _with_real(draw, inner, known, each, real) for each, inner in value.items()}
    return value


def _members(operation: Any) -> list[str]:
    """The members that the bodies of an operation have, as its description says."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    found: set[str] = set()
    for each in content.values():
        schema = each.get("schema", {})
        name = schema.get("allOf", [schema])[0].get("$ref", "").rpartition("/")[2]
        found |= (
            operation.schema.raw_schema["components"]["schemas"].get(name, {}).get("properties", {}).keys()
        )
    return sorted(found)


def _reaches(app: Any, case: Case) -> bool:
    """Whether the address is still this operation's: what stands for a part may hold a slash, or words that
    mean something else.
    """
    request = Request.blank(case.formatted_path)
    request.registry = app.registry
    route = app.registry.getUtility(IRoutesMapper)(request)["route"]
    name = route.name.replace(".", "_") if route is not None else ""
    return case.operation.definition.raw["operationId"].startswith(f"{name}_{case.method.lower()}")
