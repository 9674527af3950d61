"""What is said of one address and method, as data; what the route itself knows is not said again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pypicloud_like.http.openapi.schemas import Form
from pypicloud_like.http.routing import View

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
PARAMS = (JSON, FORM, MULTIPART)
"""The bodies that ``http.forms.read_params`` understands."""


@dataclass(frozen=True, slots=True)
class Content:
    """A body in other forms than JSON, or in several: media type → the type of its JSON, None for what is
    no JSON.
    """

    kinds: Mapping[str, Form]


Told: TypeAlias = Form | Content | None
"""A body: a type stands for JSON of this type, None for no body at all."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that clients may ask for.

    ``answers`` are those that are no errors, by status. ``errors`` are the statuses of errors beyond those
    that every operation of its kind has (``document.usual_errors``). ``query`` is a typed dict of its
    parameters, ``body`` of what is sent, and ``kinds`` says in which forms that may be. ``at`` replaces the
    path of the route, where one route stands for many documents.
    """

    summary: str
    answers: Mapping[int, Told]
    errors: tuple[int, ...] = ()
    query: type | None = None
    body: Told = None
    kinds: tuple[str, ...] = (JSON,)
    optional: bool = False
    """Whether the body may be left out."""
    at: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """The description of one API: what its views do.

    ``apart`` are views that are no JSON API, with the reason; so are all views of the dialects in
    ``apart_dialects``, but those that are described nevertheless. ``errors`` tells the bodies of errors of
    the dialects that it brings. ``parameters`` says what the parts of addresses mean.
    """

    name: str
    title: str
    about: str
    operations: Mapping[View, Operation | tuple[Operation, ...]]
    apart: Mapping[View, str] = field(default_factory=dict)
    apart_dialects: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Told] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
