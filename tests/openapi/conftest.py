"""An empty server; and servers that hold something of everything, begun from a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.conftest import app, clock, ini, services
from tests.openapi.site import EverythingSite, opened
from tests.support.issuer import Issuer

__all__ = ["app", "clock", "ini", "services"]


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Somebody whose jobs the servers believe, all in the same minute."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def filled(tmp_path_factory, issuer) -> Path:
    """The folder of a server that holds something of everything: filled once a run."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    folder.mkdir()
    site = opened(folder, issuer)
    site.fill()
    site.services.close()
    return folder


@pytest.fixture
def site(tmp_path, filled, issuer) -> Iterator[EverythingSite]:
    """A server that begins with all that."""
    folder = tmp_path / "data"
    shutil.copytree(filled, folder)
    site = opened(folder, issuer)
    yield site
    site.services.close()
