"""Servers that start from a copy: the databases are made and the users added once a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pypicloud_like.core.ports import MutableAccess
from pypicloud_like.registry.services import Services
from tests.http.conftest import PASSWORD, SteppingClock, make_services
from tests.http.pypi.site import Site


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """The data folder of an empty server with an administrator ``boss`` and users ``ann`` and ``bob``."""
    data = tmp_path_factory.mktemp("template")
    services = make_services(data, {}, SteppingClock())
    access = services.access
    assert isinstance(access, MutableAccess)
    for name in ("boss", "ann", "bob"):
        access.add_user(name, PASSWORD, admin=name == "boss", actor=None)
    services.close()
    return data


@pytest.fixture
def services(tmp_path, template, ini, clock) -> Iterator[Services]:
    """As of the folder above, begun from the template."""
    yield from opened(template, tmp_path / "data", ini, clock)


@pytest.fixture
def users(services) -> MutableAccess:
    """The users of the template."""
    return services.access


@pytest.fixture
def site(services, clock) -> Site:
    """A server of the test's own. A module gives more settings by overriding ``ini``."""
    return Site(services, clock)


@pytest.fixture(scope="module")
def shared(request, tmp_path_factory, template) -> Iterator[Site]:
    """A server of the module's own, for tests that leave no trace or keep to a project of their own.
    The module's ``INI`` is its settings.
    """
    clock = SteppingClock()
    data = tmp_path_factory.mktemp("shared") / "data"
    for services in opened(template, data, getattr(request.module, "INI", {}), clock):
        yield Site(services, clock)


def opened(template: Path, data: Path, ini: dict[str, str], clock: SteppingClock) -> Iterator[Services]:
    """A server that begins as the folder ``template`` is."""
    shutil.copytree(template, data)
    services = make_services(data, ini, clock)
    yield services
    services.close()
