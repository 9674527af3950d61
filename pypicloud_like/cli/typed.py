"""Types of arguments."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

from pypicloud_like.core.errors import InvalidRequest

T = TypeVar("T")


def argument(read: Callable[[str], T]) -> Callable[[str], T]:
    """What reads a text elsewhere, as argparse wants it: its complaint is told as it is."""

    def typed(text: str) -> T:
        try:
            return read(text)
        except InvalidRequest as error:
            raise ArgumentTypeError(error.reason) from error
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return typed
