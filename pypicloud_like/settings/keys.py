"""The one table of settings: key, place, type and meaning of each. Reading, documentation and the
command ``show-config`` all come from it.

Keys keep pypicloud's names where they mean the same; the others begin with ``server.``, ``state.``
or ``limits.``.
"""

from __future__ import annotations

from pypicloud_like.settings import database, parse
from pypicloud_like.settings.topics import Key

PREFIXES = (
    "auth.",
    "cargo.",
    "catalogue.",
    "db.",
    "group.",
    "jsr.",
    "limits.",
    "oidc.",
    "log.",
    "package.",
    "pypi.",
    "server.",
    "session.",
    "state.",
    "storage.",
    "upstream.",
    "user.",
)
"""What begins like this is ours: unknown keys among them are faults. Everything else is left alone."""

_PYPI = (
    Key("pypi.storage", "choice", "storage", parse.text,
        "Where bytes are kept: `file`, `s3`, `memory` (for trials), or a plug-in's name or dotted class."),
    Key("pypi.db", "choice", "cache", parse.text,
        "The package index: `sql`, or a plug-in's name or dotted class."),
    Key("pypi.auth", "access", "backend", parse.text,
        "Users, groups and grants: `sql` (kept in the state database), `config` (the lines of this file), "
        "or a plug-in's name or dotted class."),
    Key("pypi.fallback", "fallback", "mode", parse.one_of("none", "redirect", "cache", "mirror"),
        "What happens to names that are not here. `none`: they do not exist. `redirect`: the client is sent "
        "to an upstream. `cache`: their pages and files come through this server, which keeps them. "
        "`mirror`: as `cache`, and projects marked as mixed show upstream files beside ours."),
    Key("pypi.fallback_base_url", "fallback", "base_url", parse.address,
        "The host that `redirect` leads to, and the only upstream unless `pypi.upstreams` names others."),
    Key("pypi.fallback_url", "fallback", "simple_url", parse.address,
        "The same as the address of a simple index; goes before `pypi.fallback_base_url`."),
    Key("pypi.upstreams", "choice", "pypi_upstreams", parse.names,
        "Names of upstreams, in the order they are asked; each has its `upstream.<name>.url`."),
    Key("pypi.disallow_fallback", "fallback", "disallowed", parse.patterns,
        "Names, or patterns such as `acme-*`, that are never looked up upstream, by anybody."),
    Key("pypi.always_show_upstream", "fallback", "mixing", parse.boolean,
        "Projects marked as mixed show upstream files beside ours in the modes `redirect` and `cache` too."),
    Key("pypi.default_read", "access", "default_read", parse.principals,
        "Groups that may read projects without grants of their own. `everyone`, `authenticated` and `admin` "
        "are built in."),
    Key("pypi.default_write", "access", "default_write", parse.principals,
        "Groups that may write projects without grants of their own. Administrators always may."),
    Key("pypi.allow_create_groups", "access", "create_groups", parse.optional_principals,
        "Groups that may publish a name that does not exist yet, and then own it.",
        default="the groups of `pypi.default_write`"),
    Key("pypi.allow_overwrite_groups", "access", "overwrite_groups", parse.principals,
        "Groups that may replace a file by other bytes (they must be able to write the project too)."),
    Key("pypi.allow_delete_groups", "access", "delete_groups", parse.principals,
        "Groups that may delete files (they must be able to write the project too)."),
    Key("pypi.allow_overwrite", "choice", "allow_overwrite", parse.boolean,
        "Older spelling: `true` is `pypi.allow_overwrite_groups = authenticated`, `false` an empty list.",
        default="unset"),
    Key("pypi.allow_delete", "choice", "allow_delete", parse.boolean,
        "Older spelling: `true` is `pypi.allow_delete_groups = authenticated`, `false` an empty list.",
        default="unset"),
    Key("pypi.allow_reuse_of_deleted", "access", "allow_reuse_of_deleted", parse.boolean,
        "Whether the name of a deleted file may be used again for other bytes."),
    Key("pypi.cache_update", "access", "cache_update", parse.principals,
        "Groups whose requests may fetch files from an upstream."),
    Key("pypi.realm", "access", "realm", parse.text,
        "The realm that clients show when they ask for a password."),
    Key("pypi.stream_files", "choice", "stream_files", parse.boolean,
        "Send files of an object store through this server, not by redirects to presigned addresses."),
    Key("pypi.package_max_age", "server", "package_max_age", parse.duration,
        "How long clients may keep a file, in seconds or as `12h`, `30d`."),
    Key("pypi.strict_sdist_names", "pypi", "strict_sdist_names", parse.boolean,
        "Refuse source archives whose file name is not as PEP 625 wants it."),
    Key("pypi.releases_in_version_answer", "pypi", "releases_in_version_answer", parse.boolean,
        "Give the JSON answer for a version the older field `releases`."),
    Key("pypi.not_acceptable", "pypi", "not_acceptable", parse.one_of("html", "406"),
        "The answer of an index page to a client that accepts no known type: `html` or `406`."),
)  # fmt: skip

_STORAGE = (
    Key("storage.dir", "file", "dir", parse.path, "`file`: the folder, made if missing.",
        default="`storage` in the data folder"),
    Key("storage.bucket", "s3", "bucket", parse.text, "`s3`: the bucket.", default="must be given"),
    Key("storage.prefix", "s3", "prefix", parse.key_prefix, "`s3`: what all keys begin with."),
    Key("storage.endpoint_url", "s3", "endpoint_url", parse.endpoint,
        "`s3`: the address of an S3-compatible server.", default="that of the region"),
    Key("storage.region_name", "s3", "region_name", parse.optional_text, "`s3`: the region.",
        default="from the AWS environment"),
    Key("storage.addressing_style", "s3", "addressing_style", parse.one_of("auto", "path", "virtual"),
        "`s3`: the bucket in the path or in the host name: `auto`, `path` or `virtual`."),
    Key("storage.aws_access_key_id", "s3", "aws_access_key_id", parse.optional_text,
        "`s3`: the access key.", default="from the AWS environment"),
    Key("storage.aws_secret_access_key", "s3", "aws_secret_access_key", parse.secret,
        "`s3`: the secret key.", default="from the AWS environment", secret=True),
    Key("storage.aws_session_token", "s3", "aws_session_token", parse.secret,
        "`s3`: the token of temporary keys.", default="from the AWS environment", secret=True),
    Key("storage.signature_version", "s3", "signature_version", parse.optional_text,
        "`s3`: how requests are signed, such as `s3v4`."),
    Key("storage.checksums", "s3", "checksums", parse.one_of("when_supported", "when_required"),
        "`s3`: `when_required` for stores that know only the older checksums."),
    Key("storage.verify", "s3", "verify", parse.certificates,
        "`s3`: whether certificates are checked, or the path of a CA file."),
    Key("storage.connect_timeout", "s3", "connect_timeout", parse.seconds,
        "`s3`: seconds to wait for a connection."),
    Key("storage.read_timeout", "s3", "read_timeout", parse.seconds, "`s3`: seconds to wait for an answer."),
    Key("storage.max_attempts", "s3", "max_attempts", parse.integer(1, 20),
        "`s3`: how often a call is tried."),
    Key("storage.max_pool_connections", "s3", "max_pool_connections", parse.integer(1, 1000),
        "`s3`: connections kept open."),
    Key("storage.expire_after", "s3", "expire_after", parse.positive_duration,
        "`s3`: how long a presigned address works; five minutes at most."),
    Key("storage.server_side_encryption", "s3", "server_side_encryption", parse.optional_one_of("AES256",
        "aws:kms"),
        "`s3`: `AES256` or `aws:kms`."),
    Key("storage.storage_class", "s3", "storage_class", parse.optional_text,
        "`s3`: the storage class of new objects."),
    Key("storage.object_acl", "s3", "object_acl", parse.optional_text,
        "`s3`: the canned ACL of new objects."),
    Key("storage.create_bucket", "s3", "create_bucket", parse.boolean,
        "`s3`: make the bucket if it is missing."),
)  # fmt: skip

_DATABASES = (
    Key("db.url", "index", "url", database.url,
        "The index, which may be deleted and rebuilt: `sqlite:///…` or `postgresql://…`.",
        default="`index.sqlite` in the data folder"),
    Key("db.pool_size", "index", "pool_size", parse.integer(1, 1000),
        "Connections a process keeps to the index."),
    Key("db.timeout", "index", "timeout", parse.integer(1, 600),
        "Seconds to wait for a connection or a lock."),
    Key("state.url", "state", "url", database.url,
        "Users, rights, tokens: what must be backed up. `sqlite:///…` or `postgresql://…`.",
        default="`state.sqlite` in the data folder", alias="auth.db.url"),
    Key("state.pool_size", "state", "pool_size", parse.integer(1, 1000),
        "Connections a process keeps to the state."),
    Key("state.timeout", "state", "timeout", parse.integer(1, 600),
        "Seconds to wait for a connection or a lock."),
)  # fmt: skip

_ACCESS = (
    Key("auth.admins", "access", "admins", parse.principals, "`config`: users that are administrators."),
    Key("auth.signing_key", "access", "signing_key", parse.signing_key,
        "Signs registration tokens. Several servers on one state need the same.",
        default="made once, kept as `secret.key` in the data folder", secret=True),
    Key("auth.token_expire", "access", "token_expire", parse.positive_duration,
        "How long a registration token works."),
    Key("auth.first_admin_by_registration", "access", "first_admin_by_registration", parse.boolean,
        "Whether the first who registers, over loopback only and while no administrator exists, becomes one.",
        default="false; true without an .ini file"),
    Key("auth.failures", "access", "failures", parse.integer(1, 1_000_000),
        "Failed logins, of one user or from one address, before others must wait."),
    Key("auth.failure_window", "access", "failure_window", parse.positive_duration,
        "How long a failed login counts."),
    Key("auth.hash_rounds", "access", "hash_rounds", parse.optional_integer(1, 16),
        "Passes of argon2 over its memory when a password is hashed.", default="the library's"),
    Key("session.lifetime", "access", "session_lifetime", parse.positive_duration,
        "How long a login on the pages lasts."),
    Key("session.secure", "access", "session_secure", parse.optional_boolean,
        "Whether the login cookie is sent over https only.",
        default="auto: when the public address is https"),
)  # fmt: skip

_SERVER = (
    Key("server.data", "server", "data", parse.path,
        "The data folder: databases, files, secret, spool. The option `--data` goes before it.",
        default="`data` in the folder the server is started in"),
    Key("server.public_url", "server", "public_url", parse.public_url,
        "The address people and clients use: scheme, host and mount prefix.",
        default="from the request's Host"),
    Key("server.allowed_hosts", "server", "allowed_hosts", parse.hosts,
        "Hosts that are answered when there is no public address; loopback always is, `*` means any."),
    Key("server.trusted_proxies", "server", "trusted_proxies", parse.networks,
        "Addresses or networks of proxies whose `X-Forwarded-*` headers `serve` believes."),
    Key("server.trusted_proxy_count", "server", "trusted_proxy_count", parse.integer(1, 20),
        "How many such proxies stand one behind the other."),
    Key("server.spool_dir", "server", "spool_dir", parse.path,
        "Where uploads and files of upstreams lie while they arrive. Needs room for several of the largest.",
        default="`spool` in the data folder"),
    Key("server.accel_prefix", "server", "accel_prefix", parse.url_path,
        "The internal path under which nginx serves `storage.dir` (X-Accel-Redirect)."),
    Key("server.stale_age", "server", "stale_age", parse.duration,
        "How old an upstream's page may be that is served while the upstream is down."),
    Key("server.cors_origins", "server", "cors_origins", parse.origins,
        "Web origins whose pages may read public answers; `*` means any."),
    Key("server.threads", "server", "threads", parse.integer(1, 1000),
        "Requests that `serve` carries out at once."),
    Key("server.connection_limit", "server", "connection_limit", parse.integer(8, 100_000),
        "Connections that `serve` keeps open at once."),
    Key("server.grace", "server", "grace", parse.duration,
        "How long running requests may take to finish when `serve` is asked to stop."),
    Key("server.metrics", "server", "metrics", parse.audience,
        "Who may read `/metrics`: `loopback` (requests from this machine through no proxy), `admin` "
        "(administrators), `everyone`, and addresses or networks; empty: nobody."),
    Key("server.debug", "server", "debug", parse.boolean, "More in the log. Never more in an answer."),
)  # fmt: skip

_CARGO = (
    Key("cargo.auth_required", "cargo", "auth_required", parse.one_of("auto", "always", "never"),
        "Whether cargo is told to send its token with every request. `auto`: unless everyone reads every "
        "crate. `never`: crates are readable by everyone, and cannot be restricted."),
    Key("cargo.strict_metadata", "cargo", "strict_metadata", parse.boolean,
        "Refuse crates for what crates.io asks for beside what cargo needs (a description, a license, "
        "orderly keywords, categories and addresses), instead of a warning."),
    Key("cargo.index_aliases", "cargo", "index_aliases", parse.sparse_indexes,
        "Other addresses of this index (`sparse+https://…/`), as manifests may have them: those of a "
        "registry whose crates were taken over, or of this server under another name."),
)  # fmt: skip

_JSR = (
    Key("jsr.created_at", "jsr", "created_at", parse.one_of("omit", "real"),
        "Whether clients are told when the versions published here were published. deno refuses versions "
        "that are younger than a day by default; with `omit` ours count as old. What comes from an upstream "
        "keeps its times."),
    Key("jsr.package_size", "jsr", "package_size", parse.size,
        "The largest package: its tarball, and its files together. They are in memory while it is "
        "published."),
    Key("jsr.reserved_scopes", "jsr", "reserved_scopes", parse.names,
        "Names that no scope may have, be they written with or without hyphens."),
    Key("jsr.scope_limit", "jsr", "scope_limit", parse.integer(1, 1_000_000),
        "How many scopes a user may make."),
    Key("jsr.package_limit", "jsr", "package_limit", parse.integer(1, 1_000_000),
        "How many packages a scope may have."),
    Key("jsr.weekly_packages", "jsr", "weekly_packages", parse.integer(1, 1_000_000),
        "How many new packages a scope may have in seven days."),
    Key("jsr.weekly_attempts", "jsr", "weekly_attempts", parse.integer(1, 1_000_000),
        "How many attempts to publish a scope may make in seven days."),
    Key("jsr.refused_files", "jsr", "refused_files", parse.file_names,
        "Names of files that no package may have, because they are secrets most likely. deno publishes what "
        "git does not ignore, and what is published stays published."),
    Key("jsr.npm_time", "jsr", "npm_time", parse.one_of("backdate", "real"),
        "When npm, pnpm, yarn are told that versions were published here. Some of them refuse what is "
        "younger than a day or two; with `backdate` they are told of seven days earlier."),
    Key("jsr.npm_seconds", "jsr", "npm_seconds", parse.integer(1, 3600),
        "How long converting a version for npm may take."),
    Key("jsr.npm_memory", "jsr", "npm_memory", parse.size,
        "How much memory it may take (on Linux). deno needs 1 GiB of address space to begin with, of which "
        "it uses a fifth."),
)  # fmt: skip

_CATALOGUE = (
    Key("catalogue.search_prefix", "catalogue", "search_prefix", parse.text,
        "What titles usually begin with (`django`): searches leave it out, with the separator behind it."),
    Key("catalogue.max_limit", "catalogue", "max_limit", parse.integer(1, 100_000),
        "How many things one page of the catalogue's API has at most, whatever `limit` asks for."),
    Key("catalogue.curators", "catalogue", "curators", parse.principals,
        "Groups that make and fill grids, beside the administrators. They may not change locked ones."),
)  # fmt: skip

_UPSTREAM = (
    Key("cargo.upstreams", "choice", "cargo_upstreams", parse.names,
        "Names of upstreams of the crates mirror, in the order they are asked."),
    Key("jsr.upstreams", "choice", "jsr_upstreams", parse.names,
        "Names of upstreams for JSR packages, in the order they are asked."),
    Key("upstream.reserved", "fallback", "reserved", parse.patterns,
        "Names, or patterns such as `acme-*` or `cargo:acme-*`, that are ours even while nothing of them is "
        "here: no upstream ever hears of them."),
    Key("upstream.offline", "fallback", "offline", parse.boolean,
        "Ask no upstream. What is held is served, and only that is listed."),
    Key("upstream.ttl", "fallback", "ttl", parse.duration,
        "How long a page of an upstream is believed before it is asked whether it changed."),
    Key("upstream.negative_ttl", "fallback", "negative_ttl", parse.at_most(60),
        "How long an upstream's answer that a name does not exist is believed; at most a minute."),
    Key("upstream.cache_limit", "fallback", "cache_limit", parse.size,
        "How much may be held from upstreams; beyond it goes what was used longest ago."),
    Key("upstream.requests", "fallback", "requests", parse.integer(1, 1000),
        "Requests that may wait for upstreams at once; others are answered meanwhile."),
)  # fmt: skip

_TRUST = (
    Key("oidc.issuers", "choice", "issuers", parse.names,
        "Names of the issuers of identity tokens that jobs may exchange for upload tokens; each has its "
        "`oidc.<name>.url`. Needs the extra `oidc`."),
    Key("oidc.audience", "trust", "audience", parse.text,
        "What identity tokens must be made for; clients ask the server for it.",
        default="`server.public_url` without its scheme"),
)  # fmt: skip

_LIMITS = (
    Key("limits.file", "limits", "file", parse.size, "The largest file that is taken."),
    Key("limits.body", "limits", "body", parse.size, "The largest request body.",
        default="1 MiB above `limits.file`"),
    Key("limits.json", "limits", "json", parse.size, "The largest JSON body."),
    Key("limits.form_field", "limits", "form_field", parse.size,
        "The largest field of a form that is not a file."),
    Key("limits.form_fields", "limits", "form_fields", parse.integer(1, 100_000),
        "The most fields of a form."),
    Key("limits.description", "limits", "description", parse.size, "The longest description of a project."),
    Key("limits.header", "limits", "header", parse.size, "All headers of a request together."),
    Key("limits.url", "limits", "url", parse.size, "The longest address of a request."),
    Key("limits.page_cache", "limits", "page_cache", parse.size, "Rendered pages a process keeps in memory."),
)  # fmt: skip

_LOG = (
    Key("log.format", "log", "format", parse.one_of("text", "json"),
        "`text`: lines as the .ini file's formatters have them. `json`: one object on each line."),
    Key("log.requests", "log", "requests", parse.one_of("none", "changes", "all"),
        "Which requests are logged: `none`, `changes` (all but GET, HEAD and OPTIONS) or `all`. Those that "
        "were answered with 5xx always are."),
)  # fmt: skip

KEYS: tuple[Key, ...] = (
    _SERVER
    + _PYPI
    + _STORAGE
    + _DATABASES
    + _ACCESS
    + _CARGO
    + _JSR
    + _CATALOGUE
    + _UPSTREAM
    + _TRUST
    + _LIMITS
    + _LOG
)
BY_NAME: dict[str, Key] = {key.name: key for key in KEYS} | {key.alias: key for key in KEYS if key.alias}
