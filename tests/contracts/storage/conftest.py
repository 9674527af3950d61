"""The storage backends as fixtures, for the suites that try their promises."""

from __future__ import annotations

import pytest

from pypicloud_like.settings.model import (
    FileStorageSettings,
    MemoryStorageSettings,
    S3StorageSettings,
    Secret,
)
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.memory import MemoryStorage
from pypicloud_like.storage.s3 import S3Storage
from tests.support.swift import S3Store, s3_store  # noqa: F401 - a fixture
from tests.unit.storage.sources import keys


@pytest.fixture(params=["memory", "file", "s3"])
def settings(request, tmp_path):
    if request.param == "memory":
        return MemoryStorageSettings()
    if request.param == "file":
        return FileStorageSettings(tmp_path / "root")
    store = request.getfixturevalue("s3_store")
    return S3StorageSettings(
        bucket=S3Store.new_bucket_name(),
        prefix="some where/",
        endpoint_url=store.endpoint,
        region_name="us-east-1",
        addressing_style="path",
        aws_access_key_id=store.key,
        aws_secret_access_key=Secret(store.secret),
        create_bucket=True,
    )


@pytest.fixture
def storage(settings):
    if isinstance(settings, MemoryStorageSettings):
        yield MemoryStorage.from_settings(settings)
    elif isinstance(settings, FileStorageSettings):
        yield FileStorage.from_settings(settings)
    else:
        storage = S3Storage(settings, page_size=2)
        yield storage
        client = storage._client()
        for key in keys(storage):
            storage.delete(key)
        client.delete_bucket(Bucket=settings.bucket)
