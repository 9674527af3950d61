"""The page on which somebody lets a program act for them (``deno publish`` opens it)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyramid.request import Request
from pyramid.response import Response

from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import Authorization
from pypicloud_like.http import forms
from pypicloud_like.web.browse.common import query_of
from pypicloud_like.web.pages import page
from pypicloud_like.web.people import person, require_person, to_login

_LONGEST_CODE = 20


def ask(request: Request) -> Response:
    """GET /auth with ``code``"""
    if person(request) is None:
        return to_login(request)
    code = query_of(request).get("code", "").strip().upper()[:_LONGEST_CODE]
    found = request.services.authorizations.by_code(code) if code else None
    status = 404 if code and found is None else 200
    wanted = _wanted(found) if found is not None else []
    return page(
        request, "account/authorize.jinja2", status=status, code=code, found=found, wanted=wanted, sentence=""
    )


def decide(request: Request) -> Response:
    """POST of the same with ``code`` and ``decision`` (approve or deny)"""
    user = require_person(request)
    params = forms.read_params(request, request.services.settings.limits)
    code, approved = forms.text(params, "code"), forms.text(params, "decision") == "approve"
    try:
        request.services.authorizations.decide(code, user=user, approved=approved)
    except NotFound:
        return page(
            request, "account/authorize.jinja2", status=404, code=code, found=None, wanted=[], sentence=""
        )
    sentence = (
        "Approved. You can close this page and go back to your terminal."
        if approved
        else "Denied. Nothing was published."
    )
    return page(request, "account/authorize.jinja2", code=code, found=None, wanted=[], sentence=sentence)


def _wanted(found: Authorization) -> Sequence[str]:
    """What is asked for, in words."""
    if found.permissions is None:
        return ["everything that you may do with packages, for an hour"]
    return [_words(json.loads(text)) for text in found.permissions]


def _words(told: dict[str, str]) -> str:
    if "package" not in told:
        return f"publish any package of @{told['scope']}"
    package = f"@{told['scope']}/{told['package']}"
    return f"publish {package}@{told['version']}" if "version" in told else f"publish {package}"
