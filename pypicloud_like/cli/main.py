"""From the arguments to a command, and from its errors to one line and an exit code."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Protocol, cast

from pypicloud_like.core.errors import ConfigurationError, RegistryError

_log = logging.getLogger(__name__)

DONE, FAILED, MISCONFIGURED, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the module that has it, loaded only when it is wanted, and what it does."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("serve", "serve", "start the server"),
    Command("make-config", "make_config", "write an .ini file to start from"),
    Command("show-config", "show_config", "print every setting and where it came from"),
    Command("user", "user", "add, list, change and remove users"),
    Command("token", "token", "add, list and revoke API tokens"),
    Command("publisher", "publisher", "add, list and remove trusted publishers"),
    Command("yank", "yank", "yank a release or file, or take that back"),
    Command("fetch", "fetch", "hold what requirements need from the upstream"),
    Command("prune", "prune", "let go of held files that were used longest ago"),
    Command("gen-password", "gen_password", "hash a password for an .ini file"),
    Command("rebuild", "rebuild", "bring the index in line with storage, or adopt files that lie there"),
    Command("check", "check", "compare index, records and bytes"),
    Command("backup", "backup", "copy people and packages into a folder while the server works"),
    Command("restore", "restore", "bring people and packages back from a backup"),
    Command("migrate", "migrate", "copy everything from one storage to another"),
    Command("catalogue", "catalogue", "curate categories, packages and grids"),
    Command(
        "export", "export", "write users, groups, grants, trusted publishers and the catalogue to a file"
    ),
    Command("import", "load", "read users, groups, grants, trusted publishers and the catalogue from a file"),
)


class CommandModule(Protocol):
    """What the module of a command has."""

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, args: Namespace) -> int:
        """Do it; returns the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 wrong settings or arguments."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    parser, modules = _parser(arguments[:1])
    args = parser.parse_args(arguments)
    try:
        return modules[args.command].run(args)
    except ConfigurationError as error:
        _complain(str(error))
        return MISCONFIGURED
    except (RegistryError, OSError) as error:
        return _failed(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - people who administer get one line, whatever it was
        _log.debug("the command failed", exc_info=True)
        _complain(f"{type(error).__name__}: {error}")
        return FAILED


def _parser(wanted: Sequence[str]) -> tuple[ArgumentParser, dict[str, CommandModule]]:
    """The parser of all commands. Only the module of the wanted one is loaded: ``--help`` is quick."""
    parser = ArgumentParser(prog="pypicloud-like", description="A lightweight private package index.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('pypicloud-like')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules: dict[str, CommandModule] = {}
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=_sentence(command.help))
        if command.name in wanted:
            module = cast("CommandModule", importlib.import_module(f"{__package__}.{command.module}"))
            module.arguments(sub)
            modules[command.name] = module
    return parser, modules


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _failed(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):  # whoever read our output has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, OSError) and error.strerror:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    else:
        _complain(str(error))
    return FAILED


def _complain(text: str) -> None:
    for line in text.splitlines() or ["failed"]:
        print(f"pypicloud-like: {line}", file=sys.stderr)
