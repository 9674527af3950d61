"""What the pages of trusted publishers share: how forms say which jobs are meant, and what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request

from pypicloud_like.access.names import parse_project
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.ports import Publisher
from pypicloud_like.http import forms
from pypicloud_like.web import publishers
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.browse.turning import turned
from pypicloud_like.web.control.common import Deed, Params, line, page_of

_EACH = 50
_LONGEST_CLAIMS = 12_000
_FIELDS = ("project", "user", "issuer", "claims", "workflow")


def listed(
    request: Request, found: Sequence[Publisher], *, given: Params | None = None, kept: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What the table and the form of these pages show.

    :param given: what a form said that could not be done, to be mended
    :param kept: what of the query the other pages of the table keep
    """
    query = query_of(request)
    asked = {name: query[name] for name in (*kept, "page") if query.get(name)}
    turn = turned(asked, len(found), each=_EACH, label="Publishers")
    said = {name: str((given or {}).get(name, "")) for name in _FIELDS}
    return {
        "found": found[turn.start : turn.end],
        "size": len(found),
        "turn": turn,
        "issuers": request.services.settings.trust.issuers,
        "given": said | ({} if given else {"project": query.get("project", "")[:300]}),
        "page_of": lambda project: page_of(request, project),
        "known": {each.project for each in found if request.services.cache.exists(each.project)},
    }


def claims_of(text: str) -> dict[str, str]:
    """The claims that lines say, each a name, ``=`` and a value.

    :raises InvalidRequest: a line says none, or one that another has said
    """
    claims: dict[str, str] = {}
    for number, row in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        name, separator, value = (part.strip() for part in row.partition("="))
        if not name or not separator or not value:
            raise InvalidRequest("claims", f"line {number} must be a name, = and a value")
        if name in claims:
            raise InvalidRequest("claims", f"line {number} says again what '{name[:100]}' is")
        claims[name] = value
    return claims


def _add(request: Request, params: Params) -> str:
    project = parse_project(line(params, "project", most=300))
    publishers.require_may_add(request, project)
    said: dict[str, Any] = {
        "issuer": line(params, "issuer"),
        "claims": claims_of(forms.text(params, "claims", most=_LONGEST_CLAIMS)),
    }
    said |= {name: line(params, name) for name in ("workflow", "user") if str(params.get(name, "")).strip()}
    publishers.make(request, project, said)
    return "publisher-added"


def _remove(request: Request, params: Params) -> str:
    publishers.end(request, parse_project(line(params, "project", most=300)), line(params, "publisher"))
    return "publisher-removed"


DEEDS: Mapping[str, Deed] = {"add": _add, "remove": _remove}
"""By the buttons of these pages."""
