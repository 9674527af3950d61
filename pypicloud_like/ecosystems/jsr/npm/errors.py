"""Why a version has no npm form, or not yet."""

from __future__ import annotations

from pypicloud_like.core.errors import Unavailable

EXTRA = "pip install 'pypicloud-like[jsr-npm]'"


class Inconvertible(Exception):
    """A version cannot be converted; the sentence may be told to whoever may read it. ``detail`` is for the
    log alone.
    """

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail


class NoTranspiler(Inconvertible):
    """It has TypeScript, and nothing here can convert that."""

    def __init__(self) -> None:
        super().__init__(
            "it is written in TypeScript, and this server has nothing that converts it;"
            f" its administrator can add that: {EXTRA}"
        )


class StillConverting(Unavailable):
    """It is being converted, or waits for its turn."""

    def __init__(self) -> None:
        super().__init__("npm form", retry_after=5)

    def __str__(self) -> str:
        return "This package is being converted for npm; try again in some seconds"
