"""The stores of these tests: a folder, and a bucket of a server that misbehaves on demand."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from pypicloud_like.settings.model import S3StorageSettings, Secret
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.s3 import S3Storage
from tests.unit.storage.scripted_s3 import serving
from tests.unit.storage.sources import SECRET


@pytest.fixture
def root(tmp_path):
    return tmp_path / "new" / "root"


@pytest.fixture
def folder_storage(root):
    return FileStorage(root)


@pytest.fixture
def script():
    with serving() as script:
        yield script


@pytest.fixture
def settings(script):
    return S3StorageSettings(
        bucket="bucket",
        endpoint_url=script.endpoint,
        region_name="us-east-1",
        addressing_style="path",
        aws_access_key_id="key",
        aws_secret_access_key=Secret(SECRET),
    )


@pytest.fixture
def bucket_storage(settings):
    storage = S3Storage(settings)
    yield storage
    storage._client().close()


@pytest.fixture
def no_pauses(monkeypatch):
    """Retries come at once."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(**{**vars(time), "sleep": lambda _: None}))
