"""For servers with a command of their own: ``granian --interface wsgi --factory pypicloud_like.wsgi:app``.

``PYPICLOUD_LIKE_CONFIG`` names the .ini file, ``PYPICLOUD_LIKE_DATA`` the data folder, as ``--config`` and
``--data`` of ``serve`` do; with neither it is the folder ``data``.
"""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from pypicloud_like.cli import configuration, rust
from pypicloud_like.cli.proxies import WsgiApp
from pypicloud_like.logs.setup import make_safe


def app() -> WsgiApp:
    """The application, opened in this process.

    :raises ConfigurationError: with every fault of the settings
    """
    data = os.environ.get("PYPICLOUD_LIKE_DATA")
    args = Namespace(config=os.environ.get("PYPICLOUD_LIKE_CONFIG"), data=Path(data) if data else None)
    settings = configuration.read_settings(args)
    make_safe(settings)
    configuration.tell_warnings(settings)
    return rust.worker(settings)
