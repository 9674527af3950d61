"""Index lines: every field, and the same bytes for the same records."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pypicloud_like.core.model import Action, Blob, Stamp
from pypicloud_like.ecosystems.cargo.drafts import draft_of
from pypicloud_like.ecosystems.cargo.index import render, split_features
from pypicloud_like.ecosystems.cargo.metadata import CRATES_IO, Crate, Dependency
from tests.support.cost import cpu_below

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
CKSUM = "ab" * 32


def record(version="1.0.0", *, name="Demo-Lib", at=AT, yanked=None, **crate):
    draft = draft_of(Crate(name=name, version=version, **crate), stamp=Stamp(Action.UPLOAD, "ann", at))
    return replace(draft, blob=Blob("key", 10, CKSUM), yanked=yanked)


def test_a_line_as_it_stands():
    crate = record(
        "1.0.7+x",
        links="z",
        rust_version="1.70",
        dependencies=(
            Dependency("serde", "^1", registry=CRATES_IO, features=("derive",)),
            Dependency("alias", "^0.2", package="real-name", optional=True, default_features=False),
            Dependency("serde", "^1", kind="dev", target="cfg(unix)"),
        ),
        features={"weak": ("alias?/extra",), "default": ("std",), "std": ()},
    )
    assert render([crate]).decode() == (
        '{"name":"Demo-Lib","vers":"1.0.7+x","deps":['
        '{"name":"alias","req":"^0.2","features":[],"optional":true,"default_features":false,"target":null,'
        '"kind":"normal","registry":null,"package":"real-name"},'
        '{"name":"serde","req":"^1","features":["derive"],"optional":false,"default_features":true,'
        '"target":null,"kind":"normal","registry":"https://github.com/rust-lang/crates.io-index",'
        '"package":null},'
        '{"name":"serde","req":"^1","features":[],"optional":false,"default_features":true,'
        '"target":"cfg(unix)","kind":"dev","registry":null,"package":null}],'
        f'"cksum":"{CKSUM}","features":{{"default":["std"],"std":[]}},'
        '"features2":{"weak":["alias?/extra"]},"yanked":false,"links":"z","rust_version":"1.70",'
        '"pubtime":"2026-01-02T03:04:05Z","v":2}\n'
    )


def test_a_line_of_little():
    (line,) = render([record()]).decode().splitlines()
    assert json.loads(line) == {
        "name": "Demo-Lib",
        "vers": "1.0.0",
        "deps": [],
        "cksum": CKSUM,
        "features": {},
        "yanked": False,
        "links": None,
        "pubtime": "2026-01-02T03:04:05Z",
    }


def test_yanking_changes_one_word():
    before, after = (render([record(yanked=yanked)]) for yanked in (None, "because"))
    assert before != after
    assert after == before.replace(b'"yanked":false', b'"yanked":true')


def test_in_the_order_of_publishing_whatever_happened_later():
    later = record("0.1.0", at=AT.replace(hour=5))
    earlier = replace(record("2.0.0"), serial=99)
    lines = [json.loads(line)["vers"] for line in render([later, earlier]).splitlines()]
    assert lines == ["2.0.0", "0.1.0"]
    together = [record("1.10.0"), record("1.9.0"), record("1.10.0-rc.1")]
    assert [json.loads(line)["vers"] for line in render(together).splitlines()] == [
        "1.9.0",
        "1.10.0-rc.1",
        "1.10.0",
    ]


def test_text_of_any_language_and_line_separators_stay_in_one_line():
    raw = render([record(links="über\u2028\x85")])
    assert raw.count(b"\n") == 1
    assert json.loads(raw)["links"] == "über\u2028\x85"


@pytest.mark.parametrize(
    ("features", "extended"),
    [
        ({"a": ["b"], "b": []}, set()),
        ({"a": ["dep:x"]}, {"a"}),
        ({"a": ["x?/y"], "b": ["x/y"]}, {"a"}),
        ({"a": ["b"], "b": ["c"], "c": ["dep:x"], "d": []}, {"a", "b", "c"}),
        ({"default": ["a"], "a": ["default", "dep:x"]}, {"default", "a"}),
    ],
)
def test_new_syntax_is_kept_out_of_sight_of_old_versions(features, extended):
    plain, new = split_features(features)
    assert set(new) == extended
    assert plain.keys() | new.keys() == features.keys()
    assert {**plain, **new} == features


def test_a_long_chain_of_features_is_split_quickly():
    names = [f"f{number}" for number in range(300)]
    other = [f"x{number}" for number in range(297)]
    features = {name: [*other, above] for name, above in zip(names, [*names[1:], "dep:z"], strict=True)}
    with cpu_below(10):
        for _ in range(100):
            plain, new = split_features(features)
    assert (plain, new.keys()) == ({}, set(names))
