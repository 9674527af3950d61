"""Asking for a password: twice at a terminal, or one line of standard input."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass

from pypicloud_like.core.errors import InvalidRequest


def add_argument(parser: ArgumentParser, *names: str) -> None:
    """The option that says the password comes from standard input."""
    parser.add_argument(
        *names, dest="password_stdin", action="store_true", help="read the password from standard input"
    )


def ask(*, from_stdin: bool) -> str:
    """The password, without the end of its line.

    :raises InvalidRequest: it is empty, or the two entries differ
    """
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass("Password: ")
        if password != getpass("The same again: "):
            raise InvalidRequest("password", "the two are not the same")
    if not password:
        raise InvalidRequest("password", "must not be empty")
    return password
