"""Two servers for all client tests of a worker, an uploader, and an environment that can build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.demo import Demo
from tests.clients.recorder import Recorder
from tests.clients.site import Site, started, twine_upload
from tests.support.clients import Client, client


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Site]:
    """Everyone reads, whoever is logged in publishes."""
    yield from started(
        tmp_path_factory.mktemp("open"), pypi__default_read="everyone", pypi__default_write="authenticated"
    )


@pytest.fixture(scope="session")
def closed_site(tmp_path_factory) -> Iterator[Site]:
    """Nobody reads without a login."""
    yield from started(
        tmp_path_factory.mktemp("closed"),
        pypi__default_read="authenticated",
        pypi__default_write="authenticated",
    )


@pytest.fixture
def recorded(site) -> Iterator[Recorder]:
    """The open server behind a proxy that remembers."""
    with Recorder(site.server.port) as recorder:
        yield recorder


@pytest.fixture(scope="session")
def builder(tmp_path_factory) -> Client:
    """Twine, and whatever builds projects."""
    return client(
        "twine",
        tmp_path_factory.mktemp("builder"),
        also=("build", "flit_core", "hatchling", "poetry-core", "setuptools", "wheel"),
    )


@pytest.fixture
def pip(tmp_path) -> Client:
    """The newest pip."""
    return client("pip", tmp_path / "home")


@pytest.fixture
def uv(tmp_path) -> Client:
    """The newest uv."""
    return client("uv", tmp_path / "home")


@pytest.fixture
def upload(builder, tmp_path) -> Callable[..., list[Path]]:
    """Build a demo project and upload it with twine; gives the built files."""

    def uploaded(site: Site, demo: Demo, *, kinds=("wheel",), folder: str = "work") -> list[Path]:
        files = demo.build(builder, tmp_path / folder, kinds=kinds)
        builder.ok(*twine_upload(site, *files))
        return files

    return uploaded
