"""The upstreams: the lines ``upstream.<name>.<field>``, and the one that the plain settings mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pypicloud_like.core.model import PYPI
from pypicloud_like.settings import named, parse
from pypicloud_like.settings.given import Given
from pypicloud_like.settings.model import FallbackSettings, UpstreamSettings

LINE = "upstream."
FIELDS: named.Fields = {
    "url": ("url", parse.address, "Where its index begins: a simple index, a sparse index, a JSR host."),
    "username": ("username", parse.text, "For Basic credentials, sent to that scheme, host and port only."),
    "password": ("password", parse.secret, "The password that goes with it."),
    "ca_file": ("ca_file", parse.path, "A file of certificate authorities to trust instead of the system's."),
    "timeout": ("timeout", parse.seconds, "Seconds to wait for the next bytes of an answer; default 10."),
    "allow": ("allow", parse.patterns, "Names or patterns it may be asked for; default: all."),
    "deny": ("deny", parse.patterns, "Names or patterns it is never asked for."),
    "npm_url": ("npm_url", parse.address,
        "Of a JSR registry: where it speaks to npm (`https://HOST/npm`)."),
    "file_hosts": ("file_hosts", parse.hosts, "Hosts its pages may link files on, beside its own."),
    "minimum_age": ("minimum_age", parse.duration,
        "Files younger than this, or of unknown age, are neither listed nor served."),
    "minimum_age_except": ("minimum_age_except", parse.patterns,
        "`name` or `name==version` for which the minimum age does not count."),
}  # fmt: skip
"""Of each field its attribute, its type and its meaning."""

_FILE_HOSTS = {
    "pypi.org": frozenset({"files.pythonhosted.org"}),
    "index.crates.io": frozenset({"static.crates.io", "crates.io"}),
}
"""Where the public registries keep their files."""
_NPM = {"jsr.io": "https://npm.jsr.io"}
"""Where the public JSR registry speaks to npm."""


def read(
    lines: Iterable[Given], wanted: Mapping[str, tuple[str, ...]], fault: Callable[[str], None]
) -> tuple[UpstreamSettings, ...]:
    """The upstreams named in ``wanted`` (by ecosystem), each with its lines; faults go to ``fault``."""
    ecosystem_of = {name: ecosystem for ecosystem, names in wanted.items() for name in names}
    if sum(map(len, wanted.values())) > len(ecosystem_of):
        fault("pypi.upstreams, cargo.upstreams, jsr.upstreams: an upstream belongs to one ecosystem")
    values = named.read(LINE, FIELDS, lines, ecosystem_of, fault)
    return tuple(_upstream(name, ecosystem_of[name], found) for name, found in values.items())


def completed(fallback: FallbackSettings, here: Path) -> FallbackSettings:
    """With the one upstream that the plain settings mean, where none is named for Python."""
    upstreams = [
        replace(each, ca_file=here / each.ca_file) if each.ca_file else each for each in fallback.upstreams
    ]
    if fallback.mode != "none" and not fallback.of(PYPI):
        url = fallback.simple_url or f"{fallback.base_url}/simple"
        upstreams.insert(0, _upstream("pypi", PYPI, {"url": url}))
    return replace(fallback, upstreams=tuple(upstreams))


def _upstream(name: str, ecosystem: str, values: Mapping[str, Any]) -> UpstreamSettings:
    url = values["url"] + "/"
    host = url.split("/")[2]
    hosts = values.get("file_hosts", frozenset()) | _FILE_HOSTS.get(host, frozenset())
    complete = {**values, "url": url, "file_hosts": hosts}
    npm = values.get("npm_url", _NPM.get(host))
    if npm is not None:
        complete |= {"npm_url": f"{npm}/", "file_hosts": hosts | {str(urlsplit(npm).hostname)}}
    return UpstreamSettings(name, ecosystem, **complete)
