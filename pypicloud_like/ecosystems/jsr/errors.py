"""Refusals with the codes that JSR's clients know, by the status they are told with.

``error_code`` is the code; the dialect of :mod:`~pypicloud_like.ecosystems.jsr.views.errors` tells it.
"""

from __future__ import annotations

from pypicloud_like.core.errors import Conflict, Forbidden, InvalidRequest, LoginRequired, NotFound, TooLarge


class Refused(InvalidRequest):
    """Not done, for a reason that has a code of its own (400)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__("", sentence)
        self.error_code = code


class Malformed(Refused):
    """A part of the request is not what it has to be (400 ``malformedRequest``)."""

    def __init__(self, sentence: str) -> None:
        super().__init__("malformedRequest", sentence)


class Unauthenticated(LoginRequired):
    """Credentials are missing or not accepted, with a code of its own (401)."""

    def __init__(self, code: str, sentence: str) -> None:
        self.error_code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class Disallowed(Forbidden):
    """The caller is known and may not do this (403)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error_code = code


class Missing(NotFound):
    """There is no such thing, or the caller may not know of it (404)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error_code = code

    def __str__(self) -> str:
        return self.what


class Taken(Conflict):
    """Something of this name is there already (409)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error_code = code


class TarballTooLarge(TooLarge):
    """The uploaded tarball is above its limit (413)."""

    error_code = "tarballSizeLimitExceeded"

    def __init__(self, limit: int) -> None:
        super().__init__("The tarball", limit)


class Failed(Exception):
    """What was uploaded is no publishable version: the publishing task fails with this code and sentence.
    The client shows the sentence alone.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.error_code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence
