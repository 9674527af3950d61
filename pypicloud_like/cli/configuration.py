"""Which settings a command works with: ``--config``, ``--data``, the environment."""

from __future__ import annotations

import configparser
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import plaster
from plaster_pastedeploy import Loader

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.load import EMBEDDED, load
from pypicloud_like.settings.model import Settings

APP = "main"


def add_arguments(parser: ArgumentParser) -> None:
    """``--config`` and ``--data``, which every command has."""
    parser.add_argument(
        "--config", metavar="INI", help="the .ini file; INI#name takes [app:name] instead of [app:main]"
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="the data folder (default: server.data of the .ini file, else ./data)",
    )


def read_settings(args: Namespace) -> Settings:
    """The settings that ``--config``, ``--data`` and the environment give.

    :raises ConfigurationError: with every fault
    """
    return settings_of(args.config, data=args.data)


def settings_of(config: str | None, *, data: Path | None = None) -> Settings:
    """The settings of an .ini file, or without one of the embedded defaults.

    :raises ConfigurationError: with every fault
    """
    if config is None:
        return load(EMBEDDED, os.environ, data=data)
    path, ini = read_ini(config)
    return load(ini, os.environ, data=data, here=path.parent)


def read_ini(config: str) -> tuple[Path, dict[str, str]]:
    """The absolute path of the .ini file and its app section, ``%(here)s`` filled in.

    Read as ``pserve`` reads it, so that both see the same.

    :raises ConfigurationError: the file or its section is missing or malformed
    """
    loader, section = loader_of(config)
    path = Path(loader.filepath)
    try:
        if section not in loader.get_sections():
            raise ConfigurationError([f"{path}: has no section [{section}]"])
        return path, dict(loader.get_settings(section))
    except configparser.Error as error:
        raise ConfigurationError([f"{path}: {_explained(error)}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not a text in UTF-8"]) from error
    except OSError as error:
        raise ConfigurationError([f"{path}: {error.strerror}"]) from error


def loader_of(config: str) -> tuple[Loader, str]:
    """The loader of an .ini file and the name of its app section.

    :raises ConfigurationError: there is no such file
    """
    text, _, name = config.partition("#")
    path = Path(text).absolute()
    if not path.is_file():
        raise ConfigurationError([f"{path}: there is no such file"])
    loader = Loader(plaster.PlasterURL("ini", str(path), fragment=name))
    return loader, f"app:{name or APP}"


def tell_warnings(settings: Settings) -> None:
    """Print what is odd about the settings, one line each, to standard error."""
    for warning in settings.warnings:
        print(f"pypicloud-like: warning: {warning}", file=sys.stderr)


def _explained(error: configparser.Error) -> str:
    """One line; never the text of a value, which may be a secret."""
    match error:
        case configparser.InterpolationError():
            return f"[{error.section}] {error.option}: write %% for a percent sign"
        case configparser.DuplicateOptionError():
            hint = " (a colon ends a key: write package.cargo/name)" if _is_cut(error.option) else ""
            return f"line {error.lineno}: [{error.section}] {error.option} is there twice{hint}"
        case configparser.DuplicateSectionError():
            return f"line {error.lineno}: [{error.section}] is there twice"
        case configparser.MissingSectionHeaderError():
            return f"line {error.lineno}: stands before the first section"
        case configparser.ParsingError():
            return f"line {', '.join(str(number) for number, _ in error.errors)}: is not key = value"
    return "cannot be read as an .ini file"


def _is_cut(option: str) -> bool:
    return option in {"package.pypi", "package.cargo", "package.jsr"}
