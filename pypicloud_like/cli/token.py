"""``token``: add, list and revoke API tokens, with every access backend."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import datetime, timedelta

from pypicloud_like.access.names import parse_pattern
from pypicloud_like.access.policy import PACKAGE_ACTS, Act
from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import account_of, run_action
from pypicloud_like.cli.typed import argument
from pypicloud_like.core.model import Scope, Token
from pypicloud_like.core.records import time_text
from pypicloud_like.registry.services import Services

LONGEST_DAYS = 36500


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    add = actions.add_parser("add", help="make a token; it is the last word printed, and shown this once")
    add.add_argument("user")
    add.add_argument("--name", required=True, metavar="LABEL", help="what it is for")
    add.add_argument("--expires", type=_days, metavar="DAYS", help="end after so many days (default: never)")
    scope = add.add_mutually_exclusive_group()
    scope.add_argument("--read-only", action="store_true", help="the same as --actions read")
    scope.add_argument(
        "--actions",
        type=_acts,
        metavar="ACTION,…",
        help=f"what it may do at most, of {', '.join(Act)} (default: all but admin and account)",
    )
    add.add_argument(
        "--project",
        action="append",
        type=argument(parse_pattern),
        metavar="PROJECT",
        help="only for this project, or a pattern such as jsr:@scope/* or cargo:foo*; may be repeated"
        " (default: all)",
    )
    add.set_defaults(act=_add)

    listing = actions.add_parser("list", help="list a user's tokens, without their secrets")
    listing.add_argument("user")
    listing.set_defaults(act=_list)

    revoke = actions.add_parser("revoke", help="end a token at once")
    revoke.add_argument("user")
    revoke.add_argument("id", help="as `token list` shows it")
    revoke.set_defaults(act=_revoke)

    for action in (add, listing, revoke):
        configuration.add_arguments(action)


run = run_action


def _add(services: Services, args: Namespace) -> None:
    owner = account_of(services, args.user)
    acts = frozenset({Act.READ}) if args.read_only else args.actions or PACKAGE_ACTS
    scope = Scope(frozenset(map(str, acts)), frozenset(args.project) if args.project else None)
    expires_at = services.clock() + timedelta(days=args.expires) if args.expires else None
    secret, token = services.state.add_token(owner.name, args.name, scope, expires_at=expires_at)
    print(f"Token {token.id} of {owner.name}, shown this once: {secret}")


def _list(services: Services, args: Namespace) -> None:
    for token in services.state.tokens(account_of(services, args.user).name):
        print(_line(token))


def _revoke(services: Services, args: Namespace) -> None:
    services.state.revoke_token(account_of(services, args.user).name, args.id, actor=None)
    print(f"Revoked {args.id}")


def _line(token: Token) -> str:
    projects = "all" if token.scope.projects is None else ",".join(sorted(map(str, token.scope.projects)))
    return "\t".join(
        [
            token.id,
            token.label,
            f"actions={','.join(sorted(token.scope.actions))}",
            f"projects={projects}",
            f"created={_moment(token.created_at)}",
            f"expires={_moment(token.expires_at)}",
            f"used={_moment(token.last_used_at)}",
        ]
    )


def _moment(moment: datetime | None) -> str:
    return time_text(moment, timespec="seconds") if moment else "never"


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_DAYS:
        raise ArgumentTypeError(f"must be a number of days from 1 to {LONGEST_DAYS}")
    return int(text)


def _acts(text: str) -> frozenset[Act]:
    try:
        acts = frozenset(Act(word) for word in text.replace(",", " ").split())
    except ValueError as error:
        raise ArgumentTypeError(f"{error}; known are {', '.join(Act)}") from error
    if not acts:
        raise ArgumentTypeError(f"names none; known are {', '.join(Act)}")
    return acts
