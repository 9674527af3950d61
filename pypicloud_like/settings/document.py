"""The table of settings as a page of the documentation.

``python -m pypicloud_like.settings.document`` prints it; a test compares it with ``docs/settings.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import MISSING

from pypicloud_like.settings import issuers
from pypicloud_like.settings.given import variable
from pypicloud_like.settings.keys import KEYS
from pypicloud_like.settings.model import MIB
from pypicloud_like.settings.origins import show
from pypicloud_like.settings.topics import Key
from pypicloud_like.settings.upstreams import FIELDS

_SECTIONS = (
    ("server.", "The server"),
    ("pypi.", "The index"),
    ("cargo.", "Crates"),
    ("jsr.", "JSR packages"),
    ("catalogue.", "The catalogue"),
    ("upstream.", "Upstreams"),
    ("storage.", "Storage"),
    ("db.", "The index database"),
    ("state.", "The state database"),
    ("auth.", "Accounts"),
    ("oidc.", "Trusted publishing"),
    ("session.", "Logins on the pages"),
    ("limits.", "Limits"),
    ("log.", "The log"),
)
_SIZES = ((MIB * 1024, "GiB"), (MIB, "MiB"), (1024, "KiB"))

_HEAD = """# Settings

Settings stand in the section `[app:main]` of an .ini file. Each of them can also be given as an environment
variable, which goes before the file: `PPC_` and the key in capitals, its dots as underscores (`storage.dir`
is `PPC_STORAGE_DIR`). `pypicloud-like show-config` prints each setting and where it came from.

* Lists are separated by white space. Booleans are `true`/`false`, `1`/`0`, `yes`/`no` or `on`/`off`.
* Sizes are bytes, or a number with `KiB`, `MiB`, `GiB`. Times are seconds, or a number with `s`, `m`, `h`,
  `d`, `w`.
* Relative paths, those of SQLite addresses too, are relative to the folder of the .ini file, which is also
  `%(here)s`. A percent sign is written `%%` in the file.
* A setting that is wrong, or unknown under one of the prefixes below, stops the start: all faults are told
  at once, and secrets are masked. Settings of pypicloud that have no use any more are told as warnings.
"""

_TAIL = """## Each upstream

Every name in `pypi.upstreams`, `cargo.upstreams` or `jsr.upstreams` has lines of its own. Without
`pypi.upstreams` there is one, called `pypi`, at `pypi.fallback_base_url` or `pypi.fallback_url`.

| key | meaning |
|---|---|
{upstreams}
## Each issuer of identity tokens

Every name in `oidc.issuers` has lines of its own. [Trusted publishing](trusted-publishing.md) says what for.

| key | meaning |
|---|---|
{issuers}
## Users, groups and grants in the file

With `pypi.auth = config` these lines say who there is and who may do what; they cannot come from the
environment.

| key | value |
|---|---|
| `user.<name>` | the user's password hash, as `pypicloud-like gen-password` prints it |
| `group.<name>` | the users in the group |
| `package.<project>.user.<name>` | `r`, `rw`, `w`, `read`, `write`, or nothing, which grants nothing |
| `package.<project>.group.<name>` | the same for a group, `everyone` (anonymous too) or `authenticated` |

As soon as a project has one such line, `pypi.default_read` and `pypi.default_write` do not apply to it. The
project is a Python project's name in any spelling, dots included; `cargo/<name>` is a crate and
`jsr/@<scope>/<name>` a JSR package. Names of users and groups are compared without case.

## Plug-ins

`pypi.storage`, `pypi.db` and `pypi.auth` also take the name of an entry point in the groups
`pypicloud_like.storage`, `pypicloud_like.cache` and `pypicloud_like.access`, or the dotted name of a class
(`package.module:Class`). Its class method `from_settings` gets all keys below `storage.`, `db.` or `auth.`
as they are written.
"""


def page() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD, *(_section(prefix, title) for prefix, title in _SECTIONS), _tail()]
    return "\n".join(parts)


def _tail() -> str:
    tail = _TAIL
    for word, line, fields in (("upstreams", "upstream.", FIELDS), ("issuers", issuers.LINE, issuers.FIELDS)):
        rows = [f"| `{line}<name>.{name}` | {meaning} |\n" for name, (_, _, meaning) in fields.items()]
        tail = tail.replace(f"{{{word}}}", "".join(rows))
    return tail


def _section(prefix: str, title: str) -> str:
    keys = [key for key in KEYS if key.name.startswith(prefix)]
    return f"## {title}\n\n| key | default | meaning |\n|---|---|---|\n{''.join(_rows(keys))}"


def _rows(keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        also = f" pypicloud's `{key.alias}` is the same." if key.alias else ""
        hidden = f" A secret: better given as `{variable(key.name)}`." if key.secret else ""
        yield f"| `{key.name}` | {_default(key)} | {key.meaning}{also}{hidden} |\n"


def _default(key: Key) -> str:
    if key.default:
        return key.default
    value = key.field_default
    if value is MISSING or value is None or value in (frozenset(), (), ""):
        return "none"
    if (key.topic == "limits" and key.field != "form_fields") or key.field == "cache_limit":
        return _size(value)
    return f"`{show(key, value)}`"


def _size(value: int) -> str:
    number, unit = next((value // scale, unit) for scale, unit in _SIZES if value % scale == 0)
    return f"{number} {unit}"


if __name__ == "__main__":
    sys.stdout.write(page())
