"""The least that Pyramid can answer, to be compared with: so many bytes, nothing but a 304, a list.

As a program it serves itself on waitress with the options of ``serve``: ``python -m bench.hello PORT``.
As a module its ``app`` is for any other WSGI server.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from waitress.server import create_server

ETAG = '"0123456789abcdef"'


@cache
def _bytes(size: int) -> bytes:
    return b"x" * size


def some_bytes(request: Request) -> Response:
    """As many bytes as the address says."""
    return Response(_bytes(int(request.matchdict["size"])))


def unchanged(_request: Request) -> Response:
    """304, with a tag as it must have."""
    return Response(status=304, headerlist=[("ETag", ETAG)])


def make_app() -> Any:
    """The application."""
    config = Configurator()
    config.add_route("bytes", "/bytes/{size}")
    config.add_view(some_bytes, route_name="bytes")
    config.add_route("unchanged", "/unchanged")
    config.add_view(unchanged, route_name="unchanged")
    return config.make_wsgi_app()


def main() -> None:
    """Serve on a port of the loopback interface until told to stop."""
    from pypicloud_like.cli.site import waitress_options  # noqa: PLC0415 - other servers do without
    from pypicloud_like.settings.load import load  # noqa: PLC0415

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    options = waitress_options(load({}, {}, here=None))
    create_server(app, host="127.0.0.1", port=int(sys.argv[1]), **options).run()


app = make_app()

if __name__ == "__main__":
    main()
