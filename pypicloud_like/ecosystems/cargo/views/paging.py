"""Pages of lists, as crates.io has them: ``page`` and ``per_page``, ``meta.total``, and where to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.http import answers
from pypicloud_like.http.forms import parse_query

T = TypeVar("T")

DEFAULT, MOST = 10, 100


def query_of(request: Request) -> list[tuple[str, str]]:
    """The query as it was written."""
    return list(parse_query(request.environ.get("QUERY_STRING", "")))


def paged(
    request: Request,
    name: str,
    found: Sequence[T],
    told: Callable[[Sequence[T]], Any],
    *,
    links: bool = False,
) -> Response:
    """One page of what was found.

    :param name: the key of the list
    :param told: makes the objects of a page
    :param links: tell where the next page and the one before are
    :raises InvalidRequest: the query asks for no possible page
    """
    query = query_of(request)
    if "seek" in dict(query):
        raise InvalidRequest("", "this list has pages: go on by `meta.next_page`")
    number, size = number_of(query, "page", 1, None), number_of(query, "per_page", DEFAULT, MOST)
    start = (number - 1) * size
    page = found[start : start + size]
    meta: dict[str, Any] = {"total": len(found)}
    if links:
        more = start + size < len(found)
        meta["next_page"] = _link(query, number + 1) if more else None
        meta["prev_page"] = _link(query, number - 1) if number > 1 else None
    return answers.answer_json({name: told(page), "meta": meta})


def number_of(query: Sequence[tuple[str, str]], name: str, default: int, most: int | None) -> int:
    """A number of the query.

    :param most: the highest that is possible, if one is
    :raises InvalidRequest: it is none, or too high
    """
    text = dict(query).get(name)
    if text is None:
        return default
    number = int(text) if text.isdecimal() and len(text) <= 9 else 0
    if number < 1:
        raise InvalidRequest("", f"{name} must be a number above 0")
    if most is not None and number > most:
        raise InvalidRequest("", f"cannot request more than {most} items")
    return number


def _link(query: Sequence[tuple[str, str]], page: int) -> str:
    return "?" + urlencode([*((name, value) for name, value in query if name != "page"), ("page", page)])
