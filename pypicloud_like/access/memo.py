"""Answers kept in memory while what they were worked out from stands still."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """At most ``most`` answers, all of one generation. Threads may share it without a lock.

    The generation is what moves with the facts behind the answers. Ask for it *before* the facts: an
    answer kept under it is then never older than it says.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: tuple[Hashable, dict[K, V]] = (None, {})

    def get(self, generation: Hashable, key: K) -> V | None:
        """The answer kept for ``key`` in this generation, or None."""
        kept, answers = self._kept
        return answers.get(key) if kept == generation else None

    def put(self, generation: Hashable, key: K, answer: V) -> None:
        """Keep an answer. Those of any other generation are gone, and all when it gets too many."""
        kept, answers = self._kept
        if kept != generation or len(answers) >= self._most:
            self._kept = generation, {key: answer}
        else:
            answers[key] = answer
