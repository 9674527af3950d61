"""Both set-ups a server runs in: embedded (files and SQLite), and a team's (object store and PostgreSQL)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

import boto3
import pytest

from tests.support.postgres import postgres, postgres_url
from tests.support.swift import S3Store, s3_store

__all__ = ["options", "postgres", "postgres_url", "s3_store"]

READ = {"pypi.default_read": "authenticated"}


@pytest.fixture(params=["embedded", "team"])
def options(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The keys of the .ini that make the set-up."""
    if request.param == "embedded":
        yield READ
        return
    store: S3Store = request.getfixturevalue("s3_store")
    url: str = request.getfixturevalue("postgres_url")
    yield READ | {
        "db.url": url,
        "state.url": url,
        "pypi.storage": "s3",
        "storage.bucket": a_bucket(store),
        "storage.endpoint_url": store.endpoint,
        "storage.aws_access_key_id": store.key,
        "storage.aws_secret_access_key": store.secret,
        "storage.region_name": "us-east-1",
        "storage.addressing_style": "path",
    }


def a_bucket(store: S3Store) -> str:
    """A new bucket of the store."""
    name = f"faults-{secrets.token_hex(6)}"
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.key,
        aws_secret_access_key=store.secret,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=name)
    client.close()
    return name
