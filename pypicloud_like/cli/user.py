"""``user``: add, list, approve, change and remove users, where the access backend keeps them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from pypicloud_like.cli import configuration, passwords
from pypicloud_like.cli.opening import mutable_access, run_action
from pypicloud_like.core.errors import NotFound
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.registry.services import Services


def arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    add = actions.add_parser("add", help="make a user")
    add.add_argument("name")
    add.add_argument("--admin", action="store_true", help="make an administrator")
    passwords.add_argument(add, "--password-stdin")
    add.set_defaults(act=_add)

    listing = actions.add_parser("list", help="list users, administrators marked, pending ones last")
    listing.set_defaults(act=_list)

    remove = actions.add_parser("remove", help="remove a user with all rights, tokens and sessions")
    remove.add_argument("name")
    remove.set_defaults(act=_remove)

    passwd = actions.add_parser("passwd", help="set a password")
    passwd.add_argument("name")
    passwords.add_argument(passwd, "--password-stdin")
    passwd.set_defaults(act=_passwd)

    approve = actions.add_parser("approve", help="let somebody in who registered")
    approve.add_argument("name")
    approve.set_defaults(act=_approve)

    admin = actions.add_parser("admin", help="make a user an administrator, or no longer one")
    admin.add_argument("name")
    admin.add_argument("--off", action="store_true", help="no longer one")
    admin.set_defaults(act=_admin)

    for action in (add, listing, remove, passwd, approve, admin):
        configuration.add_arguments(action)


run = run_action


def _add(services: Services, args: Namespace) -> None:
    access = mutable_access(services)
    password = passwords.ask(from_stdin=args.password_stdin)
    access.add_user(args.name, password, admin=args.admin, actor=None)
    print(f"Added {'the administrator' if args.admin else 'the user'} {args.name}")


def _list(services: Services, _args: Namespace) -> None:
    access = services.access
    for account in access.accounts():
        print("\t".join([account.name, "admin" if account.admin else "user", *sorted(account.groups)]))
    if isinstance(access, MutableAccess):
        for name in access.pending_users():
            print(f"{name}\tpending")


def _remove(services: Services, args: Namespace) -> None:
    access = mutable_access(services)
    if access.account(args.name) is None and args.name not in access.pending_users():
        raise NotFound(f"The user {args.name}")
    access.remove_user(args.name, actor=None)
    print(f"Removed {args.name}")


def _passwd(services: Services, args: Namespace) -> None:
    access = mutable_access(services)
    access.set_password(args.name, passwords.ask(from_stdin=args.password_stdin), actor=None)
    print(f"Changed the password of {args.name}")


def _approve(services: Services, args: Namespace) -> None:
    mutable_access(services).approve_user(args.name, actor=None)
    print(f"Approved {args.name}")


def _admin(services: Services, args: Namespace) -> None:
    access = mutable_access(services)
    access.set_admin(args.name, not args.off, actor=None)
    print(f"{args.name} is {'no longer' if args.off else 'now'} an administrator")
