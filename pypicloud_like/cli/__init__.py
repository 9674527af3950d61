"""The command line ``pypicloud-like``: one module a command."""

from pypicloud_like.cli.main import main

__all__ = ["main"]
