"""What the JSON APIs look like to programs: OpenAPI documents made of the routes and of typed bodies."""

from __future__ import annotations

from pypicloud_like.http.openapi.document import describe

__all__ = ["describe"]
