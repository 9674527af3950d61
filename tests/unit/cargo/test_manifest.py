"""Manifests, normalised by cargo or made by hand."""

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.cargo.manifest import read_manifest
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO, Dependency
from tests.builders import cargo_toml
from tests.support.cost import cpu_below

OWN = "sparse+https://pkgs.example.org/cargo/index/"


def read(rest="", *, files=("Cargo.toml", "src/lib.rs"), **package):
    return read_manifest(cargo_toml(package=package, rest=rest).encode(), files, {OWN})


def refused(raw, *words):
    with pytest.raises(InvalidUpload) as caught:
        read_manifest(raw if isinstance(raw, bytes) else raw.encode(), (), {OWN})
    for word in ("Cargo.toml", *words):
        assert word in str(caught.value)


def test_what_it_says_of_itself():
    crate = read(
        authors=["Ann <ann@example.org>"],
        homepage="https://example.org",
        documentation="https://docs.example.org",
        repository="https://git.example.org/demo",
        keywords=["a", "b"],
        categories=["science"],
        links="z",
        readme="docs/README.md",
        **{"rust-version": "1.70", "license-file": "LICENSE"},
    )
    assert (crate.name, crate.version, crate.edition) == ("demo", "0.1.0", "2021")
    assert (crate.description, crate.license, crate.license_file) == ("A demo", "MIT", "LICENSE")
    assert (crate.links, crate.rust_version, crate.readme_file) == ("z", "1.70", "docs/README.md")
    assert (crate.authors, crate.keywords, crate.categories) == (
        ("Ann <ann@example.org>",),
        ("a", "b"),
        ("science",),
    )
    assert crate.homepage == "https://example.org"
    facts = crate.facts()
    assert facts["keywords"] == ["a", "b"]
    assert facts["deps"] == []


def test_dependencies_of_every_kind():
    crate = read(
        f"""
[dependencies]
plain = "1"
[dependencies.alias]
version = "0.2"
package = "real"
registry-index = "{OWN}"
optional = true
default-features = false
features = ["f"]
[dependencies.third]
version = ">=1, <2"
registry-index = "sparse+https://third.example.org/"
[dev-dependencies.plain]
version = "1.5"
[dev-dependencies.by_path]
path = "../x"
[build-dependencies]
maker = "*"
[target."cfg(unix)".dependencies.plain]
version = "2"
[target.'cfg(unix)'.dev-dependencies]
other = "3"
"""
    )
    assert list(crate.dependencies) == [
        Dependency("plain", "^1", registry=CRATES_IO),
        Dependency("alias", "^0.2", "real", ("f",), optional=True, default_features=False),
        Dependency("third", ">=1, <2", registry="sparse+https://third.example.org/"),
        Dependency("plain", "^1.5", kind="dev", registry=CRATES_IO),
        Dependency("maker", "*", kind="build", registry=CRATES_IO),
        Dependency("plain", "^2", target="cfg(unix)", registry=CRATES_IO),
        Dependency("other", "^3", target="cfg(unix)", kind="dev", registry=CRATES_IO),
    ]


def test_old_spellings():
    crate = read(
        '[dev_dependencies]\na = "1"\n[build_dependencies.b]\nversion = "1"\ndefault_features = false\n'
    )
    assert {(each.name, each.kind, each.default_features) for each in crate.dependencies} == {
        ("a", "dev", True),
        ("b", "build", False),
    }


def test_of_one_name_normal_ones_come_first():
    crate = read('[dev-dependencies]\na = "1"\n[build-dependencies]\na = "1"\n[dependencies]\na = "1"\n')
    assert [each["kind"] for each in crate.facts()["deps"]] == ["normal", "build", "dev"]


def test_features():
    crate = read('[features]\ndefault = ["std"]\nstd = []\nweak = ["x?/y", "dep:x"]\n')
    assert crate.features == {"default": ("std",), "std": (), "weak": ("x?/y", "dep:x")}


@pytest.mark.parametrize(
    ("files", "rest", "has_lib", "names"),
    [
        (["src/lib.rs"], "", True, []),
        (["src/main.rs"], "", False, ["demo"]),
        (
            ["src/lib.rs", "src/bin/one.rs", "src/bin/two/main.rs", "src/bin/two/x.rs"],
            "",
            True,
            ["one", "two"],
        ),
        (["lib.rs"], '[lib]\npath = "lib.rs"\n[[bin]]\nname = "tool"\npath = "x.rs"\n', True, ["tool"]),
    ],
)
def test_libraries_and_programs(files, rest, has_lib, names):
    crate = read(rest, files=files)
    assert crate.has_lib is has_lib
    assert list(crate.bin_names) == names


def test_programs_that_are_not_looked_for():
    crate = read(files=["src/main.rs", "src/lib.rs"], autobins=False, autolib=False)
    assert (crate.has_lib, crate.bin_names) == (False, ())


def test_the_readme_is_found():
    assert read(files=["README.md", "README"]).readme_file == "README.md"
    assert read(files=["x"]).readme_file is None
    assert read(files=["README.md"], readme=False).readme_file is None


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "[package]"),
        (b"[package", ""),
        (b"\xff", "UTF-8"),
        (cargo_toml(rest="[patch.crates-io]\nx = '1'\n"), "patch"),
        (cargo_toml(rest="[dependencies]\nx.workspace = true\n"), "workspace"),
        (
            cargo_toml(package={"version": None}, rest="").replace(
                "[package]", "[package]\nversion.workspace = true"
            ),
            "workspace",
        ),
        (cargo_toml(rest="[dependencies]\nx = 1\n"), "x"),
        ("dependencies = 1\n" + cargo_toml(), "dependencies"),
        (cargo_toml(rest='[features]\nx = "y"\n'), "x"),
        (cargo_toml(package={"keywords": "a"}), "keywords"),
        (cargo_toml(package={"description": 1}), "description"),
        (cargo_toml(rest="[bin]\n"), "bin"),
        (cargo_toml(rest="[target]\nx = 1\n"), "target"),
        (b"#" * (1024 * 1024 + 1), "larger"),
        (b"x = " + b"[" * 100_000, ""),
        (b"." * 1000 + b" = 1", ""),
    ],
)
def test_no_manifest(raw, word):
    refused(raw, word)


def test_texts_that_no_database_takes():
    with pytest.raises(InvalidUpload):
        read_manifest(cargo_toml(package={"description": "a\u0000b"}).encode(), (), ())


@pytest.mark.promise(98)
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{'.'.join(['a'] * 200)}{number} = 1" for number in range(2000)),
        "a" + ".a" * 100_000,  # no "=": the parser finds that at the end
        '["\u2028"' + ".a" * 100_000 + '."\u2028"]',  # what ends a line elsewhere does not in TOML
        f"[{'.'.join(['a'] * 200)}]\n" + "\n".join(f"b{n}{'.a' * 190} = 1" for n in range(2000)),
    ],
    ids=["many keys", "no key", "one header", "keys in a deep table"],
)
def test_dotted_keys_do_not_take_for_ever(text):
    with cpu_below(2):
        refused(f"{text}\n", "too many parts")


def test_many_dots_where_they_are_harmless():
    assert read(description="." * 500, include=["src/a.rs"] * 300).description == "." * 500
