"""What users and groups may be called, and the spelling of projects in access lists."""

from __future__ import annotations

import unicodedata

from pypicloud_like.access.policy import BUILT_IN_GROUPS
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Project
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.settings import projects

LONGEST_NAME = 100
RESERVED_FOR_ALL = frozenset({"everyone", "authenticated", "anonymous", "__token__"})
"""Words that mean somebody in access lists, records or credentials."""
RESERVED_FOR_USERS = RESERVED_FOR_ALL | {"password", "scopes", "invites", "member", "tokens"}
"""Also the words that addresses below ``/api/user/`` have taken."""
RESERVED_FOR_GROUPS = RESERVED_FOR_USERS | BUILT_IN_GROUPS

_PUNCTUATION = frozenset("._@+-")
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})


def user_name(text: str) -> str:
    """The normal form of a name that a user may have.

    :raises InvalidRequest: it is not acceptable
    """
    return _checked("username", text, RESERVED_FOR_USERS)


def group_name(text: str) -> str:
    """The normal form of a name that a group may have; built-in groups are nobody's to make.

    :raises InvalidRequest: it is not acceptable
    """
    return _checked("group", text, RESERVED_FOR_GROUPS)


def parse_project(text: str) -> Project:
    """The project an access list means: ``foo`` is a Python project (normalised as PEP 503 says),
    ``cargo:foo`` a crate. The inverse of ``str(project)``.

    :raises InvalidRequest: it is not such a spelling
    """
    try:
        return projects.parse_project(text)
    except ValueError as error:
        raise InvalidRequest("package", str(error)) from error


def parse_pattern(text: str) -> Project:
    """As :func:`parse_project`; an ending ``*`` makes it a pattern: ``cargo:acme-*``, ``jsr:@acme/*``.

    :raises InvalidRequest: it is not such a spelling
    """
    try:
        return projects.parse_pattern(text)
    except ValueError as error:
        raise InvalidRequest("package", str(error)) from error


def _checked(field: str, text: str, reserved: frozenset[str]) -> str:
    name = normal_form(text) if len(text) <= LONGEST_NAME else ""
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidRequest(field, f"must have 1 to {LONGEST_NAME} characters")
    if not all(c in _PUNCTUATION or unicodedata.category(c) in _LETTERS_AND_DIGITS for c in name):
        raise InvalidRequest(field, "may have letters, digits and . _ @ + - only")
    if name.startswith((".", "@")) or name.endswith("."):
        # paths end or change their meaning with dots; @name is the name of a scope's members
        raise InvalidRequest(field, "may not begin with . or @, nor end with .")
    if name in reserved:
        raise InvalidRequest(field, f"'{name}' is a reserved word")
    return name
