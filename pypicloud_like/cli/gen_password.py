"""``gen-password``: the hash of a password, for ``user.<name>`` lines."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pypicloud_like.access.passwords import Passwords
from pypicloud_like.cli import configuration, passwords


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    configuration.add_arguments(parser)
    passwords.add_argument(parser, "-i", "--password-stdin")


def run(args: Namespace) -> int:
    """Print the hash."""
    rules = configuration.read_settings(args).access
    hashed = Passwords(time_cost=rules.hash_rounds).hash(passwords.ask(from_stdin=args.password_stdin))
    print(hashed)
    return 0
