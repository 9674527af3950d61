"""What the .ini file and the environment say, still as text, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pypicloud_like.settings.keys import BY_NAME, PREFIXES

MASK = "********"
VARIABLE = "PPC_"

_SECRET_NAME = re.compile(r"(secret|passw|token|credential|(?:^|[._])key$|_key\b|^user\.)", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@\s]*):[^/\s]*@")
_QUERY_PASSWORD = re.compile(r"(?<=[?&])(?P<name>password|sslpassword)=[^&\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """One setting as it was written. ``source`` is ``ini`` or the name of a variable."""

    key: str
    text: str
    source: str = "ini"

    @property
    def label(self) -> str:
        """How a fault names it: as its writer spelled it."""
        return self.key if self.source == "ini" else self.source

    @property
    def shown(self) -> str:
        """The text as it may be printed."""
        return masked(self.key, self.text)

    def fault(self, reason: str) -> str:
        """One line on what is wrong with it."""
        return f"{self.label} = {self.shown}: {reason}"


def masked(key: str, text: str) -> str:
    """The text without what is secret in it: all of a secret, the password of an address."""
    known = BY_NAME.get(key)
    if text and (known.secret if known else _SECRET_NAME.search(key)):
        return MASK
    one_line = " ".join(text.split())
    hidden = _URL_PASSWORD.sub(rf"\g<user>:{MASK}@", one_line)
    return _QUERY_PASSWORD.sub(rf"\g<name>={MASK}", hidden)


def variable(key: str) -> str:
    """The environment variable of a key: ``storage.dir`` is ``PPC_STORAGE_DIR``."""
    return VARIABLE + key.upper().replace(".", "_")


def gather(ini: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, Given]:
    """Everything under our prefixes, by key; the environment goes before the file."""
    given = {key: Given(key, str(text).strip()) for key, text in ini.items() if key.startswith(PREFIXES)}
    spelled = {variable(key): key for key in (*BY_NAME, *given)}
    for name in sorted(environ):
        key = spelled.get(name) or _guessed(name)
        if name.startswith(VARIABLE) and key.startswith(PREFIXES):
            given[key] = Given(key, environ[name].strip(), name)
    return given


def foreign_variables(environ: Mapping[str, str]) -> Collection[str]:
    """Variables that look like ours and belong to none of our prefixes."""
    return [
        name
        for name in sorted(environ)
        if name.startswith(VARIABLE) and not _guessed(name).startswith(PREFIXES)
    ]


def _guessed(name: str) -> str:
    """The key a variable may mean. Which of its underscores are dots cannot be known."""
    topic, _, rest = name.removeprefix(VARIABLE).lower().partition("_")
    return f"{topic}.{rest}"
