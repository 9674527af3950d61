"""One rule after the other."""

from dataclasses import replace

import pytest

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.ecosystems.cargo import checks
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO, Crate, Dependency
from pypicloud_like.ecosystems.cargo.publish import Announced

GOOD = Crate(name="demo", version="0.1.0", description="A demo", license="MIT")


def refused(check, *words, **changed):
    with pytest.raises(InvalidRequest) as caught:
        check(replace(GOOD, **changed))
    for word in words:
        assert word in str(caught.value)


def test_a_good_crate():
    checks.check_crate(GOOD)
    assert checks.warnings_of(GOOD) == []


def test_every_rule_is_applied():
    rules = {value for name, value in vars(checks).items() if name.startswith("rule_")}
    advice = {value for name, value in vars(checks).items() if name.startswith("advice_")}
    assert (set(checks.RULES), set(checks.ADVICE)) == (rules, advice)


def test_name():
    refused(checks.rule_name, "name", name="1x")
    refused(checks.rule_name, "reserved", name="std")


def test_version():
    refused(checks.rule_version, "semver", version="1.0")


@pytest.mark.parametrize("text", ["1", "1.70", "1.70.0"])
def test_rust_version(text):
    checks.rule_rust_version(replace(GOOD, rust_version=text))


@pytest.mark.parametrize("text", [">=1.60", "1.70-nightly", "1.x", "", "stable", "1.70.0.0", "01.2"])
def test_no_rust_version(text):
    refused(checks.rule_rust_version, "rust-version", rust_version=text)


@pytest.mark.parametrize("name", ["a", "_x", "1", "c++20", "über", "a-b.c", "serde1"])
def test_feature_names(name):
    checks.rule_features(replace(GOOD, features={name: ("dep:x", "x?/y", "x/y", name)}))


@pytest.mark.parametrize("name", ["", "-a", "+a", ".a", "a b", "a/b", "dep:a", "a\n", "a" * 201])
def test_no_feature_names(name):
    refused(checks.rule_features, "feature", features={name: ()})


@pytest.mark.parametrize("value", ["", "dep:", "dep:1", "x?/", "/y", "x//y", "x??/y", "a b"])
def test_no_feature_values(value):
    refused(checks.rule_features, "feature", features={"a": (value,)})


def test_not_too_many_features():
    checks.rule_features(replace(GOOD, features={f"f{number}": () for number in range(300)}))
    refused(checks.rule_features, "300", features={f"f{number}": () for number in range(301)})
    refused(checks.rule_features, "300", features={"a": tuple(f"f{number}" for number in range(301))})


@pytest.mark.parametrize(
    "dependency",
    [
        Dependency("1x", "^1"),
        Dependency("_x", "^1"),
        Dependency("ok", "^1", package="_x"),
        Dependency("a b", "^1", package="x"),
        Dependency("x", "nonsense"),
        Dependency("x", ""),
        Dependency("x", "^1", features=("a b",)),
        Dependency("x", "^1", target="a\nb"),
        Dependency("x", "^1", target=" "),
        Dependency("x", "^1", registry="nonsense"),
        Dependency("x", "^1", registry="odd+https://x/"),
        Dependency("x", "^1", registry="sparse+https://x/ y"),
    ],
)
def test_no_dependencies(dependency):
    refused(
        checks.rule_dependencies,
        "dependenc" if dependency.requirement == "^1" else "requirement",
        dependencies=(dependency,),
    )


@pytest.mark.parametrize(
    "dependency",
    [
        Dependency("x", "*"),
        Dependency("_x", "^1", package="x"),
        Dependency("x", ">=0.1, <2", target="cfg(any(unix, windows))", features=("a/b", "a?/b")),
        Dependency("x", "^1", registry=CRATES_IO),
        Dependency("x", "^1", registry="sparse+https://third.example.org/index/"),
        Dependency("x", "^1", registry="ssh://git@git.example.org/index.git"),
    ],
)
def test_dependencies(dependency):
    checks.rule_dependencies(replace(GOOD, dependencies=(dependency,)))


def test_not_too_many_dependencies():
    refused(checks.rule_dependencies, "500", dependencies=(Dependency("x", "^1"),) * 501)


@pytest.mark.parametrize("field", ["description", "license", "homepage", "readme_file"])
def test_not_too_many_words(field):
    refused(checks.rule_texts, "longer", **{field: "x" * checks.MAX_TEXTS})
    checks.rule_texts(replace(GOOD, **{field: "ü" * 90_000}))
    refused(checks.rule_texts, "longer", keywords=tuple(map(str, range(30_000))))
    checks.rule_texts(replace(GOOD, features={f"f{number}": ("x" * 200,) for number in range(3000)}))


def test_links():
    refused(checks.rule_links, "links", links=" ")
    refused(checks.rule_links, "links", links="a\nb")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"description": None}, "description"),
        ({"description": "  "}, "description"),
        ({"description": "ä" * 501}, "1000"),
        ({"license": None}, "license"),
        ({"license": "Nonsense-1.0"}, "license expression"),
        ({"homepage": "javascript:alert(1)"}, "homepage"),
        ({"documentation": "example.org"}, "documentation"),
        ({"repository": "http://[::1"}, "repository"),
        ({"keywords": ("a",) * 6}, "5 keywords"),
        ({"keywords": ("a" * 21,)}, "invalid keyword"),
        ({"keywords": ("-a",)}, "invalid keyword"),
        ({"categories": ("a",) * 6}, "5 categories"),
        ({"dependencies": (Dependency("x", "*"),)}, "wildcard"),
    ],
)
def test_advice(changed, word):
    (told,) = checks.warnings_of(replace(GOOD, **changed))
    assert word in told
    checks.check_crate(replace(GOOD, **changed))


def test_what_is_as_good_needs_no_advice():
    for changed in (
        {"license": None, "license_file": "LICENSE"},
        {"license": "MIT/Apache-2.0"},
        {"license": "(MIT OR Apache-2.0) AND Unicode-3.0"},
    ):
        assert checks.warnings_of(replace(GOOD, **changed)) == []


def test_categories_that_are_no_slugs():
    crate = replace(GOOD, categories=("science", "a::b-c", "No Slug", "x_y"))
    assert checks.invalid_categories(crate) == ["No Slug", "x_y"]


DEPENDENCY = Dependency("alias", "^0.2", "real", ("a", "b"), optional=True, target='cfg(target_os = "linux")')


def agree(crate=GOOD, *, dependencies=None, features=None, **said):
    said = {"name": crate.name, "version": crate.version, "links": crate.links} | said
    said["dependencies"] = crate.dependencies if dependencies is None else dependencies
    said["features"] = crate.features if features is None else features
    checks.check_agreement(Announced(**said), crate)


def test_agreement():
    crate = replace(GOOD, dependencies=(DEPENDENCY, DEPENDENCY), features={"a": ("b", "c")}, links="z")
    agree(crate)
    agree(crate, features={"a": ("c", "b")})
    other_spelling = replace(
        DEPENDENCY, requirement="0.2", features=("b", "a"), target='cfg(target_os="linux")'
    )
    agree(crate, dependencies=(DEPENDENCY, other_spelling))


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"name": "other"}, "name"),
        ({"name": "Demo"}, "name"),
        ({"version": "0.2.0"}, "version"),
        ({"links": "z"}, "links"),
        ({"features": {"x": ()}}, "features"),
        ({"dependencies": ()}, "alias"),
        ({"dependencies": (DEPENDENCY, DEPENDENCY)}, "alias"),
        *(
            ({"dependencies": (replace(DEPENDENCY, **each),)}, "alias")
            for each in (
                {"requirement": "^0.3"},
                {"package": "evil"},
                {"package": None},
                {"features": ("a",)},
                {"optional": False},
                {"default_features": False},
                {"target": "cfg(windows)"},
                {"kind": "dev"},
                {"registry": CRATES_IO},
                {"registry": "sparse+https://evil.example.org/"},
            )
        ),
    ],
)
def test_disagreement(changed, word):
    with pytest.raises(InvalidRequest, match=word):
        agree(replace(GOOD, dependencies=(DEPENDENCY,)), **changed)
