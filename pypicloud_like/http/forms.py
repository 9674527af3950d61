"""Reading what a request brings: multipart forms straight into spools, plain forms, JSON, queries.

A body is read once, in pieces, with every limit enforced while reading (RFC 7578; RFC 9110 §8).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)
from pyramid.request import Request

from pypicloud_like.core.errors import InvalidRequest, TooLarge, UnsupportedMedia
from pypicloud_like.registry.spool import CHUNK, Spool
from pypicloud_like.settings.model import LimitSettings

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


@dataclass(slots=True)
class SentFile:
    """A file part: the name its sender gave it (never a path to trust) and its bytes."""

    filename: str
    spool: Spool
    content_type: str = ""


@dataclass(slots=True)
class Form:
    """The parts of a multipart form. Closing it lets the spooled files go."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, SentFile] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The last value of a text field; an empty one counts as absent."""
        values = self.fields.get(name)
        return values[-1] or None if values else None

    def all(self, name: str) -> list[str]:
        """All values of a repeated text field."""
        return self.fields.get(name, [])

    def close(self) -> None:
        """Let the spooled files go."""
        for sent in self.files.values():
            sent.spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_multipart(
    request: Request,
    limits: LimitSettings,
    spool_dir: Path | None = None,
    *,
    files: Mapping[str, int] = MappingProxyType({}),
) -> Form:
    """Read a ``multipart/form-data`` body to its end, files into spools.

    :param files: the parts that may be files, with their limits in bytes. All others are text: whoever
        sends one as a file has it refused, not ignored
    :raises InvalidRequest: the body is no such form, is cut short, or has a file part twice or where
        none may be
    :raises TooLarge: a part or the whole is above its limit
    :raises UnsupportedMedia: the body is encoded or of another type
    """
    boundary = _boundary(request)
    if request.content_length is not None and request.content_length > limits.body:
        raise TooLarge("The request body", limits.body)
    form = Form()
    parser = PushMultipartParser(
        boundary,
        content_length=request.content_length if request.content_length is not None else -1,
        max_segment_count=limits.form_fields,
        max_header_size=8192,
        strict=False,
    )
    try:
        with parser:
            _Reader(form, limits, spool_dir, files).run(parser, request)
    except ParserLimitReached as error:
        form.close()
        raise InvalidRequest("body", f"the form has too many or too large parts ({error})") from error
    except MultipartError as error:
        form.close()
        raise InvalidRequest("body", f"the form is malformed or incomplete ({error})") from error
    except BaseException:
        form.close()
        raise
    return form


class _Reader:
    """Sorts the parser's events into a form."""

    def __init__(
        self, form: Form, limits: LimitSettings, spool_dir: Path | None, files: Mapping[str, int]
    ) -> None:
        self._form = form
        self._limits = limits
        self._spool_dir = spool_dir
        self._files = files
        self._part: MultipartSegment | None = None
        self._text = bytearray()
        self._spool: Spool | None = None

    def run(self, parser: PushMultipartParser, request: Request) -> None:
        source = request.environ["wsgi.input"]
        remaining = request.content_length
        received = 0
        while not parser.closed:
            chunk = source.read(CHUNK if remaining is None else min(CHUNK, remaining))
            if remaining is not None:
                remaining -= len(chunk)
            received += len(chunk)
            if received > self._limits.body:
                raise TooLarge("The request body", self._limits.body)
            for event in parser.parse(chunk):
                self._take(event)
            if not chunk:
                break

    def _take(self, event: MultipartSegment | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event:
            self._more(event)
        else:
            self._end()

    def _begin(self, part: MultipartSegment) -> None:
        self._part = part
        self._text.clear()
        if part.filename is None:
            self._spool = None
            return
        if part.name not in self._files:
            raise InvalidRequest(part.name[:40], "is a text field and was sent as a file")
        if part.name in self._form.files:
            raise InvalidRequest(part.name, "is sent twice")
        if "\\" in (part.header("Content-Disposition") or ""):
            # the parser would make a plain name of a path of another system
            raise InvalidRequest("filename", "has a backslash")
        self._spool = Spool(limit=self._files[part.name], folder=self._spool_dir)
        self._form.files[part.name] = SentFile(part.filename, self._spool, part.content_type or "")

    def _more(self, data: bytearray) -> None:
        if self._spool is not None:
            self._spool.write(data)
            return
        assert self._part is not None
        limit = self._limits.description if self._part.name == "description" else self._limits.form_field
        self._text += data
        if len(self._text) > limit:
            raise TooLarge(f"The field {self._part.name[:40]!r}", limit)

    def _end(self) -> None:
        assert self._part is not None
        if self._spool is not None:
            return
        try:
            text = self._text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest(self._part.name, "is not UTF-8") from error
        self._form.fields.setdefault(self._part.name, []).append(text)


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
    _refuse_encoded(request)
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


def _boundary(request: Request) -> str:
    _refuse_encoded(request)
    kind, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    if kind != "multipart/form-data":
        raise UnsupportedMedia(f"Content-Type {kind or 'none'}")
    boundary = options.get("boundary")
    if not boundary:
        raise InvalidRequest("Content-Type", "has no boundary")
    return str(boundary)


def _refuse_encoded(request: Request) -> None:
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise UnsupportedMedia(f"Content-Encoding {encoding}")


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest("body", "is not UTF-8") from error
