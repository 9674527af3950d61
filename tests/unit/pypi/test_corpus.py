"""Every hostile file of the corpus is refused: for its own reason, quickly, in little memory."""

import tracemalloc

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi.inspect import inspect, inspect_legacy
from tests.corpus import Case, tars, zips
from tests.support.cost import cpu_below

CASES = {
    **{f"zip: {name}": case for name, case in zips.CASES.items()},
    **{f"tar: {name}": case for name, case in tars.CASES.items()},
}
SKIP_PHRASES = (
    "already exist",
    "updating asset",
    "cannot be updated",
    "already been taken",
    "overwrite artifact",
)


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.mark.promise(94, 95, 97)
def test_is_refused_for_its_reason(case: Case) -> None:
    built = case.make()
    with cpu_below(5), pytest.raises(InvalidUpload) as refusal:
        inspect(built.filename, built.stream(), built.size)
    sentence = str(refusal.value)
    assert refusal.value.field in {"content", "filename", "name"}
    assert case.reason in sentence
    assert sentence.isascii()
    assert sentence.isprintable()
    assert len(sentence) < 300
    assert not any(phrase in sentence.lower() for phrase in SKIP_PHRASES)


def test_is_read_without_surprise_when_adopted(case: Case) -> None:
    built = case.make()
    with cpu_below(10):
        try:
            found = inspect_legacy(built.filename, built.stream(), built.size)
        except InvalidUpload:
            found = None
    assert found is None or (found.project, found.version) == ("foo", "1.0")


def test_the_sound_ones_pass() -> None:
    for built in (zips.wheel(), tars.sdist()):
        assert inspect(built.filename, built.stream(), built.size).project == "foo"


@pytest.mark.parametrize(
    "name", ["zip: bomb", "zip: bomb behind a small size", "tar: bomb", "tar: gzip bomb of no tar"]
)
def test_bombs_stay_small(name: str) -> None:
    built = CASES[name].make()
    stream = built.stream()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidUpload):
            inspect(built.filename, stream, built.size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024
