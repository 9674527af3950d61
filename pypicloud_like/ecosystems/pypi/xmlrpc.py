"""The XML-RPC method ``search``, the one that ``pip search`` calls and that pypicloud had.

Bytes in, bytes out: looking things up is somebody else's job.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from pypicloud_like.core.errors import InvalidRequest, TooLarge
from pypicloud_like.registry.rss import xml_text

LARGEST_CALL = 1024 * 1024
"""Bytes."""
MOST_WORDS = 100
LONGEST_WORD = 1000
"""Databases have limits of their own for what is looked for, and nobody looks for more."""

NOT_WELL_FORMED = -32700
INVALID_CALL = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMETERS = -32602
"""Codes of the specification for fault code interoperability of XML-RPC."""

_PARSE_ERRORS = (
    expat.ExpatError,
    xmlrpc.client.Error,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What the standard library raises for a call that is XML but not XML-RPC, or holds impossible values."""


@dataclass(frozen=True, slots=True)
class SearchCall:
    """What is looked for: words in names, words in summaries; ``every`` word of a field, or any."""

    name: tuple[str, ...]
    summary: tuple[str, ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a search's result: a project and its latest version."""

    name: str
    summary: str | None
    version: str


class CallRefused(InvalidRequest):
    """A call that is answered with a fault of this ``code``; see :func:`render_fault`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__("", reason)
        self.code = code


def parse_search(body: bytes) -> SearchCall:
    """The search that a call asks for. Criteria other than name and summary are ignored.

    :raises TooLarge: the body is above :data:`LARGEST_CALL`
    :raises CallRefused: the body is no such call
    """
    if len(body) > LARGEST_CALL:
        raise TooLarge("The XML-RPC call", LARGEST_CALL)
    _refuse_document_type(body)
    try:
        parameters, method = xmlrpc.client.loads(body)
    except _PARSE_ERRORS as error:
        raise CallRefused(INVALID_CALL, "The body is not an XML-RPC call") from error
    if method != "search":
        raise CallRefused(METHOD_NOT_FOUND, "The only method here is 'search'")
    return _search(parameters)


def render_results(hits: Iterable[Hit]) -> bytes:
    """The answer to a search."""
    found = [
        {"name": xml_text(hit.name), "summary": xml_text(hit.summary or ""), "version": xml_text(hit.version)}
        for hit in hits
    ]
    return xmlrpc.client.dumps((found,), methodresponse=True).encode()


def render_fault(code: int, sentence: str) -> bytes:
    """The answer to a call that failed; its HTTP status is 200, as XML-RPC has it."""
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, xml_text(sentence)), methodresponse=True).encode()


def _refuse_document_type(body: bytes) -> None:
    """No call needs a document type, and one could define entities that grow without bound. It comes
    before the first element, and any entity of it after its name: so this stops before anything grows,
    whatever the encoding.
    """

    def refuse(*_: object) -> None:
        raise CallRefused(NOT_WELL_FORMED, "Document types and entities are not accepted")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise CallRefused(NOT_WELL_FORMED, "The body is not well-formed XML") from error


def _search(parameters: tuple[Any, ...]) -> SearchCall:
    if not 1 <= len(parameters) <= 2 or not isinstance(parameters[0], dict):
        raise CallRefused(INVALID_PARAMETERS, "search takes criteria and an operator")
    operator = parameters[1] if len(parameters) == 2 else "and"
    if operator not in ("and", "or"):
        raise CallRefused(INVALID_PARAMETERS, "The operator is 'and' or 'or'")
    criteria = parameters[0]
    return SearchCall(_words(criteria, "name"), _words(criteria, "summary"), every=operator == "and")


def _words(criteria: dict[str, Any], field: str) -> tuple[str, ...]:
    given = criteria.get(field, [])
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise CallRefused(INVALID_PARAMETERS, f"{field} is a list of words")
    if len(words) > MOST_WORDS:
        raise CallRefused(INVALID_PARAMETERS, f"{field} has more than {MOST_WORDS} words")
    if any(len(word) > LONGEST_WORD for word in words):
        raise CallRefused(INVALID_PARAMETERS, f"{field} has a word of more than {LONGEST_WORD} characters")
    return tuple(word.strip() for word in words if word.strip())
