"""Keys of pypicloud that this server does not have, each with a sentence on what to do about it.

What chose a backend we lack, or changed what clients see, stops the start; what merely has no use
any more is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pypicloud_like.settings.given import Given, variable

_OFF = frozenset({"", "false", "0", "no", "off", "none"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Keys, as shell patterns, and the sentence. A fatal rule still only warns of ``harmless`` values."""

    keys: tuple[str, ...]
    sentence: str
    fatal: bool = False
    harmless: frozenset[str] = frozenset()

    def covers(self, given: Given) -> bool:
        """Whether this rule is about that key; variables are compared as they are spelled."""
        spelled = variable(given.key)
        return any(fnmatchcase(spelled, variable(pattern)) for pattern in self.keys)


RULES = (
    Rule(("storage.cloud_front_*",), "the cloudfront storage is not available; use pypi.storage = s3",
         fatal=True),
    Rule(("storage.gcp_*", "storage.iam_signer_*"),
         "the gcs storage is not available; use pypi.storage = s3 with its S3-compatible endpoint",
         fatal=True),
    Rule(("storage.storage_account_*", "storage.storage_container_name"),
         "the azure-blob storage is not available; use pypi.storage = s3 or file", fatal=True),
    Rule(("storage.use_accelerate_endpoint", "storage.proxies"),
         "is not supported; remove it and set storage.endpoint_url to the address to use", fatal=True,
         harmless=_OFF),
    Rule(("storage.use_ssl",), "is not needed; the scheme of storage.endpoint_url says it"),
    Rule(("storage.prepend_hash",), "is not needed; keys have no order that slows a store"),
    Rule(("storage.redirect_urls",),
         "is not needed; pages always link to this server. See pypi.stream_files"),
    Rule(("storage.public_url",), "is not needed; addresses of files are presigned. See storage.object_acl"),
    Rule(("storage.api_version", "storage.user_agent", "storage.user_agent_extra",
          "storage.parameter_validation", "storage.payload_signing_enabled"),
         "is not needed and has no effect"),
    Rule(("db.clustered",), "the redis cache is not available; use pypi.db = sql", fatal=True, harmless=_OFF),
    Rule(("db.region_name", "db.host", "db.port", "db.secure", "db.aws_*", "db.namespace", "db.tablenames"),
         "the dynamo cache is not available; use pypi.db = sql", fatal=True),
    Rule(("db.graceful_reload",), "is not needed; a rebuild never takes away what is there"),
    Rule(("db.poolclass", "db.echo", "db.echo_pool", "db.pool_recycle", "db.pool_timeout", "db.max_overflow",
          "db.pool_pre_ping", "db.isolation_level", "db.encoding", "db.convert_unicode"),
         "is not passed on; see db.pool_size and db.timeout"),
    Rule(("auth.ldap.*",), "the ldap backend is not available; use pypi.auth = sql or config", fatal=True),
    Rule(("auth.backend_server", "auth.user", "auth.password", "auth.uri.*"),
         "the remote backend is not available; use pypi.auth = sql or config", fatal=True),
    Rule(("auth.secret_id", "auth.region_name", "auth.kms_key_id", "auth.profile_name", "auth.aws_*"),
         "the aws_secrets_manager backend is not available; export its users and use pypi.auth = sql",
         fatal=True),
    Rule(("auth.db.*",), "is not passed on; see state.pool_size and state.timeout"),
    Rule(("auth.scheme",),
         "is not needed; passwords are hashed with argon2 and older hashes renewed at login"),
    Rule(("auth.rounds",), "is not needed; see auth.hash_rounds"),
    Rule(("session.*",), "is not needed; sessions are kept in the state database"),
    Rule(("pypi.use_json_scraper",), "is not needed; JSON is preferred and HTML understood"),
    Rule(("pypi.calculate_package_hashes",), "is not needed; hashes are always calculated"),
    Rule(("pypi.download_url",), "is not needed; set server.public_url"),
)  # fmt: skip

_SESSION = frozenset(
    {
        "auto",
        "cookie_domain",
        "cookie_expires",
        "cookie_path",
        "crypto_type",
        "data_dir",
        "data_serializer",
        "encrypt_key",
        "httponly",
        "id",
        "invalidate_corrupt",
        "key",
        "lock_dir",
        "samesite",
        "save_accessed_time",
        "secret",
        "serializer",
        "timeout",
        "type",
        "url",
        "use_cookies",
        "validate_key",
    }
)
"""What pypicloud's session library knew; other ``session.*`` keys are mistakes."""

_CHOICES = {
    "pypi.storage": {
        "cloudfront": "the cloudfront storage is not available; use s3",
        "gcs": "the gcs storage is not available; use s3 with the bucket's S3-compatible endpoint",
        "azure-blob": "the azure-blob storage is not available; use s3 or file",
    },
    "pypi.db": {
        "redis": "the redis cache is not available; use sql",
        "dynamo": "the dynamo cache is not available; use sql",
    },
    "pypi.auth": {
        "ldap": "the ldap backend is not available; use sql or config",
        "remote": "the remote backend is not available; use sql or config",
        "aws_secrets_manager": "the aws_secrets_manager backend is not available; use sql, import its users",
    },
}


def explain_choice(given: Given) -> str | None:
    """Why a choice that pypicloud knew is none here, or None."""
    if given.text.startswith("pypicloud.") and given.key in _CHOICES:
        return "a class of pypicloud does not fit; use one of the names this server knows"
    return _CHOICES.get(given.key, {}).get(given.text)


def rule_for(given: Given) -> Rule | None:
    """The rule about a key that is not ours, or None if pypicloud did not know it either."""
    if given.key.startswith("session.") and given.key.removeprefix("session.") not in _SESSION:
        return None
    return next((rule for rule in RULES if rule.covers(given)), None)


def judge(
    unknown: Collection[Given], *, fault: Callable[[str], None], warn: Callable[[str], None]
) -> list[Given]:
    """Tell of pypicloud's keys, one line for all keys of one rule; returns what nobody knows."""
    covered: dict[tuple[Rule, bool], list[Given]] = {}
    rest: list[Given] = []
    for given in unknown:
        rule = rule_for(given)
        if rule is None:
            rest.append(given)
        else:
            fatal = rule.fatal and given.text.lower() not in rule.harmless
            covered.setdefault((rule, fatal), []).append(given)
    for (rule, fatal), several in covered.items():
        tell = fault if fatal else warn
        tell(several[0].fault(rule.sentence) if len(several) == 1 else _together(several, rule.sentence))
    return rest


def _together(several: Collection[Given], sentence: str) -> str:
    return f"{', '.join(given.label for given in several)}: {sentence}"
