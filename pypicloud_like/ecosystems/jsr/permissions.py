"""Permissions as JSR writes them: what a token of a device or a job may publish.

``{"permission": "package/publish", "scope", "package"?, "version"?, "tarballHash"?}``: without ``package``
any of the scope, without ``version`` any version; ``version`` and ``tarballHash`` come together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pypicloud_like.access.policy import Act
from pypicloud_like.core.model import Project, Scope
from pypicloud_like.ecosystems.jsr.errors import Disallowed, Malformed
from pypicloud_like.ecosystems.jsr.names import JSR, PackageName, check_package, check_scope
from pypicloud_like.ecosystems.jsr.shapes import JsrPermission
from pypicloud_like.ecosystems.jsr.versions import check_version

PUBLISH = "package/publish"
MOST = 1000
_KEYS = ("permission", "scope", "package", "version", "tarballHash")
_HASH = re.compile(r"sha256-[0-9a-f]{64}\Z")
_ACTS = frozenset({Act.READ, Act.WRITE, Act.CREATE})
"""Who publishes also asks before whether there is such a package."""


def read(value: object) -> tuple[str, ...]:
    """A list of permissions as texts that :func:`scope_of` takes.

    :raises Malformed: it is no such list
    """
    if not isinstance(value, list) or not 0 < len(value) <= MOST:
        raise Malformed("'permissions' must be a list of permissions, or be left out")
    return tuple(_checked(each) for each in value)


def scope_of(texts: Iterable[str]) -> Scope:
    """What a token with these permissions may do at most."""
    terms = tuple(texts)
    projects = frozenset(_project(json.loads(term)) for term in terms)
    return Scope(frozenset(map(str, _ACTS)), projects, terms)


def told(scope: Scope) -> list[JsrPermission] | None:
    """The permissions of a token; None for one that was made for more than publishing in JSR's words."""
    return [json.loads(term) for term in scope.terms] if scope.terms else None


def check(scope: Scope | None, package: PackageName, version: str, tarball_hash: str) -> None:
    """Refuse what a token's permissions do not cover. The first that names the version counts.

    :param tarball_hash: SHA-256 of the tarball as it was sent, in hexadecimal
    :raises Disallowed: they do not, or are for another tarball
    """
    if scope is None or not scope.terms:
        return
    for term in map(json.loads, scope.terms):
        if not _fits(term, package, version):
            continue
        if term.get("tarballHash") in {None, f"sha256-{tarball_hash}"}:
            return
        raise Disallowed("missingPermission", "This token is for another tarball of this version")
    raise Disallowed("missingPermission", f"This token is not for {package}@{version}")


def _fits(term: Mapping[str, Any], package: PackageName, version: str) -> bool:
    wanted = {"scope": package.scope, "package": package.package, "version": version}
    return all(term.get(key) in {None, value} for key, value in wanted.items())


def _project(term: Mapping[str, Any]) -> Project:
    return Project(JSR, f"@{term['scope']}/{term.get('package', '*')}")


def _checked(value: object) -> str:
    if not isinstance(value, Mapping) or value.get("permission") != PUBLISH:
        raise Malformed(f"the only permission is '{PUBLISH}'")
    said = {key: value[key] for key in _KEYS if value.get(key) is not None}
    texts = _texts(said)
    check_scope(texts.get("scope", ""))
    if "package" in texts:
        check_package(texts["package"])
    if ("version" in texts) != ("tarballHash" in texts) or ("version" in texts and "package" not in texts):
        raise Malformed("'version' and 'tarballHash' come together, and with 'package'")
    if "version" in texts:
        check_version(texts["version"])
        if not _HASH.match(texts["tarballHash"]):
            raise Malformed("'tarballHash' must be 'sha256-' and 64 hexadecimal digits")
    return json.dumps(texts, separators=(",", ":"))


def _texts(said: Mapping[str, object]) -> dict[str, str]:
    strange: Sequence[str] = [key for key, value in said.items() if not isinstance(value, str)]
    if strange:
        raise Malformed(f"'{strange[0]}' of a permission must be a text")
    return {key: str(value) for key, value in said.items()}
