"""Bodies of errors in our own dialects, for descriptions."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from pypicloud_like.http.openapi.operations import JSON, Content


class ApiError(TypedDict):
    """What went wrong, as all APIs below ``/api/`` and ``/admin/`` tell it."""

    error: str
    message: str
    code: str


class PipError(TypedDict):
    """The same for installers that like JSON."""

    code: str
    message: str
    title: NotRequired[str]
    error: str


AS_API = ApiError
AS_PIP = Content({"text/plain": None, JSON: PipError, "text/html": None})
