"""Secrets taken out of texts that are to be logged: those of the settings, and whatever looks like one.

Nothing here is to be told on purpose; this is the net below. It errs on the side of masking too much.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

from pypicloud_like.settings.model import PluginSettings, S3StorageSettings, Settings

MASK = "********"
SHORTEST = 6
"""Secrets of the settings that are shorter are not looked for: they would be found in ordinary words."""

_SHORTEST_PART = 7
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'&;,)}\]]+)"""
_NAMES = (
    "(?:password|passwd|passphrase|secret|token|signature|credential|session|"
    "api_?key|access_?key(?:_?id)?|signing_?key)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # headers, as they stand in a request or as Python prints them
    (re.compile(r"((?:set-)?cookie2?['\"]?\s{0,3}[:=]\s{0,3})[^\r\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(
            rf"(authorization['\"]?\s{{0,3}}[:=]\s{{0,3}}b?['\"]?(?:[a-z]{{1,20}}\s{{1,3}})?){_VALUE}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b((?:basic|bearer)\s{1,3})[\w+/=.~-]{16,}", re.IGNORECASE | re.ASCII), rf"\1{MASK}"),
    # RFC 3986 §3.2.1: user and password before the host
    (re.compile(r"(?<=://)[^\s/@'\"]{1,1000}@"), f"{MASK}@"),
    # fields of forms, of queries (presigned addresses among them), of settings; members of JSON; headers.
    # A colon after a plain word is none of these, but a sentence that goes on.
    (
        re.compile(rf"({_NAMES}[\w-]{{0,40}}['\"]?\s{{0,3}}=\s{{0,3}}b?){_VALUE}", re.IGNORECASE | re.ASCII),
        rf"\1{MASK}",
    ),
    (
        re.compile(rf"({_NAMES}[\w-]{{0,40}}['\"]\s{{0,3}}:\s{{0,3}}b?){_VALUE}", re.IGNORECASE | re.ASCII),
        rf"\1{MASK}",
    ),
    (
        re.compile(rf"(\bx-[\w-]{{0,40}}?{_NAMES}[\w-]{{0,40}}:\s{{0,3}})[^\r\n]+", re.IGNORECASE | re.ASCII),
        rf"\1{MASK}",
    ),
    # our own tokens, password hashes
    (re.compile(r"pcl_[0-9A-Za-z]{8,}", re.ASCII), f"pcl_{MASK}"),
    (re.compile(r"\$(?:argon2\w{0,10}|pbkdf2[\w-]{0,20}|scrypt|bcrypt[\w-]{0,20}|2[abxy]|[56])\$\S+"), MASK),
)
_DOTTED = re.compile(r"(?<![\w-])[\w-]+\.[\w.-]+", re.ASCII)
"""Words of base64url with dots between them. It begins where such a word does and nowhere else, so that a
long one is looked at once.
"""


class Mask:
    """Takes secrets out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """The text with ``********`` in the place of each secret."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        return _DOTTED.sub(_without_web_token, text)


def _without_web_token(found: re.Match[str]) -> str:
    """The words, but for a JSON web token (RFC 7519) among them and what follows it. Its first part is
    base64url of a JSON object, which begins with ``{"``.
    """
    words = found[0].split(".")
    for number, (word, following) in enumerate(pairwise(words)):
        at = word.find("eyJ")
        if 0 <= at <= len(word) - _SHORTEST_PART and len(following) >= _SHORTEST_PART - 3:
            return ".".join([*words[:number], word[:at]]) + MASK
    return found[0]


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every secret that the settings hold."""
    for database in (settings.index, settings.state):
        yield from _password_in(database.url)
    if isinstance(settings.storage, S3StorageSettings):
        yield from filter(None, [settings.storage.aws_secret_access_key, settings.storage.aws_session_token])
    for plugin in (settings.storage, settings.cache):
        if isinstance(plugin, PluginSettings):
            yield from _suspicious(plugin.options)
    yield from filter(None, [settings.access.signing_key])
    yield from _suspicious(settings.access.options)
    for upstream in settings.fallback.upstreams:
        if upstream.password:
            yield upstream.password
            yield base64.b64encode(f"{upstream.username}:{upstream.password}".encode()).decode()


def _password_in(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield unquote(password)


def _suspicious(options: Mapping[str, str]) -> Iterator[str]:
    """Settings of somebody else's backend, of which only the names are known."""
    words = ("secret", "password", "key", "token", "credential")
    yield from (value for name, value in options.items() if any(word in name.lower() for word in words))


def _forms(secret: str) -> set[str]:
    """A secret as it stands in texts, and in addresses."""
    return {secret, quote(secret), quote(secret, safe="")}
