"""The objects of the crates.io HTTP API, as pure functions of records (its OpenAPI description)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from urllib.parse import quote

from pypicloud_like.core.model import FileRecord
from pypicloud_like.core.ports import DayCount, Person
from pypicloud_like.core.records import time_text
from pypicloud_like.ecosystems.cargo.directory import default_version
from pypicloud_like.ecosystems.cargo.list_shapes import Track
from pypicloud_like.ecosystems.cargo.metadata import version_id
from pypicloud_like.ecosystems.cargo.shapes import (
    CrateBody,
    CrateCategory,
    CrateDependency,
    CrateKeyword,
    CrateUser,
    CrateVersion,
    RestDay,
    VersionDay,
)
from pypicloud_like.registry.semver import Version, parse

ROOT = "/api/v1/crates"


def crate_json(
    files: Sequence[FileRecord],
    *,
    totals: Mapping[str, int],
    recent: int,
    full: bool = True,
    exact: bool = False,
) -> CrateBody:
    """A crate by its versions, of which there is at least one.

    :param totals: version → downloads ever
    :param recent: downloads of the last 90 days
    :param full: with the ids of its versions, its keywords and categories
    :param exact: it is called just as somebody searched
    """
    chosen = default_version(files)
    assert chosen is not None
    standing = [file for file in files if file.yanked is None]
    stable = [file for file in standing if not parse(file.version).pre]
    name, facts = chosen.display_name, chosen.facts
    path = f"{ROOT}/{name}"
    return {
        "id": name,
        "name": name,
        "updated_at": _time(max(file.stamp.at for file in files)),
        "created_at": _time(min(file.uploaded_at for file in files)),
        "versions": [version_id(file) for file in newest_first(files)] if full else None,
        "keywords": list(facts.get("keywords", ())) if full else None,
        "categories": list(facts.get("categories", ())) if full else None,
        "badges": [],
        "downloads": sum(totals.values()),
        "recent_downloads": recent,
        "default_version": chosen.version,
        "num_versions": len(files),
        "yanked": not standing,
        "max_version": _highest(standing) or "0.0.0",
        "newest_version": newest_first(standing)[0].version if standing else "0.0.0",
        "max_stable_version": _highest(stable),
        "description": facts.get("description"),
        "homepage": facts.get("homepage"),
        "documentation": facts.get("documentation"),
        "repository": facts.get("repository"),
        "links": {
            "version_downloads": f"{path}/downloads",
            "versions": None if full else f"{path}/versions",
            "owners": f"{path}/owners",
            "owner_team": f"{path}/owner_team",
            "owner_user": f"{path}/owner_user",
            "reverse_dependencies": f"{path}/reverse_dependencies",
        },
        "exact_match": exact,
        "trustpub_only": False,
    }


def version_json(file: FileRecord, *, downloads: int, publisher: Person | None) -> CrateVersion:
    """One version."""
    facts = file.facts
    path = f"{ROOT}/{file.display_name}/{quote(file.version, safe='')}"
    features = facts.get("features", {})
    return {
        "id": version_id(file),
        "crate": file.display_name,
        "num": file.version,
        "dl_path": f"{path}/download",
        "readme_path": f"{path}/readme",
        "updated_at": _time(file.stamp.at),
        "created_at": _time(file.uploaded_at),
        "downloads": downloads,
        "features": {name: list(features[name]) for name in sorted(features)},
        "yanked": file.yanked is not None,
        "yank_message": file.yanked or None,
        "lib_links": facts.get("links"),
        "license": facts.get("license"),
        "links": {
            "dependencies": f"{path}/dependencies",
            "version_downloads": f"{path}/downloads",
            "authors": f"{path}/authors",
        },
        "crate_size": file.blob.size,
        "published_by": user_json(publisher) if publisher is not None else None,
        "audit_actions": [],
        "checksum": file.blob.sha256,
        "rust_version": facts.get("rust_version"),
        "has_lib": facts.get("has_lib"),
        "bin_names": list(facts.get("bin_names", ())),
        "edition": facts.get("edition"),
        "description": facts.get("description"),
        "homepage": facts.get("homepage"),
        "documentation": facts.get("documentation"),
        "repository": facts.get("repository"),
        "trustpub_data": None,
        "linecounts": None,
    }


def dependencies_json(file: FileRecord) -> list[CrateDependency]:
    """What a version depends on. The id of a dependency is made of its version's and its place."""
    number = version_id(file)
    return [
        {
            "id": (number * 1000 + place) % 2**31,
            "version_id": number,
            "crate_id": said.get("package") or said.get("name"),
            "req": said.get("req"),
            "optional": bool(said.get("optional")),
            "default_features": bool(said.get("default_features")),
            "features": list(said.get("features", ())),
            "target": said.get("target"),
            "kind": said.get("kind", "normal"),
            "downloads": 0,
        }
        for place, said in enumerate(file.facts.get("deps", ()))
    ]


def user_json(person: Person) -> CrateUser:
    """A user as anybody may see them."""
    return {
        "id": person.id,
        "login": person.name,
        "name": None,
        "avatar": None,
        "url": "",
        "github_username_matches": False,
        "created_at": _time(person.since),
    }


def keyword_json(keyword: str, crates: int, since: datetime) -> CrateKeyword:
    """A keyword and how many crates have it."""
    return {"id": keyword, "keyword": keyword, "created_at": _time(since), "crates_cnt": crates}


def category_json(slug: str, crates: int, since: datetime) -> CrateCategory:
    """A category and how many crates are in it."""
    return {
        "id": slug,
        "slug": slug,
        "category": slug.rpartition("::")[2],
        "description": "",
        "created_at": _time(since),
        "crates_cnt": crates,
    }


def day_json(version: int, count: DayCount) -> VersionDay:
    """Downloads of a version on a day."""
    return {"version": version, "downloads": count.count, "date": count.day.isoformat()}


def rest_json(counts: Iterable[DayCount]) -> list[RestDay]:
    """Downloads by day, of all these versions together."""
    days: dict[date, int] = {}
    for count in counts:
        days[count.day] = days.get(count.day, 0) + count.count
    return [{"date": day.isoformat(), "downloads": days[day]} for day in sorted(days)]


def release_tracks(files: Sequence[FileRecord]) -> dict[str, Track]:
    """The highest version of each line of compatible ones that is neither yanked nor a pre-release: by its
    major number, or ``0.x`` below one.
    """
    highest: dict[str, Version] = {}
    for file in files:
        version = parse(file.version)
        if file.yanked is None and not version.pre:
            track = str(version.major) if version.major else f"0.{version.minor}"
            highest[track] = max(version, highest.get(track, version))
    return {track: {"highest": str(version)} for track, version in highest.items()}


def newest_first(files: Sequence[FileRecord]) -> list[FileRecord]:
    """By id, the newest first."""
    return sorted(files, key=version_id, reverse=True)


def _highest(files: Sequence[FileRecord]) -> str | None:
    return max((file.version for file in files), key=parse, default=None)


def _time(moment: datetime) -> str:
    return time_text(moment)
