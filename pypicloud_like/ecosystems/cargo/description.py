"""What the addresses of the cargo side do, for their OpenAPI document."""

from __future__ import annotations

from pypicloud_like.ecosystems.cargo import account_shapes as account
from pypicloud_like.ecosystems.cargo import asked_shapes as asked
from pypicloud_like.ecosystems.cargo import index as sparse
from pypicloud_like.ecosystems.cargo import list_shapes as listed
from pypicloud_like.ecosystems.cargo import shapes
from pypicloud_like.ecosystems.cargo.views import (
    crates,
    download,
    feeds,
    index,
    labels,
    lists,
    me,
    mirror,
    owners,
    publish,
    trusted,
    users,
    versions,
    yank,
)
from pypicloud_like.ecosystems.cargo.views.errors import DIALECT
from pypicloud_like.http.openapi.operations import JSON, Content, Operation, System

_ARRIVING = Content({download.CONTENT_TYPE: None, "application/octet-stream": None})
"""What is handed on while it arrives is not yet known to be an archive."""
_LINES = Content({sparse.CONTENT_TYPE.partition(";")[0]: None})
_ARCHIVE = Content({download.CONTENT_TYPE: None, JSON: shapes.DownloadAddress})
_PART = Content({download.CONTENT_TYPE: None})
_ELSE = {302: None, 304: None, 416: None}
_MIRRORED = {200: _ARRIVING, 206: _PART, **_ELSE}
_DOWNLOADED = {200: _ARCHIVE, 206: _PART, **_ELSE}
_README = Content({"text/plain": None})
_UPSTREAM = (502, 504)

_INDEX = {
    index.configuration: Operation("How cargo finds files and the API", {200: shapes.IndexConfig, 304: None}),
    index.crate: Operation(
        "All versions of a crate, a JSON object a line",
        {200: _LINES, 304: None},
        at="/cargo/index/{first}/{second}/{crate}",
    ),
    mirror.configuration: Operation(
        "How cargo finds the files of upstreams", {200: shapes.IndexConfig, 304: None}, (404,)
    ),
    mirror.index: Operation(
        "All versions of an upstream's crate, a JSON object a line",
        {200: _LINES, 304: None},
        _UPSTREAM,
        at="/cargo/mirror/{first}/{second}/{crate}",
    ),
    mirror.download: Operation("Download an upstream's crate", _MIRRORED, _UPSTREAM),
    mirror.search: Operation("Crates that are held", {200: listed.MirrorCrates}, (404,), asked.MirrorQuery),
    mirror.refuse: Operation("Nothing can be changed in a mirror", {}, at="/cargo/mirror/api/v1/crates/new"),
}

_LISTS = {
    lists.crates: Operation("Crates, found and sorted", {200: listed.Crates}, query=asked.CrateQuery),
    lists.versions_by_id: Operation("Versions by their ids", {200: shapes.VersionsById}, query=asked.IdQuery),
    lists.version_by_id: Operation("A version by its id", {200: shapes.OneVersion}),
    lists.summary: Operation("Numbers, and the first crates by several orders", {200: listed.Summary}),
    lists.reverse_dependencies: Operation(
        "What needs a crate", {200: listed.ReverseDependencies}, query=asked.Paging
    ),
    labels.keyword_list: Operation("Keywords", {200: listed.Keywords}, query=asked.LabelPaging),
    labels.keyword: Operation("A keyword", {200: shapes.OneKeyword}),
    labels.category_list: Operation(
        "Categories at the top", {200: listed.Categories}, query=asked.LabelPaging
    ),
    labels.category: Operation("A category", {200: shapes.OneCategory}),
    labels.category_slugs: Operation("The names of all categories", {200: listed.CategorySlugs}),
}

_CRATE = {
    crates.crate: Operation("A crate", {200: shapes.OneCrate}, query=asked.IncludeQuery),
    crates.crate_new: Operation(
        "The crate that is called `new`", {200: shapes.OneCrate}, (404,), asked.IncludeQuery
    ),
    crates.versions: Operation(
        "The versions of a crate", {200: listed.CrateVersions}, query=asked.VersionQuery
    ),
    crates.crate_downloads: Operation(
        "The downloads of a crate by day", {200: shapes.CrateDownloads}, query=asked.DownloadQuery
    ),
    crates.follow: Operation("Follow a crate", {200: shapes.Done}),
    crates.unfollow: Operation("Follow it no more", {200: shapes.Done}),
    crates.following: Operation("Whether you follow a crate", {200: shapes.Following}),
    crates.owner_teams: Operation("Teams that own a crate: none", {200: shapes.Teams}),
    owners.listed: Operation("Who owns a crate", {200: shapes.Owners}),
    owners.add: Operation("Add owners", {200: shapes.Done}, (409,), body=asked.OwnersChange),
    owners.remove: Operation("Remove owners", {200: shapes.Done}, (409,), body=asked.OwnersChange),
    versions.version: Operation("A version", {200: shapes.OneVersion}),
    versions.change_version: Operation(
        "Yank a version with a message, or take that back",
        {200: shapes.OneVersion},
        body=asked.VersionChange,
    ),
    versions.dependencies: Operation("What a version needs", {200: shapes.Dependencies}),
    versions.authors: Operation("The authors of a version: none", {200: shapes.Authors}),
    versions.readme: Operation(
        "The readme of a version as it was written", {200: _README, 206: _README, **_ELSE}
    ),
    versions.version_downloads: Operation(
        "The downloads of a version by day", {200: shapes.VersionDownloads}, query=asked.DayQuery
    ),
    download.download: Operation("Download a version; who asks for JSON is told where it is", _DOWNLOADED),
    yank.yank: Operation("Yank a version", {200: shapes.Done}),
    yank.unyank: Operation("Take a yank back", {200: shapes.Done}),
    trusted.exchange: Operation(
        "A token for a job that shows its identity token",
        {200: account.JobToken},
        body=account.JobIdentity,
    ),
    trusted.revoke: Operation("End the token of a job, which is sent along", {204: None}),
    publish.new: Operation(
        "Publish a version: the length of the metadata, these, the length of the archive, this",
        {200: shapes.Published},
        (409,),
        body=Content({"application/octet-stream": None}),
    ),
}

_PEOPLE = {
    users.user: Operation("A user by name or number", {200: account.OneUser}),
    users.user_stats: Operation("The downloads of all that a user owns", {200: account.UserStats}),
    users.team: Operation("A team: there are none", {}),
    me.me: Operation("Yourself", {200: account.Me}),
    me.updates: Operation(
        "Versions of the crates that you follow", {200: account.Updates}, query=asked.Paging
    ),
    me.tokens: Operation("Your tokens", {200: account.CargoTokens}, (403,)),
    me.new_token: Operation("Make a token", {200: account.MadeCargoToken}, body=account.CargoTokenRequest),
    me.token: Operation("One of your tokens", {200: account.OneCargoToken}, (403,)),
    me.revoke: Operation("End a token", {200: shapes.Nothing}),
    me.revoke_current: Operation("End the very token that asks", {204: None}, (404,)),
}

CRATES = System(
    name="crates",
    title="Crates",
    about="The crates.io HTTP API below `/api/v1`, which cargo and others use, and the sparse index. Every"
    " address may end with a slash.",
    operations={**_INDEX, **_LISTS, **_CRATE, **_PEOPLE},
    apart={feeds.crates: "a feed", feeds.updates: "a feed", feeds.crate: "a feed"},
    errors={DIALECT: shapes.CargoError},
    parameters={
        "crate": "The name of a crate, in any spelling; in the index in its own, in lower case.",
        "version": "A version.",
        "first": "The first two letters of the name; crates of up to three letters have other addresses.",
        "second": "The third and fourth letter.",
        "login": "The name of a user, or a number.",
        "keyword": "A keyword.",
        "category": "The slug of a category.",
    },
)
