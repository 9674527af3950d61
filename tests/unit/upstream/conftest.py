"""Claims of two processes of one host."""

from __future__ import annotations

import os
import time
from contextlib import closing

import pytest

from pypicloud_like.upstream.claims import Claim, Claims


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool" / "fetching"


@pytest.fixture
def here(folder):
    with closing(Claims(folder, index="i")) as claims:
        yield claims


@pytest.fixture
def there(folder):
    """As another process has them: locks belong to open files."""
    with closing(Claims(folder, index="i")) as claims:
        yield claims


@pytest.fixture
def stand_still(folder, monkeypatch):
    """Makes all that have claims seem stopped."""
    monkeypatch.setattr(Claim, "beat", lambda _claim: None)

    def stop():
        for path in folder.iterdir():
            os.utime(path, (time.time() - 100,) * 2)

    return stop
