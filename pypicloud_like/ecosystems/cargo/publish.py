"""The body of ``PUT /api/v1/crates/new``: a JSON object and an archive, each after its length in four bytes
(Cargo reference, "Publish").
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from pypicloud_like.core.errors import InvalidRequest, InvalidUpload, TooLarge
from pypicloud_like.ecosystems.cargo.manifest import checked_text
from pypicloud_like.ecosystems.cargo.metadata import Dependency
from pypicloud_like.ecosystems.cargo.names import shown
from pypicloud_like.registry.spool import CHUNK, Spool

MAX_JSON = 1024 * 1024
_LENGTH = struct.Struct("<I")
_KINDS = frozenset({"normal", "build", "dev"})
_UNSTABLE = ("artifact", "bindep_target", "lib")


@dataclass(slots=True)
class Body:
    """A body taken apart. Closing it lets the spooled archive go."""

    json: bytes
    archive: Spool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.archive.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What cargo says of the crate that it sends. All else it says stands in the manifest too."""

    name: str
    version: str
    dependencies: tuple[Dependency, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: str | None = None
    readme: str | None = None
    readme_file: str | None = None


class _Bounded:
    """The body and nothing behind it: not every server ends its stream there."""

    def __init__(self, source: BinaryIO, length: int | None) -> None:
        self._source = source
        self._left = length

    def read(self, size: int) -> bytes:
        if self._left is None:
            return self._source.read(size)
        found = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(found)
        return found


def read_body(source: BinaryIO, length: int | None, *, limit: int, folder: Path | None) -> Body:
    """Take a body apart without believing any of its lengths.

    :param length: the Content-Length, None if the sender told none
    :param limit: the largest archive, in bytes
    :raises InvalidRequest: the lengths do not add up, or the body is cut short
    :raises TooLarge: a part is above its limit
    """
    stream = _Bounded(source, length)
    announced = _length(stream, "invalid metadata length")
    if announced > MAX_JSON:
        raise TooLarge("The JSON metadata", MAX_JSON)
    metadata = _exactly(stream, announced, "invalid metadata length for remaining payload")
    size = _length(stream, "invalid tarball length")
    if size > limit:
        raise TooLarge("The crate", limit)
    if length is not None and length != 2 * _LENGTH.size + announced + size:
        raise InvalidRequest("", f"invalid tarball length for remaining payload: {size}")
    spool = Spool(limit=limit, folder=folder, what="The crate")
    try:
        _copy(stream, spool, size)
        _end(stream)
    except BaseException:
        spool.close()
        raise
    return Body(metadata, spool)


def read_announced(raw: bytes, own_indexes: Collection[str]) -> Announced:
    """What the JSON object says.

    :param own_indexes: the addresses that mean this registry
    :raises InvalidRequest: it is not such an object
    """
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("", "invalid upload request: the metadata is not valid JSON") from error
    if not isinstance(data, dict):
        raise InvalidRequest("", "invalid upload request: the metadata is not a JSON object")
    deps = _or(data.get("deps"), [])
    if not isinstance(deps, list) or not all(isinstance(each, dict) for each in deps):
        raise _malformed("deps")
    features = _or(data.get("features"), {})
    if not isinstance(features, dict):
        raise _malformed("features")
    return Announced(
        name=_needed(data, "name"),
        version=_needed(data, "vers"),
        dependencies=tuple(_dependency(each, own_indexes) for each in deps),
        features={checked_text(name): _texts(features, name) for name in features},
        links=_text(data, "links"),
        readme=_text(data, "readme"),
        readme_file=_text(data, "readme_file"),
    )


def _dependency(data: Mapping[str, Any], own: Collection[str]) -> Dependency:
    name = _needed(data, "name")
    alias = _text(data, "explicit_name_in_toml") or name
    kind = _text(data, "kind") or "normal"
    if kind not in _KINDS:
        raise _malformed("kind")
    registry = _text(data, "registry")
    return Dependency(
        name=alias,
        package=name if alias != name else None,
        requirement=_needed(data, "version_req"),
        features=_texts(data, "features"),
        optional=_boolean(data, "optional", default=False),
        default_features=_boolean(data, "default_features", default=True),
        target=_text(data, "target"),
        kind=kind,
        registry=None if registry in own else registry,
        unstable=_unstable(data),
    )


def _unstable(data: Mapping[str, Any]) -> dict[str, Any]:
    """``-Z bindeps``: handed on to the cargo that understands them."""
    found: dict[str, Any] = {}
    for key in _UNSTABLE:
        value = data.get(key)
        if isinstance(value, bool):
            found[key] = value
        elif isinstance(value, str):
            found[key] = checked_text(value)
        elif isinstance(value, list):
            found[key] = list(_texts(data, key))
    return found


def _length(source: _Bounded, complaint: str) -> int:
    found = source.read(_LENGTH.size)
    if len(found) < _LENGTH.size:
        raise InvalidRequest("", complaint)
    return int(_LENGTH.unpack(found)[0])


def _exactly(source: _Bounded, length: int, complaint: str) -> bytes:
    found = source.read(length)
    if len(found) < length:
        raise InvalidRequest("", f"{complaint}: {length}")
    return found


def _copy(source: _Bounded, spool: Spool, size: int) -> None:
    left = size
    while left:
        chunk = source.read(min(CHUNK, left))
        if not chunk:
            raise InvalidRequest("", f"invalid tarball length for remaining payload: {size}")
        spool.write(chunk)
        left -= len(chunk)


def _end(source: _Bounded) -> None:
    if source.read(1):
        raise InvalidRequest("", "invalid tarball length: there are bytes behind it")


def _or(value: Any, default: Any) -> Any:
    """Null stands for what there is nothing to say of."""
    return default if value is None else value


def _malformed(key: str) -> InvalidRequest:
    return InvalidUpload("", f"invalid upload request: `{shown(key)}` is missing or malformed")


def _needed(data: Mapping[str, Any], key: str) -> str:
    value = _text(data, key)
    if not value:
        raise _malformed(key)
    return value


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is None or isinstance(value, str):
        return None if value is None else checked_text(value)
    raise _malformed(key)


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = _or(data.get(key), [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _malformed(key)
    return tuple(map(checked_text, value))


def _boolean(data: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise _malformed(key)
    return value
