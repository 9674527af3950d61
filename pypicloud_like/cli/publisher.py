"""``publisher``: add, list and remove trusted publishers."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from pypicloud_like.access.names import parse_project
from pypicloud_like.cli import configuration
from pypicloud_like.cli.opening import account_of, run_action
from pypicloud_like.cli.typed import argument
from pypicloud_like.core.ports import Publisher
from pypicloud_like.core.records import time_text
from pypicloud_like.registry import trusted
from pypicloud_like.registry.services import Services
from pypicloud_like.trust.claims import with_workflow


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    add = actions.add_parser("add", help="let jobs publish a project without a kept secret")
    add.add_argument(
        "project", type=argument(parse_project), metavar="PROJECT", help="such as example, cargo:example"
    )
    add.add_argument(
        "--user", required=True, metavar="NAME", help="for whom the jobs act, at most as they may"
    )
    add.add_argument("--issuer", required=True, metavar="NAME", help="one of oidc.issuers")
    add.add_argument(
        "--claim",
        action="append",
        default=[],
        type=_claim,
        metavar="NAME=VALUE",
        help="what its identity tokens must say, such as repository=acme/example or ref=refs/tags/*;"
        " may be repeated",
    )
    add.add_argument("--workflow", metavar="FILE", help="the file that the job follows (GitHub, GitLab)")
    add.set_defaults(act=_add)

    listing = actions.add_parser("list", help="list the publishers of a project, or all")
    listing.add_argument("project", type=argument(parse_project), metavar="PROJECT", nargs="?")
    listing.set_defaults(act=_list)

    remove = actions.add_parser("remove", help="trust such jobs no more, and end the tokens they have")
    remove.add_argument("project", type=argument(parse_project), metavar="PROJECT")
    remove.add_argument("id", help="as `publisher list` shows it")
    remove.set_defaults(act=_remove)

    for action in (add, listing, remove):
        configuration.add_arguments(action)


run = run_action


def _add(services: Services, args: Namespace) -> None:
    creator = account_of(services, args.user)
    claims = dict(args.claim)
    if args.workflow is not None:
        claims = with_workflow(trusted.issuers(services).named(args.issuer), claims, args.workflow)
    made = trusted.add(services, args.project, args.issuer, claims, creator=creator)
    print(f"Added the publisher {made.id} of {made.project}")


def _list(services: Services, args: Namespace) -> None:
    found = services.publishers.of_project(args.project) if args.project else services.publishers.every()
    for publisher in found:
        print(_line(publisher))


def _remove(services: Services, args: Namespace) -> None:
    services.publishers.remove(args.project, args.id, actor=None)
    print(f"Removed {args.id}")


def _line(publisher: Publisher) -> str:
    used = publisher.last_used_at
    return "\t".join(
        [
            publisher.id,
            str(publisher.project),
            f"user={publisher.creator}",
            f"issuer={publisher.issuer}",
            *(f"{name}={value}" for name, value in sorted(publisher.claims.items())),
            f"used={time_text(used, timespec='seconds') if used else 'never'}",
            *(["pending"] if publisher.pending else []),
        ]
    )


def _claim(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise ArgumentTypeError("must be NAME=VALUE")
    return name, value
