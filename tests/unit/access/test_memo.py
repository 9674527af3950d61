"""Answers kept while their source stands still."""

from pypicloud_like.access.memo import Memo


def test_an_answer_lives_as_long_as_its_generation():
    memo = Memo(10)
    memo.put((1, 1), "a", "answer")
    assert memo.get((1, 1), "a") == "answer"
    assert memo.get((1, 2), "a") is None
    assert memo.get((1, 1), "b") is None


def test_what_was_worked_out_too_late_is_not_believed():
    memo = Memo(10)
    memo.put(2, "a", "new")
    memo.put(1, "a", "old")  # asked before the move, answered after it
    assert memo.get(2, "a") is None
    memo.put(2, "a", "new")
    assert memo.get(2, "a") == "new"


def test_it_does_not_grow_without_bound():
    memo = Memo(3)
    for number in range(100):
        memo.put(1, number, number)
    assert sum(memo.get(1, number) is not None for number in range(100)) <= 3
    assert memo.get(1, 99) == 99
