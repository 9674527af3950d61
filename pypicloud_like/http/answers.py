"""Answers that many views give: a rendered page, JSON, a stored file, an empty one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.model import Blob
from pypicloud_like.core.ports import Storage
from pypicloud_like.http.conditional import Unsatisfiable, not_modified, requested_range
from pypicloud_like.http.negotiate import wants_gzip
from pypicloud_like.http.parts import StoredPart
from pypicloud_like.registry.pages import Page, Rendering
from pypicloud_like.registry.spool import CHUNK

AT_ONCE = 64 * 1024
"""Bytes that are read at once, and not worth a file that the server sends."""
Render = Callable[[], Rendering]
Body = Callable[[Mapping[str, Any]], Iterable[bytes]]


class Arriving(Protocol):
    """A body that is still on its way: ``size`` in bytes, None if nobody knows."""

    @property
    def size(self) -> int | None:
        """Its bytes in all."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """The WSGI server calls this at the end, however it comes."""


REPEATABLE = "pypicloud_like.repeatable"
"""The key of the WSGI environment under which a :class:`Repeat` tells that an answer may be given again."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """How an answer is given again, to the same question and while index and rights stand still.

    ``pattern`` is that of its address. ``body`` gives what is sent for a WSGI environment, None if it is what
    was sent. ``effect`` is what giving it does besides.
    """

    pattern: str
    body: Body | None = None
    effect: Callable[[], None] | None = None


CORS_HEADERS = {
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": (
        "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since"
    ),
    "Access-Control-Expose-Headers": "X-PyPI-Last-Serial",
    "Access-Control-Max-Age": "86400",
}


def page(
    request: Request,
    rendered: Page,
    *,
    vary: str = "",
    shared: bool = False,
    content_type: str = "",
    repeatable: bool = False,
) -> Response:
    """A rendered page, compressed if the client likes, or 304 if it has it.

    :param vary: what the page depends on beside the encoding (and the caller, unless ``shared``)
    :param shared: the same bytes go to everybody, and everybody may see them
    :param repeatable: nothing but the address, what ``Vary`` names, the index and the rights make the answer
        what it is
    """
    environ = request.environ
    if repeatable:
        environ[REPEATABLE] = Repeat(request.matched_route.pattern)
    body, etag, encoded = rendered.body, rendered.etag, False
    if wants_gzip(environ.get("HTTP_ACCEPT_ENCODING")) and rendered.gzip is not None:
        body, etag, encoded = rendered.gzip, rendered.gzip_etag, True
    names = [name for name in (vary, "Accept-Encoding", "" if shared else "Authorization, Cookie") if name]
    headers = [
        ("Content-Type", content_type or rendered.content_type),
        ("ETag", etag),
        ("Cache-Control", "no-cache" if shared else "private, no-cache"),
        ("Vary", ", ".join(names)),
    ]
    if rendered.serial is not None:
        headers.append(("X-PyPI-Last-Serial", str(rendered.serial)))
    if not_modified(environ, etag):
        return Response(status=304, headerlist=headers[1:], app_iter=())
    if encoded:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return Response(status=200, headerlist=headers, app_iter=(body,))


def rendered(rendering: Rendering) -> Page:
    """A page that is not worth keeping."""
    return Page(rendering)


def mark_stale(response: Response) -> None:
    """Tell that an upstream could not be asked (RFC 7234 §5.5.1)."""
    response.headers["Warning"] = '110 - "Response is Stale"'


def answer_json(data: Any, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """A JSON answer that depends on its caller and is not kept by anybody."""
    body = json.dumps(data).encode()
    return Response(
        status=status,
        headerlist=[
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-cache"),
            ("Vary", "Authorization, Cookie"),
            *headers,
        ],
        app_iter=(body,),
    )


def empty(status: int = 200) -> Response:
    """An answer without a body."""
    return Response(
        status=status, headerlist=[("Content-Length", "0"), ("Cache-Control", "no-store")], app_iter=()
    )


def redirect(location: str, *, status: int = 301, private: bool = False) -> Response:
    """A redirect to a path-absolute or absolute address."""
    headers = [("Location", location), ("Content-Length", "0")]
    if private:
        headers.append(("Cache-Control", "private, no-store"))
    return _Redirect(status=status, headerlist=headers, app_iter=())


class _Redirect(Response):  # type: ignore[misc] # webob has no types
    """Sends its address as it stands. WebOb would complete it with the Host of the request, which may be
    forged, and with the scheme that a proxy in front has taken off.
    """

    def __call__(self, _environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(self.status, self.headerlist)
        return ()


def stored_file(
    request: Request,
    blob: Blob,
    *,
    filename: str,
    modified: datetime,
    shared: bool,
    content_type: str = "application/octet-stream",
    direct: bool = False,
    lasting: bool = True,
    repeatable: bool = False,
) -> Response:
    """The bytes of a stored file: by redirect to the store, by a proxy, or by ourselves with Range.

    Permission has been decided.

    :param shared: everybody may read it, so shared caches may keep it
    :param direct: never redirect: some clients refuse it
    :param lasting: this address never has other bytes
    :param repeatable: as for :func:`page`; counts only if the whole of it is sent by ourselves
    """
    services = request.services
    settings = services.settings
    etag = f'"{blob.sha256}"'
    kept = f"max-age={settings.server.package_max_age}, immutable" if lasting else "no-cache"
    headers = _file_headers(
        blob, filename=filename, modified=modified, shared=shared, content_type=content_type, kept=kept
    )
    if not_modified(request.environ, etag):
        return Response(status=304, headerlist=headers[1:], app_iter=())
    if not direct:
        url = services.storage.url(blob.key, filename=filename, lifetime=300)
        if url is not None:
            return redirect(url, status=302, private=True)
    part = requested_range(request.environ, size=blob.size, etag=etag, modified=modified)
    if isinstance(part, Unsatisfiable):
        headers += [("Content-Range", part.content_range), ("Content-Length", "0")]
        return Response(status=416, headerlist=headers, app_iter=())
    length = part.length if part else blob.size
    headers.append(("Content-Length", str(length)))
    if part:
        headers.append(("Content-Range", part.content_range))
    if settings.server.accel_prefix and not part and services.storage.path(blob.key):
        headers.append(("X-Accel-Redirect", f"{settings.server.accel_prefix}/{quote(blob.key)}"))
        return Response(status=200, headerlist=headers, app_iter=())
    if request.method == "HEAD":
        return Response(status=206 if part else 200, headerlist=headers, app_iter=())
    piece = _Piece(blob, part.start if part else 0, length)
    return _sent(request, headers, piece, is_part=part is not None, repeatable=repeatable)


def stored_part(
    request: Request,
    blob: Blob,
    *,
    start: int,
    size: int,
    sha256: str,
    filename: str,
    content_type: str,
    cache_control: str,
    shared: bool,
    repeatable: bool = False,
) -> Response:
    """``size`` bytes of a blob from ``start``, which are a file of their own with this digest; always sent by
    ourselves.

    Permission has been decided.
    """
    etag = f'"{sha256}"'
    headers = [
        ("Content-Type", content_type),
        ("ETag", etag),
        ("Cache-Control", cache_control),
        ("Accept-Ranges", "bytes"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(filename)}"),
    ]
    if not shared:
        headers.append(("Vary", "Authorization, Cookie"))
    if not_modified(request.environ, etag):
        return Response(status=304, headerlist=headers[1:], app_iter=())
    part = requested_range(request.environ, size=size, etag=etag)
    if isinstance(part, Unsatisfiable):
        headers += [("Content-Range", part.content_range), ("Content-Length", "0")]
        return Response(status=416, headerlist=headers, app_iter=())
    if part:
        headers.append(("Content-Range", part.content_range))
        start, size = start + part.start, part.length
    headers.append(("Content-Length", str(size)))
    if request.method == "HEAD" or not size:
        return Response(status=206 if part else 200, headerlist=headers, app_iter=())
    piece = _Piece(blob, start, size)
    return _sent(request, headers, piece, is_part=part is not None, repeatable=repeatable)


def announced_file(
    request: Request, blob: Blob, *, filename: str, modified: datetime, shared: bool
) -> Response:
    """HEAD of a file that is still elsewhere and of which all is known."""
    headers = _file_headers(blob, filename=filename, modified=modified, shared=shared)
    if not_modified(request.environ, f'"{blob.sha256}"'):
        return Response(status=304, headerlist=headers[1:], app_iter=())
    headers.append(("Content-Length", str(blob.size)))
    return Response(status=200, headerlist=headers, app_iter=())


def arriving_file(
    request: Request,
    body: Arriving,
    blob: Blob,
    *,
    filename: str,
    modified: datetime,
    shared: bool,
) -> Response:
    """A file that is sent while it arrives from elsewhere. Its body breaks off if that does."""
    headers = _file_headers(blob, filename=filename, modified=modified, shared=shared)
    if blob.sha256 and not_modified(request.environ, f'"{blob.sha256}"'):
        body.close()
        return Response(status=304, headerlist=headers[1:], app_iter=())
    if body.size is not None:
        headers.append(("Content-Length", str(body.size)))
    return Response(status=200, headerlist=headers, app_iter=body)


def _file_headers(
    blob: Blob,
    *,
    filename: str,
    modified: datetime,
    shared: bool,
    content_type: str = "application/octet-stream",
    kept: str = "no-cache",
) -> list[tuple[str, str]]:
    headers = [
        ("Content-Type", content_type),
        ("Last-Modified", format_datetime(modified, usegmt=True)),
        ("Cache-Control", f"{'public' if shared else 'private'}, {kept}"),
        ("Accept-Ranges", "bytes"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(filename)}"),
    ]
    if blob.sha256:
        headers.insert(1, ("ETag", f'"{blob.sha256}"'))
    if not shared:
        headers.append(("Vary", "Authorization, Cookie"))
    return headers


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of a blob: so many from ``start``."""

    blob: Blob
    start: int
    length: int

    def read_from(self, storage: Storage) -> StoredPart:
        """What a thread of ours reads. Of a whole object a store compares the checksum; a file of this
        machine is asked for with its length: one that was cut off is noticed before anything is sent.
        """
        if self.length == self.blob.size and storage.path(self.blob.key) is None:
            return StoredPart(storage.open(self.blob.key), self.length)
        return StoredPart(storage.open(self.blob.key, start=self.start, length=self.length), self.length)

    def body_from(self, storage: Storage) -> Body:
        """A file of this machine is handed to the server, which sends it without keeping a thread until it is
        read. It is asked for with its length: of a file that was cut off the server would send what there is,
        as if it were all.
        """
        is_here = storage.path(self.blob.key) is not None

        def body(environ: Mapping[str, Any]) -> Iterable[bytes]:
            wrapper = environ.get("wsgi.file_wrapper") if is_here else None
            if wrapper is None:
                return self.read_from(storage)
            source = storage.open(self.blob.key, start=self.start, length=self.length)
            wrapped: Iterable[bytes] = wrapper(source, CHUNK)
            return wrapped

        return body


def _sent(
    request: Request, headers: list[tuple[str, str]], piece: _Piece, *, is_part: bool, repeatable: bool
) -> Response:
    """Bytes of the store: few are read at once, more while they are sent."""
    storage: Storage = request.services.storage
    again = None if piece.length <= AT_ONCE else piece.body_from(storage)
    sent = (piece.read_from(storage).at_once(),) if again is None else again(request.environ)
    if repeatable and not is_part:
        request.environ[REPEATABLE] = Repeat(request.matched_route.pattern, again)
    return Response(status=206 if is_part else 200, headerlist=headers, app_iter=sent)
