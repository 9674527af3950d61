"""Kinds of JSON values that many bodies have. What is said in ``Annotated`` is said in the description."""

from __future__ import annotations

from typing import Annotated

from pypicloud_like.http.openapi.schemas import Is

Moment = Annotated[str, Is(format="date-time")]
"""RFC 3339, with its offset."""
Day = Annotated[str, Is(format="date")]
Uri = Annotated[str, Is(format="uri-reference")]
"""Of a shape that browsers understand; often path-absolute."""
Sha256 = Annotated[str, Is(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Is(minimum=0)]
Open = Annotated[dict[str, object], Is()]
"""An object whose members are not ours to say."""
Flag = bool | Annotated[str, Is(enum=["true", "false", "1", "0", "yes", "no", "on", "off", ""])]
"""A boolean as forms and queries say it."""
