"""The issuers of identity tokens: the lines ``oidc.<name>.<field>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pypicloud_like.settings import named, parse
from pypicloud_like.settings.given import Given
from pypicloud_like.settings.model import IssuerSettings, TrustSettings

LINE = "oidc."
KINDS = ("github", "gitlab", "other")
FIELDS: named.Fields = {
    "url": ("url", parse.issuer,
        "What its tokens say in `iss`, to the letter; its keys are found there (OpenID Connect Discovery)."),
    "audience": ("audience", parse.text, "What its tokens must say in `aud`; default: `oidc.audience`."),
    "kind": ("kind", parse.one_of(*KINDS),
        "`github` or `gitlab` for an installation of your own; default: by the address, else `other`."),
    "identity": ("identity", parse.claims,
        ("Claims that every publisher has to name, without `*`, since anybody's jobs have an identity there; "
        "default: `repository` (github), `project_path` (gitlab), `sub` (other).")),
    "pinned": ("pinned", parse.claims,
        ("Claims that are kept when a publisher is used first and may not change from then on, so that a "
        "name which somebody else takes over later is not theirs here; default: the ids of repository and "
        "owner.")),
    "key_hosts": ("key_hosts", parse.hosts, "Hosts that may have its keys, beside its own."),
    "ca_file": ("ca_file", parse.path, "A file of certificate authorities to trust instead of the system's."),
    "timeout": ("timeout", parse.seconds, "Seconds to wait for the next bytes of an answer; default 3."),
}  # fmt: skip

_KIND_OF = {"https://token.actions.githubusercontent.com": "github", "https://gitlab.com": "gitlab"}
_IDENTITY = {"github": ("repository",), "gitlab": ("project_path",), "other": ("sub",)}
_PINNED = {
    "github": ("repository_id", "repository_owner_id"),
    "gitlab": ("project_id", "namespace_id"),
    "other": (),
}


def read(
    lines: Iterable[Given], names: Iterable[str], fault: Callable[[str], None]
) -> dict[str, dict[str, Any]]:
    """What the lines say of each of these issuers; faults go to ``fault``."""
    values = named.read(LINE, FIELDS, lines, names, fault)
    told: dict[str, str] = {}
    for name, found in values.items():
        other = told.setdefault(found["url"], name)
        if other != name:
            fault(f"oidc.{name}.url: is that of oidc.{other}.url")
        if found.get("identity") == ():
            fault(f"oidc.{name}.identity: must name a claim")
    return values


def completed(
    values: dict[str, dict[str, Any]], audience: str | None, *, public_url: str | None, here: Path
) -> TrustSettings:
    """The settings with what follows from others."""
    if audience is None and public_url is not None:
        audience = public_url.partition("://")[2]
    issuers = tuple(_issuer(name, found, audience or "", here) for name, found in values.items())
    return TrustSettings(audience, issuers)


def _issuer(name: str, found: dict[str, Any], audience: str, here: Path) -> IssuerSettings:
    parts = urlsplit(found["url"])
    kind = found.get("kind") or _KIND_OF.get(f"{parts.scheme}://{parts.netloc}", "other")
    defaults = {"audience": audience, "identity": _IDENTITY[kind], "pinned": _PINNED[kind]}
    if "ca_file" in found:
        found = found | {"ca_file": here / found["ca_file"]}
    return IssuerSettings(name, **{**defaults, **found, "kind": kind})
