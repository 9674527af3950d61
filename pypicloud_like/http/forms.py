"""Reading the parameters of small requests: plain forms, JSON, queries; each value with its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pyramid.request import Request

from pypicloud_like.core.errors import InvalidRequest, TooLarge, UnsupportedMedia
from pypicloud_like.http.multiparts import read_multipart, refuse_encoded
from pypicloud_like.settings.model import LimitSettings

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def read_params(request: Request, limits: LimitSettings) -> Mapping[str, Any]:
    """The parameters of a small request: the query string, overlaid by a form or JSON object body.

    :raises InvalidRequest: the body is malformed
    :raises TooLarge: it is above the limit for JSON
    """
    params: dict[str, Any] = dict(parse_query(request.environ.get("QUERY_STRING", "")))
    kind = (request.content_type or "").lower()
    if kind == "multipart/form-data":
        with read_multipart(request, limits) as form:
            params.update({name: values[-1] for name, values in form.fields.items()})
        return params
    body = read_body(request, limits.json)
    if not body:
        return params
    if kind == "application/json":
        params.update(parse_json_object(body))
    elif kind in {"application/x-www-form-urlencoded", ""}:
        params.update(parse_query(_utf8(body)))
    else:
        raise UnsupportedMedia(f"Content-Type {kind}")
    return params


def parse_query(text: str) -> list[tuple[str, str]]:
    """Names and values of a query string or plain form.

    :raises InvalidRequest: it is not percent-encoded UTF-8 or has too many fields
    """
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=500)
    except ValueError as error:
        raise InvalidRequest("query", "is malformed") from error


def parse_json_object(body: bytes) -> dict[str, Any]:
    """:raises InvalidRequest: the bytes are no JSON object"""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("body", "is not valid JSON") from error
    if not isinstance(data, dict):
        raise InvalidRequest("body", "is not a JSON object")
    return data


def read_body(request: Request, limit: int) -> bytes:
    """The whole body of a small request.

    :raises TooLarge: it is above ``limit`` bytes
    :raises InvalidRequest: it ends before its Content-Length
    """
    refuse_encoded(request)
    length = request.content_length
    if length is not None and length > limit:
        raise TooLarge("The request body", limit)
    if length is None and not request.is_body_readable:
        return b""
    body: bytes = request.environ["wsgi.input"].read(limit + 1 if length is None else length)
    if len(body) > limit:
        raise TooLarge("The request body", limit)
    if length is not None and len(body) < length:
        raise InvalidRequest("body", "is incomplete")
    return body


def text(params: Mapping[str, Any], name: str, *, most: int = 10_000) -> str:
    """A mandatory text parameter.

    :raises InvalidRequest: it is missing, no text, too long, or has half a surrogate pair, which JSON can
        say and UTF-8 cannot
    """
    value = params.get(name)
    if value is None:
        raise InvalidRequest("", f"Missing argument '{name}'")
    if not isinstance(value, str):
        raise InvalidRequest(name, "must be a text")
    if len(value) > most:
        raise InvalidRequest(name, f"is longer than {most} characters")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidRequest(name, "is not valid Unicode")
    return value


def boolean(params: Mapping[str, Any], name: str, *, default: bool | None = None) -> bool:
    """A boolean parameter: JSON true/false, or true, false, 1, 0, yes, no, on, off.

    :raises InvalidRequest: it is missing without a default, or none of these words
    """
    value = params.get(name)
    if value is None and default is not None:
        return default
    if value is None:
        raise InvalidRequest("", f"Missing argument '{name}'")
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise InvalidRequest(name, "must be true or false")


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("body", "is not UTF-8") from error
