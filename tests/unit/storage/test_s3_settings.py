"""That each setting of the S3 storage reaches the store, and what is asked of it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import moto
import pytest
from moto.s3.models import s3_backends

from pypicloud_like.core.errors import InvalidRequest
from pypicloud_like.settings.model import S3StorageSettings, Secret
from pypicloud_like.storage._s3_calls import connect
from pypicloud_like.storage.s3 import S3Storage
from tests.unit.storage.sources import keys, put


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def headers_of(script, settings) -> dict[str, str]:
    put(S3Storage(settings), "v1/a", b"bytes")
    return {name.lower(): value for name, value in script.requests[0].headers.items()}


def test_what_a_put_says_of_the_object(script, settings):
    headers = headers_of(
        script,
        replace(settings, server_side_encryption="AES256", storage_class="STANDARD_IA", object_acl="private"),
    )
    assert headers["x-amz-server-side-encryption"] == "AES256"
    assert headers["x-amz-storage-class"] == "STANDARD_IA"
    assert headers["x-amz-acl"] == "private"
    assert headers["content-type"] == "application/octet-stream"
    assert "/us-east-1/s3/" in headers["authorization"]


def test_what_is_not_set_is_not_said(script, settings):
    headers = headers_of(script, settings)
    assert not {name for name in headers if name.startswith("x-amz-s") and "sha256" not in name}
    assert "x-amz-acl" not in headers


def test_checksums_of_today(script, settings):
    headers = headers_of(script, settings)
    assert headers["x-amz-checksum-sha256"] == base64.b64encode(hashlib.sha256(b"bytes").digest()).decode()
    assert "content-md5" not in headers
    assert "x-amz-trailer" not in headers


@pytest.mark.promise(51)
def test_checksums_of_older_stores(script, settings):
    headers = headers_of(script, replace(settings, checksums="when_required"))
    assert headers["content-md5"] == base64.b64encode(hashlib.md5(b"bytes").digest()).decode()
    assert not [name for name in headers if "checksum" in name or "trailer" in name]


def test_the_prefix_stands_before_every_key(script, settings):
    storage = S3Storage(replace(settings, prefix="some where/"))
    put(storage, "v1/a", b"1")
    assert list(script.objects) == ["/bucket/some where/v1/a"]
    with pytest.raises(InvalidRequest, match="prefix"):
        put(S3Storage(replace(settings, prefix="x" * 1021)), "v1/a", b"1")


def test_how_the_client_is_set_up(settings):
    client = connect(
        replace(
            settings,
            connect_timeout=1.5,
            read_timeout=2.5,
            max_attempts=7,
            max_pool_connections=21,
            addressing_style="virtual",
            aws_session_token=Secret("token"),
            verify="/etc/ssl/own.pem",
        )
    )
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (1.5, 2.5, 21)
    assert config.retries == {"mode": "standard", "total_max_attempts": 7}
    assert config.s3["addressing_style"] == "virtual"
    assert client._request_signer._credentials.token == "token"
    assert client._endpoint.http_session._verify == "/etc/ssl/own.pem"


@pytest.mark.promise(55)
def test_addresses_are_made_without_asking_and_end_in_time(script, settings):
    storage = S3Storage(replace(settings, expire_after=120))
    for lifetime, seconds in [(60, "60"), (3600, "120"), (0, "1")]:
        query = query_of(storage.url("v1/a", filename="a+b-1.0.whl", lifetime=lifetime))
        assert query["X-Amz-Expires"] == seconds
        assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
        assert query["response-content-disposition"] == 'attachment; filename="a+b-1.0.whl"'
    assert script.requests == []


def test_without_redirects_there_are_no_addresses(settings):
    assert S3Storage(replace(settings, redirect=False)).url("v1/a", filename="a", lifetime=1) is None


def test_without_credentials_there_are_no_addresses(settings, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    storage = S3Storage(replace(settings, aws_access_key_id=None, aws_secret_access_key=None))
    assert storage.url("v1/a", filename="a", lifetime=1) is None


@moto.mock_aws
@pytest.mark.parametrize("region", [None, "us-east-1", "eu-west-1"])
def test_a_bucket_is_made_once_where_it_is_wanted(region, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    settings = S3StorageSettings(bucket="new-bucket", region_name=region, create_bucket=True)
    for _ in range(2):
        storage = S3Storage(settings)
        storage.check()
        put(storage, "v1/a", b"bytes")
    client = boto3.client("s3", region_name=region)
    where = client.get_bucket_location(Bucket="new-bucket")["LocationConstraint"]
    assert where == (None if region in {None, "us-east-1"} else region)


@pytest.mark.promise(54)
@moto.mock_aws
def test_lists_of_any_length():
    storage = S3Storage(S3StorageSettings(bucket="bucket", prefix="p/", create_bucket=True))
    storage.check()
    backend = next(iter(s3_backends.values()))["aws"]
    for number in range(2500):
        backend.put_object("bucket", f"p/v1/{number:04d}", b"")
    for stranger in ("q/v1/x", "p/v1/folder/", "p/v1//x", "p/.hidden"):
        backend.put_object("bucket", stranger, b"")
    assert keys(storage, "v1/") == [f"v1/{number:04d}" for number in range(2500)]
    assert next(iter(storage.list(""))).modified <= datetime.now(UTC)
