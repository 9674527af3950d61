"""Trusted publishers as a part of an export, and back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pypicloud_like.access.names import parse_project, user_name
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.ports import Publisher
from pypicloud_like.core.records import time_text

KEY = "publishers"
"""The member of an export that has them. pypicloud's exports do not."""


def to_json(publishers: Iterable[Publisher]) -> list[dict[str, Any]]:
    """Publishers as an export has them."""
    return [
        {
            "project": str(each.project),
            "issuer": each.issuer,
            "claims": dict(each.claims),
            "pinned": dict(each.pinned),
            "user": each.creator,
            "pending": each.pending,
            "created_at": time_text(each.created_at),
        }
        for each in publishers
    ]


def from_json(given: object) -> list[Publisher]:
    """The publishers of an export.

    :raises InvalidRequest: one of them is malformed
    """
    if not isinstance(given, list):
        raise InvalidRequest(KEY, "must be a list")
    return [_publisher(entry, f"{KEY}[{index}]") for index, entry in enumerate(given)]


def _publisher(entry: object, field: str) -> Publisher:
    if not isinstance(entry, Mapping):
        raise InvalidRequest(field, "must be an object")
    try:
        return Publisher(
            str(uuid.uuid4()),
            parse_project(_text(entry, "project")),
            _text(entry, "issuer"),
            _texts(entry, "claims"),
            user_name(_text(entry, "user")),
            entry.get("pending", False) is True,
            datetime.fromisoformat(_text(entry, "created_at")),
            _texts(entry, "pinned"),
        )
    except (InvalidRequest, ValueError) as error:
        raise InvalidRequest(field, str(error)) from error


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text")
    return value


def _texts(entry: Mapping[str, Any], name: str) -> dict[str, str]:
    value = entry.get(name)
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError(f"{name} must be an object of texts")
    return value
