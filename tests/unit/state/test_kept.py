"""What is kept holds until the database moves, and never longer."""

from __future__ import annotations

from pypicloud_like.state.kept import Kept


class Fact:
    """A value in a database that counts its changes and its readers."""

    def __init__(self) -> None:
        self.value: str | None = "first"
        self.at = 1
        self.reads = 0

    def moved(self) -> int:
        return self.at

    def read(self) -> str | None:
        self.reads += 1
        return self.value

    def change(self, value: str | None) -> None:
        self.value = value
        self.at += 1


def test_read_once_while_nothing_moves():
    fact = Fact()
    kept = Kept(fact.moved, limit=10)
    assert [kept.get("key", fact.read) for _ in range(3)] == ["first"] * 3
    assert fact.reads == 1


def test_read_again_after_a_move():
    fact = Fact()
    kept = Kept(fact.moved, limit=10)
    kept.get("key", fact.read)
    fact.change("second")
    assert kept.get("key", fact.read) == "second"
    fact.change(None)
    assert kept.get("key", fact.read) is None


def test_what_is_not_there_is_asked_again():
    fact = Fact()
    fact.value = None
    kept = Kept(fact.moved, limit=10)
    assert kept.get("key", fact.read) is None
    fact.value = "made without a move"
    assert kept.get("key", fact.read) == "made without a move"


def test_a_slow_reader_does_not_bring_back_the_past():
    fact = Fact()
    kept = Kept(fact.moved, limit=10)

    def read_slowly() -> str | None:
        old = fact.read()
        fact.change("second")
        assert kept.get("other key", fact.read) == "second"  # somebody else notices the move meanwhile
        return old

    assert kept.get("key", read_slowly) == "first"
    assert kept.get("key", fact.read) == "second"


def test_a_reader_with_an_older_number_neither_clears_nor_uses_the_newer_values():
    fact = Fact()
    kept = Kept(fact.moved, limit=10)
    fact.change("second")
    kept.get("key", fact.read)
    fact.at -= 1
    fact.value = "as read before"
    assert kept.get("key", fact.read) == "as read before"
    fact.at += 1
    assert kept.get("key", fact.read) == "second"


def test_the_least_recently_used_goes_first():
    fact = Fact()
    kept = Kept(fact.moved, limit=2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, fact.read)
    assert fact.reads == 3
    kept.get("a", fact.read)
    assert fact.reads == 3
    kept.get("b", fact.read)
    assert fact.reads == 4
