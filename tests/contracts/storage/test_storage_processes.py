"""What storage promises beyond one process: a crash, memory, and what a real S3 server says of it."""

from __future__ import annotations

import multiprocessing
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta

import pytest

from pypicloud_like.core.errors import Unavailable
from pypicloud_like.settings.model import Secret
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.s3 import S3Storage
from tests.unit.storage import child
from tests.unit.storage.sources import MIB, get, keys, put, reopened, sweep

SPAWN = multiprocessing.get_context("spawn")
# Memory does not outlive its process.
in_lasting_stores = pytest.mark.parametrize("settings", ["file", "s3"], indirect=True)


@pytest.mark.promise(3)
@in_lasting_stores
@pytest.mark.parametrize("size", [1000, 40 * MIB])
def test_killed_in_a_put_nothing_is_visible(storage, settings, tmp_path, size):
    sign = tmp_path / "hangs"
    # The S3 backend reads once to check and once to send: there it is killed in the second half.
    after = size * 3 // 2 if isinstance(storage, S3Storage) else size // 2
    storage.check()
    victim = SPAWN.Process(target=child.hang_in_put, args=(settings, "v1/a", size, after, sign))
    victim.start()
    deadline = time.monotonic() + 60
    while not sign.exists():
        assert victim.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    again = reopened(settings)
    in_use = isinstance(storage, FileStorage)
    assert not in_use or sweep(again, timedelta(0)) == 0
    victim.kill()
    victim.join()
    assert keys(again) == []
    assert again.stat("v1/a") is None
    left_behind = 1 if in_use or size > 16 * MIB else 0
    assert sweep(again, timedelta(hours=1)) == 0
    assert sweep(again, timedelta(0)) == left_behind
    assert sweep(again, timedelta(0)) == 0
    put(again, "v1/a", bytes(size))
    assert get(again, "v1/a") == bytes(size)


@pytest.mark.promise(92)
@in_lasting_stores
@pytest.mark.parametrize("seeks", [True, False])
def test_memory_does_not_grow_with_size(storage, settings, seeks):
    storage.check()
    receiver, report = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=child.measure, args=(settings, 100 * MIB, seeks, report))
    process.start()
    report.close()
    with receiver:
        read, growth = receiver.recv()
    process.join()
    assert read == 100 * MIB
    assert growth < 24 * MIB


@pytest.mark.promise(55)
def test_addresses_for_clients(storage):
    put(storage, "v1/a+b/é c", b"bytes")
    url = storage.url("v1/a+b/é c", filename='odd "name" é.whl', lifetime=60)
    if not isinstance(storage, S3Storage):
        assert url is None
        return
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"bytes"
        disposition = answer.headers["Content-Disposition"]
    assert (
        disposition
        == "attachment; filename=\"odd _name_ _.whl\"; filename*=UTF-8''odd%20%22name%22%20%C3%A9.whl"
    )
    with pytest.raises(urllib.request.HTTPError) as refused:
        urllib.request.urlopen(url.replace("v1/a", "v1/b"))
    refused.value.close()
    assert refused.value.code == 403


@pytest.mark.promise(51)
@pytest.mark.parametrize("settings", ["s3"], indirect=True)
def test_older_checksums(settings):
    storage = S3Storage(replace(settings, checksums="when_required"))
    for size in (0, 5, 17 * MIB):
        put(storage, f"v1/{size}", bytes(size))
        assert get(storage, f"v1/{size}") == bytes(size)


@pytest.mark.promise(56)
@pytest.mark.parametrize("settings", ["s3"], indirect=True)
@pytest.mark.parametrize("wrong", ["aws_access_key_id", "aws_secret_access_key", "bucket"])
def test_wrong_credentials_or_bucket(settings, wrong, caplog):
    wrong_settings = replace(settings, create_bucket=False, **{wrong: Secret("wrong-secret")})
    storage = S3Storage.from_settings(wrong_settings)
    for call in (storage.check, lambda: storage.open("v1/a"), lambda: put(storage, "v1/a", b"1")):
        caplog.clear()
        with pytest.raises(Unavailable):
            call()
        assert f"bucket {wrong_settings.bucket}: cannot" in caplog.text
        assert wrong_settings.aws_secret_access_key not in caplog.text or wrong == "bucket"
