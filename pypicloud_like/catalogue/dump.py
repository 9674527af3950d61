"""All of the catalogue that people added as one JSON object, for an export; and back.

::

    {"version": 1,
     "categories": [{"id": 1, "slug": …, "title": …, "ecosystem": "pypi" or null, …}],
     "packages": [{"id": 7, "slug": …, "project": "cargo:foo" or null, "category": 1, …}],
     "grids": [{"id": 1, "slug": …, "packages": [7, …],
                "features": [{"id": 1, "title": …, "cells": {"7": "yes"}}], …}],
     "uses": {"7": ["ann", …]},
     "last_ids": {"categories": 3, "packages": 9, "grids": 1, "features": 4}}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from pypicloud_like.access.names import parse_project
from pypicloud_like.catalogue import rules
from pypicloud_like.catalogue.lookup import number_of
from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.core.model import Project
from pypicloud_like.core.ports import Category, Curated, Feature, Grid, Listed
from pypicloud_like.core.spelling import normal_form
from pypicloud_like.registry.rebuild import ECOSYSTEMS

T = TypeVar("T")

VERSION = 1
_KINDS = ("categories", "packages", "grids", "features")
_KEYS = frozenset({"version", "categories", "packages", "grids", "uses", "last_ids"})
_LONGEST_NAME = 255
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
"""Databases and time zones have no room for much more."""
_HIGHEST_ID = 2 * 10**9  # leaves many: none is given below the highest one
_COMMON = ("id", "slug", "title", "created", "modified")


def to_json(curated: Curated) -> dict[str, Any]:
    """Everything, as an export has it."""
    features: dict[int, list[Feature]] = {}
    for feature in curated.features:
        features.setdefault(feature.grid, []).append(feature)
    return {
        "version": VERSION,
        "categories": [
            _common(each)
            | {
                "title_plural": each.title_plural,
                "description": each.description,
                "show_pypi": each.show_pypi,
                "ecosystem": each.ecosystem,
            }
            for each in curated.categories
        ],
        "packages": [
            _common(each)
            | {
                "project": str(each.project) if each.project else None,
                "category": each.category,
                "repo_url": each.repo_url,
                "documentation_url": each.documentation_url,
                "deprecated": each.deprecated,
            }
            for each in curated.packages
        ],
        "grids": [
            _common(each)
            | {
                "description": each.description,
                "is_locked": each.locked,
                "header": each.header,
                "packages": list(each.packages),
                "features": [_feature_json(feature) for feature in features.get(each.id, ())],
            }
            for each in curated.grids
        ],
        "uses": {str(package): sorted(names) for package, names in sorted(curated.uses.items())},
        "last_ids": dict(curated.last_ids),
    }


def from_json(data: Any) -> Curated:
    """What an export says. Parts may be absent.

    :raises InvalidRequest: the part that is malformed, there twice, or speaks of what is not in the export
    """
    parts = _object(data, "catalogue")
    unknown = parts.keys() - _KEYS
    if unknown:
        raise InvalidRequest(f"catalogue.{min(unknown, key=str)}", "is not a part of a catalogue's export")
    if parts.get("version", VERSION) != VERSION:
        raise InvalidRequest("catalogue.version", "is one that this release does not know")
    categories = _each(parts, "categories", _category)
    packages = _each(parts, "packages", _package)
    grids = _each(parts, "grids", _grid)
    features = [
        feature
        for index, (grid, said) in enumerate(zip(grids, _array(parts.get("grids", []), "grids"), strict=True))
        for feature in _features(said, grid, f"catalogue.grids[{index}]")
    ]
    ids = {each.id for each in packages}
    _unique("catalogue.categories", [each.ecosystem for each in categories if each.ecosystem])
    _unique("catalogue.packages", [each.project for each in packages if each.project])
    _known("packages", "category", [each.category for each in packages], {each.id for each in categories})
    _known("grids", "package", [number for each in grids for number in each.packages], ids)
    _unique("catalogue.features", [each.id for each in features])
    uses = dict(_uses(parts.get("uses", {})))
    _known("uses", "package", uses, ids)
    return Curated(categories, packages, grids, features, uses, _last_ids(parts.get("last_ids", {})))


def _common(thing: Category | Listed | Grid) -> dict[str, Any]:
    return {
        "id": thing.id,
        "slug": thing.slug,
        "title": thing.title,
        "created": thing.created.astimezone(UTC).isoformat(),
        "modified": thing.modified.astimezone(UTC).isoformat(),
    }


def _feature_json(feature: Feature) -> dict[str, Any]:
    cells = {str(package): text for package, text in sorted(feature.cells.items())}
    return {
        "id": feature.id,
        "title": feature.title,
        "description": feature.description,
        "cells": cells,
    }


def _each(parts: Mapping[str, Any], kind: str, read: Callable[[rules.Said], T]) -> Sequence[T]:
    """Things of one kind, of which each has an id and a slug of its own."""
    found = []
    entries = _array(parts.get(kind, []), f"catalogue.{kind}")
    for index, entry in enumerate(entries):
        where = f"catalogue.{kind}[{index}]"
        found.append(_within(where, read, _object(entry, where)))
    for name in ("id", "slug"):
        _unique(f"catalogue.{kind}", [str(getattr(each, name)) for each in found])
    return found


def _category(said: rules.Said) -> Category:
    rules.only(said, *_COMMON, "title_plural", "description", "show_pypi", "ecosystem")
    ecosystem = said.get("ecosystem")
    if ecosystem is not None and ecosystem not in ECOSYSTEMS:
        raise InvalidRequest("ecosystem", f"must be null or one of {', '.join(sorted(ECOSYSTEMS))}")
    return Category(
        _id(said, "id"),
        rules.slug(said),
        rules.line(said, "title", rules.CATEGORY_TITLE),
        rules.text(said, "title_plural", rules.CATEGORY_TITLE),
        rules.text(said, "description"),
        rules.flag(said, "show_pypi"),
        ecosystem,
        _moment(said, "created"),
        _moment(said, "modified"),
    )


def _package(said: rules.Said) -> Listed:
    rules.only(said, *_COMMON, "project", "category", "repo_url", "documentation_url", "deprecated")
    project = _project(said.get("project"))
    title = None if said.get("title") is None and project is not None else rules.line(said, "title")
    repository, documentation = (
        None if said.get(name) is None else rules.url(said, name)
        for name in ("repo_url", "documentation_url")
    )
    return Listed(
        id=_id(said, "id"),
        slug=rules.slug(said),
        project=project,
        category=rules.number(said, "category"),
        title=title,
        repo_url=repository,
        documentation_url=documentation,
        deprecated=rules.flag(said, "deprecated"),
        created=_moment(said, "created"),
        modified=_moment(said, "modified"),
    )


def _grid(said: rules.Said) -> Grid:
    rules.only(said, *_COMMON, "description", "is_locked", "header", "packages", "features")
    packages = [
        rules.number({"packages": each}, "packages") for each in _array(said.get("packages"), "packages")
    ]
    _unique("packages", packages)
    return Grid(
        _id(said, "id"),
        rules.slug(said),
        rules.line(said, "title"),
        rules.text(said, "description"),
        rules.flag(said, "is_locked"),
        rules.flag(said, "header"),
        tuple(packages),
        _moment(said, "created"),
        _moment(said, "modified"),
    )


def _features(said: rules.Said, grid: Grid, where: str) -> Iterator[Feature]:
    for index, entry in enumerate(_array(said.get("features", []), f"{where}.features")):
        place = f"{where}.features[{index}]"
        yield _within(place, lambda feature: _feature(feature, grid), _object(entry, place))


def _feature(said: rules.Said, grid: Grid) -> Feature:
    rules.only(said, "id", "title", "description", "cells")
    cells = {}
    for key, text in _object(said.get("cells", {}), "cells").items():
        package = number_of(key)
        if package not in grid.packages:
            raise InvalidRequest("cells", f"{key[:50]!r} is no package of the grid")
        cells[package] = rules.text({"cells": text}, "cells")
    title, description = rules.line(said, "title"), rules.text(said, "description")
    return Feature(_id(said, "id"), grid.id, title, description, cells)


def _uses(said: Any) -> Iterator[tuple[int, Collection[str]]]:
    for key, names in _object(said, "catalogue.uses").items():
        where = f"catalogue.uses.{key[:50]}"
        listed = _array(names, where)
        if not all(isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME for name in listed):
            raise InvalidRequest(where, "must be a list of user names")
        yield number_of(key) or 0, {normal_form(name) for name in listed}


def _last_ids(said: Any) -> Mapping[str, int]:
    found = _object(said, "catalogue.last_ids")

    def read(last_ids: Mapping[str, Any]) -> Mapping[str, int]:
        rules.only(last_ids, *_KINDS)
        return {kind: _id(last_ids, kind) for kind, number in last_ids.items() if number != 0}

    return _within("catalogue.last_ids", read, found)


def _project(spelled: Any) -> Project | None:
    if spelled is None:
        return None
    if not isinstance(spelled, str):
        raise InvalidRequest("project", "must be a name, or null")
    return parse_project(spelled)


def _moment(said: rules.Said, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said[name])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidRequest(name, "must be a time in ISO 8601") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if _EARLIEST <= moment <= _LATEST:
        return moment
    raise InvalidRequest(name, f"must be between the years {_EARLIEST.year} and {_LATEST.year}")


def _id(said: rules.Said, name: str) -> int:
    number = rules.number(said, name)
    if number > _HIGHEST_ID:
        raise InvalidRequest(name, f"must be at most {_HIGHEST_ID}")
    return number


def _within(where: str, read: Callable[[Any], T], said: Any) -> T:
    """What reads it gives, or its complaint with the place where it was said."""
    try:
        return read(said)
    except InvalidRequest as error:
        raise InvalidRequest(f"{where}.{error.field}" if error.field else where, error.reason) from error


def _unique(where: str, things: Collection[Any]) -> None:
    seen = set()
    for each in things:
        if each in seen:
            raise InvalidRequest(where, f"{each} is there twice")
        seen.add(each)


def _known(kind: str, what: str, numbers: Collection[int], known: Collection[int]) -> None:
    missing = set(numbers) - set(known)
    if missing:
        raise InvalidRequest(f"catalogue.{kind}", f"there is no {what} {min(missing)} in the export")


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequest(where, "must be an object")
    return value


def _array(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRequest(where, "must be a list")
    return value
