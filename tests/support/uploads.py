"""An upload over HTTP without any client's help, for tests that break the server meanwhile."""

from __future__ import annotations

import secrets

from tests.support.server import Answer, LiveServer


def multipart(filename: str, body: bytes) -> tuple[str, bytes]:
    """Content type and body of an upload form."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n\r\n'
    )
    return f"multipart/form-data; boundary={boundary}", b"".join(
        [head.encode(), body, f"\r\n--{boundary}--\r\n".encode()]
    )


def post_file(server: LiveServer, user: str, password: str, filename: str, body: bytes) -> Answer:
    """Upload one file; errors are answers too.

    :raises OSError: the server is gone
    """
    kind, data = multipart(filename, body)
    return server.request(
        "/simple/", method="POST", auth=(user, password), headers={"Content-Type": kind}, body=data
    )
