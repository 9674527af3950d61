"""The four set-ups a server runs in: two kinds of databases, two kinds of storage."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import boto3
import pytest

from tests.support.postgres import Postgres
from tests.support.swift import S3Store

SETUPS = ("sqlite-folder", "sqlite-s3", "postgresql-folder", "postgresql-s3")


@contextmanager
def set_up(name: str, request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The keys of the .ini that make a set-up. Index and state are in databases of their own."""
    database, _, storage = name.partition("-")
    options: dict[str, str] = {}
    with ExitStack() as stack:
        if database == "postgresql":
            postgres: Postgres = request.getfixturevalue("postgres")
            options |= {key: stack.enter_context(postgres.database()) for key in ("db.url", "state.url")}
        if storage == "s3":
            options |= in_store(request.getfixturevalue("s3_store"))
        yield options


def in_store(store: S3Store, *, endpoint: str | None = None) -> dict[str, str]:
    """The keys for a new bucket of a store, asked for at another address if one is given."""
    return {
        "pypi.storage": "s3",
        "storage.bucket": a_bucket(store),
        "storage.endpoint_url": endpoint or store.endpoint,
        "storage.aws_access_key_id": store.key,
        "storage.aws_secret_access_key": store.secret,
        "storage.region_name": "us-east-1",
        "storage.addressing_style": "path",
    }


def a_bucket(store: S3Store) -> str:
    """A new bucket of the store."""
    name = f"faults-{secrets.token_hex(6)}"
    with closing(client_of(store)) as client:
        client.create_bucket(Bucket=name)
    return name


def client_of(store: S3Store) -> Any:
    """What talks with the store beside the server."""
    return boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        aws_access_key_id=store.key,
        aws_secret_access_key=store.secret,
        region_name="us-east-1",
    )
