"""What a crate has to be like, rule by rule; the rules are those of crates.io.

What cargo itself depends on is refused. What only makes a crate easier to find and to judge is a warning,
and refused where a setting says so. Texts are cargo's and crates.io's, which people know to look up.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo import licenses
from pypicloud_like.ecosystems.cargo.metadata import Crate, Dependency
from pypicloud_like.ecosystems.cargo.names import (
    check_name,
    is_valid_alias,
    is_valid_name,
    shown,
)
from pypicloud_like.ecosystems.cargo.publish import Announced
from pypicloud_like.ecosystems.cargo.versions import check_version, is_requirement, normal_requirement

MAX_DESCRIPTION = 1000
MAX_DEPENDENCIES = 500
MAX_FEATURES = 300
MAX_LABELS = 5
MAX_LABEL = 20
MAX_TEXTS = 100_000
"""Characters of all that a manifest says for people. Lists and feeds hand it out for a hundred crates at
once, and a megabyte of it takes a kilobyte in an archive.
"""

_RUST_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,2}\Z", re.ASCII)
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*\Z", re.ASCII)
_CATEGORY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(::[a-z0-9]+(-[a-z0-9]+)*)*\Z", re.ASCII)
_FEATURE_REST = frozenset("_-+.")


def refused(reason: str) -> InvalidUpload:
    """The refusal of a crate."""
    return InvalidUpload("", reason)


def check_crate(crate: Crate) -> None:
    """Every rule that cargo depends on.

    :raises InvalidUpload: the first that is broken
    """
    for check in RULES:
        check(crate)


def warnings_of(crate: Crate) -> list[str]:
    """What crates.io would refuse and cargo can live with, as sentences."""
    return [sentence for advice in ADVICE for sentence in advice(crate)]


def check_agreement(announced: Announced, crate: Crate) -> None:
    """What cargo said beside the archive must be what its manifest says: one of them is what gets resolved,
    the other what gets compiled.

    :raises InvalidUpload: they differ
    """
    for what, said, found in (
        ("name", announced.name, crate.name),
        ("version", announced.version, crate.version),
        ("links", announced.links, crate.links),
    ):
        if said != found:
            raise refused(
                f"metadata {what} {shown(str(said))!r} does not match manifest {what} {shown(str(found))!r}"
            )
    if _features(announced.features) != _features(crate.features):
        raise refused("the features in the metadata do not match those in the manifest")
    said_all, found_all = (
        Counter(map(_essence, announced.dependencies)),
        Counter(map(_essence, crate.dependencies)),
    )
    for wrong in (said_all - found_all) + (found_all - said_all):
        raise refused(f"the dependency `{shown(wrong[0])}` differs between the metadata and the manifest")
    registries = {_essence(each): each.registry for each in crate.dependencies}
    for each in announced.dependencies:
        if each.registry != (found := registries[_essence(each)]):
            here, there = (shown(source or "this registry") for source in (found, each.registry))
            raise refused(
                f"the manifest has the dependency `{each.name}` from {here}, the metadata from {there}"
            )


def rule_name(crate: Crate) -> None:
    """:raises InvalidRequest: no crate may be called so"""
    check_name(crate.name)


def rule_version(crate: Crate) -> None:
    """:raises InvalidUpload: it is no semantic version, or too long"""
    check_version(crate.version)


def rule_rust_version(crate: Crate) -> None:
    """Cargo gives up a whole index line whose ``rust_version`` is anything but numbers."""
    if crate.rust_version is not None and not _RUST_VERSION.match(crate.rust_version):
        raise refused(f"invalid `rust-version` value {shown(crate.rust_version)!r}: digits and dots only")


def rule_features(crate: Crate) -> None:
    """Names that cargo accepts, and not so many that resolving them takes for ever."""
    if len(crate.features) > MAX_FEATURES:
        raise refused(f"a crate has at most {MAX_FEATURES} features")
    for name, values in crate.features.items():
        if not is_feature_name(name):
            raise refused(f'"{shown(name)}" is an invalid feature name')
        if len(values) > MAX_FEATURES:
            raise refused(f'the feature "{name}" enables more than {MAX_FEATURES} others')
        for value in values:
            if not is_feature_value(value):
                raise refused(f'"{shown(value)}" is an invalid feature name')


def rule_dependencies(crate: Crate) -> None:
    """Names, requirements, features and targets that cargo can read."""
    if len(crate.dependencies) > MAX_DEPENDENCIES:
        raise refused(f"a crate has at most {MAX_DEPENDENCIES} dependencies")
    for each in crate.dependencies:
        _check_dependency(each)


def rule_links(crate: Crate) -> None:
    """A name of a native library: one word."""
    if crate.links is not None and (not crate.links.strip() or not crate.links.isprintable()):
        raise refused("`links` must be the name of a library")


def rule_texts(crate: Crate) -> None:
    """What describes a crate is not what it consists of."""
    said = {key: value for key, value in crate.facts().items() if key not in {"deps", "features"}}
    if len(json.dumps(said, ensure_ascii=False)) > MAX_TEXTS:
        raise refused(f"what the manifest says of the crate is longer than {MAX_TEXTS} characters")


def advice_description(crate: Crate) -> Iterator[str]:
    """What it is, in not too many words."""
    if not (crate.description or "").strip():
        yield "missing or empty metadata fields: description"
    elif len((crate.description or "").encode()) > MAX_DESCRIPTION:
        yield f"the description is longer than {MAX_DESCRIPTION} bytes"


def advice_license(crate: Crate) -> Iterator[str]:
    """An SPDX expression, or a file."""
    if not crate.license and not crate.license_file:
        yield "missing or empty metadata fields: license"
    elif crate.license and not licenses.is_expression(crate.license):
        yield f"unknown or invalid license expression: {shown(crate.license)}"


def advice_addresses(crate: Crate) -> Iterator[str]:
    """Addresses that a page may link to."""
    for field, url in (
        ("homepage", crate.homepage),
        ("documentation", crate.documentation),
        ("repository", crate.repository),
    ):
        if url and not is_web_address(url):
            yield f"URL for field `{field}` must begin with http:// or https://: {shown(url)}"


def advice_keywords(crate: Crate) -> Iterator[str]:
    """Few, short, plain."""
    if len(crate.keywords) > MAX_LABELS:
        yield f"expected at most {MAX_LABELS} keywords per crate"
    for each in crate.keywords:
        if len(each) > MAX_LABEL or not _KEYWORD.match(each):
            yield f'"{shown(each)}" is an invalid keyword'


def advice_categories(crate: Crate) -> Iterator[str]:
    """Few, and spelt as slugs."""
    if len(crate.categories) > MAX_LABELS:
        yield f"expected at most {MAX_LABELS} categories per crate"


def advice_requirements(crate: Crate) -> Iterator[str]:
    """A dependency on whatever there will be breaks one day."""
    for each in crate.dependencies:
        if each.requirement == "*":
            yield f"wildcard (`*`) dependency constraint: {each.name}"


RULES: tuple[Callable[[Crate], None], ...] = (
    rule_name,
    rule_version,
    rule_rust_version,
    rule_features,
    rule_dependencies,
    rule_links,
    rule_texts,
)
ADVICE: tuple[Callable[[Crate], Iterator[str]], ...] = (
    advice_description,
    advice_license,
    advice_addresses,
    advice_keywords,
    advice_categories,
    advice_requirements,
)


def invalid_categories(crate: Crate) -> list[str]:
    """Categories that are no slugs."""
    return [each for each in crate.categories if not _CATEGORY.match(each)]


def is_web_address(text: str) -> bool:
    """Whether a text may stand in a link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable()


def is_feature_name(name: str) -> bool:
    """Whether a feature may be called so (Cargo reference, "Features"): Unicode letters, digits and ``_``
    first, after that also ``-``, ``+`` and ``.``.
    """
    if not name or len(name) > 200 or not (f"_{name[0]}".isidentifier() or name[0] == "_"):
        return False
    return all(f"_{each}".isidentifier() or each in _FEATURE_REST for each in name)


def is_feature_value(value: str) -> bool:
    """What a feature may enable: another one, ``dep:name``, ``name/feature`` or ``name?/feature``."""
    if value.startswith("dep:"):
        return is_valid_alias(value.removeprefix("dep:"))
    crate, slash, feature = value.partition("/")
    if slash:
        return is_valid_alias(crate.removesuffix("?")) and is_feature_name(feature)
    return is_feature_name(value)


def _check_dependency(each: Dependency) -> None:
    if not is_valid_name(each.crate):
        raise refused(f'"{shown(each.crate)}" is an invalid dependency name')
    if not is_valid_alias(each.name):
        raise refused(f'"{shown(each.name)}" is an invalid dependency name')
    if not is_requirement(each.requirement):
        raise refused(f'"{shown(each.requirement)}" is an invalid version requirement')
    if len(each.features) > MAX_FEATURES or not all(map(is_feature_value, each.features)):
        raise refused(f"the dependency {each.name} has an invalid feature name")
    if each.target is not None and (not each.target.isprintable() or not each.target.strip()):
        raise refused(f"the dependency {each.name} has an invalid target")
    if each.registry is not None and not is_index_address(each.registry):
        raise refused(f"the dependency {each.name} has an invalid registry")


def is_index_address(text: str) -> bool:
    """Whether a text is the address of an index: ``sparse+https://…/``, or that of a git repository."""
    kind, plus, url = text.rpartition("+")
    if plus and kind not in {"sparse", "registry"}:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and text.isprintable() and " " not in text


def _essence(each: Dependency) -> tuple[str, object]:
    """A dependency as far as its two descriptions have to agree: its name, and the rest spelt in one way."""
    target = re.sub(r"\s+", "", each.target or "").replace(",)", ")")
    requirement, features = normal_requirement(each.requirement), frozenset(each.features)
    return each.name, (
        each.crate,
        requirement,
        features,
        each.optional,
        each.default_features,
        target,
        each.kind,
    )


def _features(features: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in features.items()}


def refuse_what_crates_io_refuses(crate: Crate) -> None:
    """Of what is only warned of otherwise.

    :raises InvalidUpload: crates.io would not take the crate
    """
    wrong = warnings_of(crate) or [f"unknown category: {each}" for each in invalid_categories(crate)]
    if wrong:
        raise InvalidUpload("", wrong[0])
