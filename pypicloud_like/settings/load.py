"""Reading the settings: text from the .ini file and the environment becomes frozen dataclasses.

Every fault is found before any is told. Nothing is created here and no library of a backend loaded.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings import database, grants, issuers, legacy, pairs, upstreams
from pypicloud_like.settings.given import Given, foreign_variables, gather, variable
from pypicloud_like.settings.grants import AccessLists
from pypicloud_like.settings.keys import BY_NAME, KEYS
from pypicloud_like.settings.model import (
    MIB,
    AccessSettings,
    CargoSettings,
    CatalogueSettings,
    DatabaseSettings,
    FallbackSettings,
    FileStorageSettings,
    JsrSettings,
    LimitSettings,
    LogSettings,
    MemoryStorageSettings,
    PluginSettings,
    PypiSettings,
    S3StorageSettings,
    ServerSettings,
    Settings,
    StorageSettings,
)
from pypicloud_like.settings.origins import trace
from pypicloud_like.settings.topics import TOPICS, Choices, Key

EMBEDDED: Mapping[str, str] = {"auth.first_admin_by_registration": "true"}
"""What holds beside the defaults where there is no .ini file at all."""

_CHOOSING = ("pypi.storage", "pypi.db", "pypi.auth")
_STORAGES = ("file", "s3", "memory")
_LISTED_KEYS = 8
_WAITING = ("cache", "mirror")
_THREADS_TO_WAIT = 32
"""How many requests are carried out at once where some of them wait for an upstream."""


def load(
    ini: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    data: Path | None = None,
    here: Path | None = None,
) -> Settings:
    """All settings, of the app section of an .ini file (its interpolation done) and the environment.

    ``data`` is the data folder of the command line, which goes before ``server.data``. Relative
    paths are relative to ``here``, the folder of the .ini file; without it, to the current one.

    :raises ConfigurationError: something is wrong; holds every fault, secrets masked
    """
    return _Loading(ini, environ, data, here or Path.cwd()).settings()


class _Loading:
    """One reading of the settings; collects faults and warnings on its way."""

    def __init__(
        self, ini: Mapping[str, str], environ: Mapping[str, str], data: Path | None, here: Path
    ) -> None:
        self.here = here.absolute()
        self.data_option = data.absolute() if data else None
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self.given = gather(ini, environ)
        self.values: dict[str, dict[str, Any]] = {topic: {} for topic in TOPICS}
        self.issuers: dict[str, dict[str, Any]] = {}
        for name in foreign_variables(environ):
            self.warnings.append(f"{name}: is not a variable this server knows")

    def settings(self) -> Settings:
        """Read, complete, check."""
        self._read([key for key in KEYS if key.name in _CHOOSING])
        choices = Choices(**self.values["choice"])
        plugins = self._plugins(choices)
        theirs = tuple(plugins.keys() - {"auth."})
        self._read([key for key in KEYS if key.name not in _CHOOSING and not key.name.startswith(theirs)])
        choices = Choices(**self.values["choice"])
        lines = self._judge_unknown(plugins)
        lists = self._access_lists(lines)
        self._upstreams(choices)
        self.issuers = issuers.read(self._lines(issuers.LINE), choices.issuers, self.faults.append)
        self._derive(choices, lists, plugins.get("auth."))
        if self.faults:
            raise ConfigurationError(self.faults)
        settings = self._build(choices, plugins)
        pairs.check(settings, self.given.keys(), fault=self.faults.append, warn=self.warnings.append)
        if self.faults:
            raise ConfigurationError(self.faults)
        return replace(settings, warnings=tuple(self.warnings))

    def _read(self, keys: Iterable[Key]) -> None:
        for key in keys:
            given = self._written(key)
            if given is None:
                continue
            try:
                value = self._absolute(key.parse(given.text))
            except ValueError as error:
                reason = legacy.explain_choice(given) or str(error)
                self.faults.append(given.fault(reason))
            else:
                self.values[key.topic][key.field] = value

    def _written(self, key: Key) -> Given | None:
        """The setting by its name or its alias, which must agree if both are there."""
        given, aliased = self.given.get(key.name), self.given.get(key.alias or "")
        if given and aliased and given.text != aliased.text:
            self.faults.append(f"{given.label}, {aliased.label}: are the same setting with two values")
        if aliased and not given:
            self.warnings.append(
                f"{aliased.label}: is read as {key.name}; the users of pypicloud's own tables come over with"
                " `pypicloud-like import`"
            )
        return given or aliased

    def _absolute(self, value: Any) -> Any:
        if isinstance(value, Path):
            return Path(os.path.abspath(self.here / value))  # noqa: PTH100 - resolve() would follow links
        if type(value) is str and value.startswith("sqlite:"):
            return database.absolute(value, self.here)
        return value

    def _plugins(self, choices: Choices) -> dict[str, PluginSettings]:
        """The backends that are somebody else's, by the prefix of their settings."""
        backend = self.values["access"].get("backend", "sql")
        chosen = (
            ("pypi.storage", "storage.", choices.storage, _STORAGES),
            ("pypi.db", "db.", choices.cache, ("sql",)),
            ("pypi.auth", "auth.", backend, ("sql", "config")),
        )
        plugins = {}
        for key, prefix, name, ours in chosen:
            if name not in ours and self._is_plugin(key, prefix, name, ours):
                options = {
                    given.key.removeprefix(prefix): given.text
                    for given in self.given.values()
                    if given.key.startswith(prefix)
                }
                plugins[prefix] = PluginSettings(name, options)
        return plugins

    def _is_plugin(self, key: str, prefix: str, name: str, ours: tuple[str, ...]) -> bool:
        """Whether a name may be one of an installed plug-in; a fault if it cannot."""
        given = self.given[key]
        reason = legacy.explain_choice(given)
        group = {"storage.": "storage", "db.": "cache", "auth.": "access"}[prefix]
        known = sorted({*ours, *entry_points(group=f"pypicloud_like.{group}").names})
        if reason is None and name not in known and "." not in name and ":" not in name:
            reason = f"is not known; known are {', '.join(known)}, or the dotted name of a class"
        if reason:
            self.faults.append(given.fault(reason))
        return reason is None

    def _judge_unknown(self, plugins: Mapping[str, PluginSettings]) -> list[Given]:
        """Tell of all keys that are not in the table; returns the lines of users and grants."""
        strangers = [given for given in self.given.values() if given.key not in BY_NAME]
        lines = [given for given in strangers if given.key.startswith(grants.LINES)]
        rest = [
            given
            for given in strangers
            if not given.key.startswith((*grants.LINES, upstreams.LINE, issuers.LINE, *plugins))
        ]
        for given in legacy.judge(rest, fault=self.faults.append, warn=self.warnings.append):
            known = list(BY_NAME) if given.source == "ini" else [variable(key) for key in BY_NAME]
            close = difflib.get_close_matches(given.label, known, n=1, cutoff=0.75)
            hint = f"; did you mean {close[0]}?" if close else ""
            self.faults.append(given.fault(f"is not a setting{hint}"))
        return lines

    def _access_lists(self, lines: list[Given]) -> AccessLists:
        backend = self.values["access"].get("backend", "sql")
        if backend == "config":
            return grants.read(lines, self.faults.append)
        if backend == "sql":
            idle = [*lines, *(self.given[key] for key in ("auth.admins",) if key in self.given)]
            if idle:
                labels = ", ".join(given.label for given in idle[:_LISTED_KEYS])
                more = f" and {len(idle) - _LISTED_KEYS} more" if len(idle) > _LISTED_KEYS else ""
                self.faults.append(
                    f"{labels}{more}: need pypi.auth = config; with sql they are kept in the database"
                )
        return AccessLists()

    def _upstreams(self, choices: Choices) -> None:
        wanted = {
            "pypi": choices.pypi_upstreams,
            "cargo": choices.cargo_upstreams,
            "jsr": choices.jsr_upstreams,
        }
        self.values["fallback"]["upstreams"] = upstreams.read(
            self._lines(upstreams.LINE), wanted, self.faults.append
        )

    def _lines(self, beginning: str) -> list[Given]:
        """What is written of things that have names of their own."""
        return [
            given
            for given in self.given.values()
            if given.key.startswith(beginning) and given.key not in BY_NAME
        ]

    def _derive(self, choices: Choices, lists: AccessLists, plugin: PluginSettings | None) -> None:
        """Defaults that depend on other settings."""
        server, limits, access = self.values["server"], self.values["limits"], self.values["access"]
        server["data"] = self.data_option or server.get("data") or Path("data").absolute()
        server.setdefault("spool_dir", server["data"] / "spool")
        self.values["file"].setdefault("dir", server["data"] / "storage")
        if (
            self.values["fallback"].get("mode") in _WAITING
            or choices.cargo_upstreams
            or choices.jsr_upstreams
        ):
            server.setdefault("threads", _THREADS_TO_WAIT)
        for topic in ("index", "state"):
            values = self.values[topic]
            values.setdefault("url", database.sqlite_url(server["data"] / f"{topic}.sqlite"))
            values.setdefault("pool_size", max(DatabaseSettings("").pool_size, server.get("threads", 0)))
        if "file" in limits:
            limits.setdefault("body", limits["file"] + MIB)
        access |= {"users": lists.users, "groups": lists.groups, "grants": lists.grants}
        access["options"] = plugin.options if plugin else {}
        self._older_words(choices)
        self.values["s3"]["redirect"] = not choices.stream_files
        if isinstance(self.values["s3"].get("verify"), Path):
            self.values["s3"]["verify"] = str(self.values["s3"]["verify"])
        if choices.storage == "s3" and "storage.bucket" not in self.given:
            self.faults.append("storage.bucket: must be given with pypi.storage = s3")

    def _older_words(self, choices: Choices) -> None:
        """The booleans of pypicloud become lists of groups."""
        access = self.values["access"]
        for word, allowed in (("overwrite", choices.allow_overwrite), ("delete", choices.allow_delete)):
            if allowed is None:
                continue
            older, newer = f"pypi.allow_{word}", f"pypi.allow_{word}_groups"
            if newer in self.given:
                self.faults.append(f"{older}, {newer}: are two words for one setting; remove {older}")
            access[f"{word}_groups"] = frozenset({"authenticated"} if allowed else ())

    def _build(self, choices: Choices, plugins: Mapping[str, PluginSettings]) -> Settings:
        values = self.values
        return Settings(
            server=ServerSettings(**values["server"]),
            storage=self._storage(choices, plugins.get("storage.")),
            index=DatabaseSettings(**values["index"]),
            state=DatabaseSettings(**values["state"]),
            access=AccessSettings(**values["access"]),
            limits=LimitSettings(**values["limits"]),
            log=LogSettings(**values["log"]),
            pypi=PypiSettings(**values["pypi"]),
            cargo=CargoSettings(**values["cargo"]),
            jsr=JsrSettings(**values["jsr"]),
            catalogue=CatalogueSettings(**values["catalogue"]),
            fallback=upstreams.completed(FallbackSettings(**values["fallback"]), self.here),
            trust=issuers.completed(
                self.issuers,
                values["trust"].get("audience"),
                public_url=values["server"].get("public_url"),
                here=self.here,
            ),
            cache=plugins.get("db."),
            origins=tuple(trace(self.given, values, data_option=bool(self.data_option))),
        )

    def _storage(self, choices: Choices, plugin: PluginSettings | None) -> StorageSettings:
        if plugin:
            return plugin
        for key in KEYS:
            if key.topic in {"file", "s3"} and key.topic != choices.storage and key.name in self.given:
                label = self.given[key.name].label
                self.warnings.append(f"{label}: has no effect with pypi.storage = {choices.storage}")
        if choices.storage == "s3":
            return S3StorageSettings(**self.values["s3"])
        if choices.storage == "memory":
            return MemoryStorageSettings()
        return FileStorageSettings(**self.values["file"])
