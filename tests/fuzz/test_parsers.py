"""Every parser of strangers' bytes reads or refuses them, and soon: the corpus, and some inputs by chance."""

from __future__ import annotations

import random
import time

import pytest

from tests.fuzz.fuzzing import Campaign, Fault, Mutator, corpus, read
from tests.fuzz.parsers import PARSERS, Parser

SECONDS = 0.3
SEED = random.randrange(10**9)


@pytest.mark.promise(96, 97, 98, 99)
@pytest.mark.parametrize("name", PARSERS)
def test_seeds_and_corpus(name):
    parser = PARSERS[name]
    for raw in [*parser.seeds, *corpus(name).values()]:
        read(parser, raw, name=name)
    assert any(read(parser, raw, name=name) for raw in parser.seeds), "not one seed is right"


@pytest.mark.promise(96, 97, 98)
@pytest.mark.parametrize("name", PARSERS)
def test_inputs_by_chance(name):
    parser = PARSERS[name]
    chance = random.Random(f"{SEED} {name}")
    mutator = Mutator(chance, parser.words)
    inputs = [*parser.seeds, *corpus(name).values()]
    end = time.monotonic() + SECONDS
    tried = 0
    while time.monotonic() < end or tried < 5:
        raw = mutator.changed(chance.choice(inputs), chance.choice(inputs))
        read(parser, raw, name=f"seed {SEED}, {name}")
        tried += 1


def test_a_fault_is_found(monkeypatch):
    def careless(raw: bytes) -> object:
        return {}[raw] if b"x" in raw else None

    monkeypatch.setitem(PARSERS, "careless", Parser(careless, (ValueError,), [b"abc"], [b"x"]))
    campaign = Campaign("careless", random.Random(1))
    campaign.begin()
    assert campaign.faults == {}
    campaign.run(0.5)
    assert list(campaign.faults) == [f"KeyError at test_parsers.py:{careless.__code__.co_firstlineno + 1}"]


def test_what_does_not_end_is_a_fault(monkeypatch):
    def endless(_raw: bytes) -> object:
        while True:
            pass

    monkeypatch.setattr("tests.fuzz.fuzzing.PATIENCE", 0.1)
    with pytest.raises(Fault, match="TooSlow"):
        read(Parser(endless, (), [b""]), b"")
