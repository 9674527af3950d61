"""The services a command works with, opened for it and closed after it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from pypicloud_like import assembly
from pypicloud_like.cli import configuration
from pypicloud_like.core.errors import NotFound, ReadOnlyBackend
from pypicloud_like.core.model import Account
from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.logs.setup import make_safe
from pypicloud_like.registry.services import Services


@contextmanager
def opened(args: Namespace) -> Iterator[Services]:
    """The services of ``--config`` and ``--data``.

    :raises ConfigurationError: the settings are wrong
    :raises Unavailable: a database cannot be reached
    """
    settings = configuration.read_settings(args)
    make_safe(settings)
    services = assembly.build(settings)
    try:
        yield services
    finally:
        services.close()


def run_action(args: Namespace) -> int:
    """What a command does that consists of several: ``args.act``, with the services."""
    with opened(args) as services:
        args.act(services, args)
    return 0


def account_of(services: Services, name: str) -> Account:
    """The account of a user.

    :raises NotFound: there is none
    """
    account = services.access.account(name)
    if account is None:
        raise NotFound(f"The user {name}")
    return account


def mutable_access(services: Services) -> MutableAccess:
    """The access backend, if it can be changed.

    :raises ReadOnlyBackend: it cannot
    """
    if isinstance(services.access, MutableAccess):
        return services.access
    raise ReadOnlyBackend(services.access.name)
