"""The crates.io HTTP API as its tests ask it."""

from __future__ import annotations

CRATE = {
    "id", "name", "updated_at", "versions", "keywords", "categories", "badges", "created_at", "downloads",
    "recent_downloads", "default_version", "num_versions", "yanked", "max_version", "newest_version",
    "max_stable_version", "description", "homepage", "documentation", "repository", "links", "exact_match",
    "trustpub_only",
}  # fmt: skip


VERSION = {
    "id", "crate", "num", "dl_path", "readme_path", "updated_at", "created_at", "downloads", "features",
    "yanked", "yank_message", "lib_links", "license", "links", "crate_size", "published_by", "audit_actions",
    "checksum", "rust_version", "has_lib", "bin_names", "edition", "description", "homepage", "documentation",
    "repository", "trustpub_data", "linecounts",
}  # fmt: skip


def made(site, name="demo", version="0.1.0", *, user="ann", deps=(), **package):
    """Publish a crate whose manifest and announcement agree; the answer."""
    rest = "".join(
        f'[dependencies.{each["name"]}]\nversion = "{each["version_req"]}"\nregistry-index = '
        f'"sparse+http://localhost:80/cargo/index/"\n'
        for each in deps
    )
    said = {"deps": list(deps), **package}
    crate = site.new(name, version, user=user, said=said, package=package, rest=rest)
    assert crate.status_int == 200, crate
    return crate.json


def get(site, path, user=None, status=200):
    answer = site.ask("GET", f"/api/v1/{path}", user=user)
    assert answer.status_int == status, answer
    assert answer.headers["Content-Type"].startswith("application/json")
    if status >= 400:
        assert answer.json["errors"][0]["detail"]
    return answer.json


def names(told) -> list[str]:
    return [crate["id"] for crate in told["crates"]]


def download(site, name, version="0.1.0", times=1):
    for _ in range(times):
        assert site.ask("GET", f"/api/v1/crates/{name}/{version}/download").status_int == 200
    site.services.downloads.flush()
