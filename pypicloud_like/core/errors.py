"""Everything that can go wrong, as classes that carry data and make their sentence late.

``http/errors.py`` maps each of them once to a status and to the dialect of the protocol asked.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence


class RegistryError(Exception):
    """Base of all errors a client or an administrator may be told about."""

    error_code: str = ""
    """A short name for programs, where a protocol has one of its own; else it follows from the class."""

    def __str__(self) -> str:
        return self.__doc__ or type(self).__name__


class NotFound(RegistryError):
    """There is nothing here, or nothing the caller may know of."""

    def __init__(self, what: str = "") -> None:
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} not found" if self.what else "Not found"


class AlreadyExists(RegistryError):
    """A file of this identity exists with other bytes, or its name is burnt.

    The sentence begins with the words ``File already exists``: installers' ``--skip-existing``
    look for them, so no other refusal may contain them.
    """

    def __init__(self, filename: str, *, why: str = "") -> None:
        self.filename = filename
        self.why = why

    def __str__(self) -> str:
        return f"File already exists: {self.filename}" + (f" ({self.why})" if self.why else "")


class Conflict(RegistryError):
    """Something other than a file stands in the way: a user, a group, a rebuild that is running."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class LoginRequired(RegistryError):
    """Credentials are missing or wrong, and could help."""

    def __str__(self) -> str:
        return "Authentication required"


class Forbidden(RegistryError):
    """The caller is known and may not do this."""

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence or "You are not allowed to do this"


class OutOfScope(Forbidden):
    """The caller's token was not made for this, whatever its owner may do."""


class InvalidRequest(RegistryError):
    """The request is malformed. ``field`` names the part of it."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class InvalidUpload(InvalidRequest):
    """The uploaded file or what was said of it is not acceptable."""


class TooLarge(RegistryError):
    """Something is above its limit, in bytes."""

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.what} is larger than {self.limit} bytes"


class TooManyAttempts(RegistryError):
    """Slow down. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after

    def __str__(self) -> str:
        return "Too many attempts, try again later"


class MethodNotAllowed(RegistryError):
    """The route exists and does not know this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)

    def __str__(self) -> str:
        return f"Method not allowed; allowed: {', '.join(self.allowed)}"


class UnsupportedMedia(RegistryError):
    """The request's encoding or type is not one we read."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} is not supported here"


class NotAcceptable(RegistryError):
    """None of the types the client accepts can be given."""

    def __init__(self, offers: Sequence[str]) -> None:
        self.offers = tuple(offers)

    def __str__(self) -> str:
        return f"Available types: {', '.join(self.offers)}"


class ReadOnlyBackend(RegistryError):
    """The access backend cannot be changed over the API."""

    def __init__(self, backend: str) -> None:
        self.backend = backend

    def __str__(self) -> str:
        return f"The access backend '{self.backend}' cannot be changed here; change its configuration instead"


class NotEnabled(RegistryError):
    """A feature that exists and is switched off."""

    def __init__(self, feature: str) -> None:
        self.feature = feature

    def __str__(self) -> str:
        return f"{self.feature} is not enabled on this server"


class IdentityRefused(RegistryError):
    """The identity token of a job is not accepted here. The codes are PyPI's (its documentation of trusted
    publishers, "Troubleshooting").
    """

    def __init__(self, code: str, sentence: str) -> None:
        self.error_code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class Unavailable(RegistryError):
    """Storage, database or lock cannot be had now; trying again may help."""

    def __init__(self, part: str, *, retry_after: int = 5) -> None:
        self.part = part
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"The {self.part} is unavailable, try again"


class UpstreamFailed(RegistryError):
    """An upstream broke off, answered nonsense, or an error of its own. ``what`` tells it for the log and
    may tell nothing secret.
    """

    def __init__(self, upstream: str, what: str) -> None:
        self.upstream = upstream
        self.what = what
        super().__init__(upstream, what)

    def __str__(self) -> str:
        return f"The upstream '{self.upstream}' failed: {self.what}"


class UpstreamTimedOut(UpstreamFailed):
    """An upstream did not answer in time."""


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What an :class:`OSError` says, by its number, where there is no room."""


class NoSpace(RegistryError):
    """There is no room left where bytes are kept."""

    def __str__(self) -> str:
        return "No space left in storage"


class MissingBytes(RegistryError):
    """A listed file's bytes are not in storage. Logged and counted; `check` reports it."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        return "The bytes of this file are missing in storage"


class ConfigurationError(RegistryError):
    """Every fault of the settings, one line each, secrets masked."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(self.faults)
