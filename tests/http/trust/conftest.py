"""An issuer over real HTTP that the application trusts, and users who may publish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pypicloud_like.core.model import PYPI, Project
from tests.builders import a_wheel
from tests.http.trust.site import Jobs
from tests.support.issuer import Issuer

DEMO = Project(PYPI, "demo")


@pytest.fixture
def issuer(clock) -> Iterator[Issuer]:
    """Its clock is the server's."""
    with Issuer(now=lambda: clock().timestamp()) as issuer:
        yield issuer


@pytest.fixture
def ini(issuer):
    """Nobody may write but owners; ann may create."""
    return {
        **issuer.ini,
        "pypi.default_read": "authenticated",
        "pypi.default_write": "",
        "pypi.allow_create_groups": "authenticated",
        "auth.failures": "100000",
    }


@pytest.fixture
def jobs(app, services, issuer, users) -> Jobs:
    """What jobs do."""
    return Jobs(app, services, issuer)


@pytest.fixture
def demo(jobs) -> Project:
    """A project of ann's, which a job of its repository may publish."""
    assert jobs.app.upload(*a_wheel("demo", "1.0"), user="ann").status_int == 200
    jobs.add("demo", user="ann")
    return DEMO
