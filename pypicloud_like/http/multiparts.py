"""Multipart forms, read once and in pieces, files straight into spools (RFC 7578).

Every limit is enforced while reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

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


def refuse_encoded(request: Request) -> None:
    """:raises UnsupportedMedia: the body is packed: what it unpacks to has no bound"""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise UnsupportedMedia(f"Content-Encoding {encoding}")


def _boundary(request: Request) -> str:
    refuse_encoded(request)
    kind, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    if kind != "multipart/form-data":
        raise UnsupportedMedia(f"Content-Type {kind or 'none'}")
    boundary = options.get("boundary")
    if not boundary:
        raise InvalidRequest("Content-Type", "has no boundary")
    return str(boundary)
