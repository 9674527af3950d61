"""Calls to an S3 store: the client, how long it tries, and what its errors mean."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from pypicloud_like.core.errors import MissingBytes, NoSpace, RegistryError, Unavailable
from pypicloud_like.settings.model import S3StorageSettings

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_s3 import S3Client

NOT_FOUND = frozenset({"NoSuchKey", "404", "NotFound"})
NO_BUCKET = frozenset({"NoSuchBucket", "404", "NotFound"})
"""HEAD has no body, so there the code is the status and the two look the same."""

_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})
_HINTS = {
    "RequestTimeTooSkewed": "clock skew: the clocks of this machine and of the store differ too much",
    "NoSuchBucket": "the bucket does not exist",
    "PermanentRedirect": "the bucket is in another region",
    "AuthorizationHeaderMalformed": "the bucket may be in another region",
    "InvalidAccessKeyId": "the access key is unknown",
    "SignatureDoesNotMatch": "the secret key or the region is wrong",
    "ExpiredToken": "the session token has expired",
    "AccessDenied": "the access key may not do this",
    "403": "the access key may not do this",
    "404": "the bucket does not exist",
}
_ELSEWHERE = frozenset({301, 302, 307})
_REGION = "x-amz-bucket-region"
_BEGAN = "pypicloud_like.began"

_log = logging.getLogger(__name__)


def connect(settings: S3StorageSettings) -> S3Client:
    """A client by these settings. Asks the network for nothing but, perhaps, for credentials.

    :raises BotoCoreError: the settings make no client
    :raises ValueError: the endpoint is no URL
    """
    session = boto3.session.Session(
        aws_access_key_id=settings.aws_access_key_id,
        aws_secret_access_key=settings.aws_secret_access_key,
        aws_session_token=settings.aws_session_token,
        region_name=settings.region_name,
    )
    # The stubs know the words these strings may be; the settings were checked when they were read.
    config = cast("dict[str, Any]", _config(settings))
    client = session.client(
        "s3", endpoint_url=settings.endpoint_url, verify=settings.verify, config=Config(**config)
    )
    events = client.meta.events
    events.register("before-call.s3", _note_beginning)
    # A handler may return a pause; the stubs know of none that returns anything.
    events.register_first("needs-retry.s3", cast("Callable[..., None]", _Patience(settings)))
    return client


def _config(settings: S3StorageSettings) -> dict[str, object]:
    return {
        # Without it botocore may presign by version 2, which newer regions and stores refuse.
        "signature_version": settings.signature_version or "s3v4",
        "connect_timeout": settings.connect_timeout,
        "read_timeout": settings.read_timeout,
        "max_pool_connections": settings.max_pool_connections,
        "retries": {"mode": "standard", "total_max_attempts": settings.max_attempts},
        "request_checksum_calculation": settings.checksums,
        "response_checksum_validation": settings.checksums,
        "s3": {"addressing_style": settings.addressing_style},
    }


class _GaveUp(Exception):
    """The last answer of a store that has been failing for too long."""


class _Patience:
    """Adds to botocore's standard retries what a client that waits needs: an end.

    No attempt begins later than half the read timeout after the first one, so that a failing call
    takes at most 1.5 read timeouts, a connect timeout and a pause (20 seconds by default) and a store
    that hangs is given up after one read timeout. Nor is a store asked over and over where a bucket is
    that it places elsewhere without saying where. And 429, which the standard mode overlooks where it
    has no S3 error code, is retried too.
    """

    def __init__(self, settings: S3StorageSettings) -> None:
        self._limit = settings.read_timeout / 2
        self._attempts = settings.max_attempts

    def __call__(
        self,
        *,
        attempts: int,
        operation: OperationModel,
        request_dict: dict[str, Any],
        response: tuple[Any, Any] | None,
        caught_exception: Exception | None,
        **_: object,
    ) -> float | None:
        status = response[0].status_code if response else 0
        if (
            response
            and operation.name == "HeadBucket"
            and status in _ELSEWHERE
            and _REGION not in response[0].headers
        ):
            raise _GaveUp(f"HTTP status {status} (the bucket is in another region)")
        if caught_exception is None and status < 500 and status != 429:
            return None
        if time.monotonic() - request_dict["context"][_BEGAN] > self._limit:
            if caught_exception is not None:
                raise caught_exception
            raise _GaveUp(f"HTTP status {status}")
        if status == 429 and attempts < self._attempts:
            return random.uniform(0, 2.0 ** (attempts - 1))  # noqa: S311 - a pause is no secret
        return None


def _note_beginning(*, context: dict[str, Any], **_: object) -> None:
    context[_BEGAN] = time.monotonic()


def code_of(error: ClientError) -> str:
    """The S3 error code, or the HTTP status where the answer has no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


class Calls:
    """Gives the errors of calls their meaning, with one line in the log naming bucket and cause."""

    def __init__(self, settings: S3StorageSettings) -> None:
        self._bucket = settings.bucket
        self._secrets = [
            secret for secret in (settings.aws_secret_access_key, settings.aws_session_token) if secret
        ]

    @contextmanager
    def __call__(self, doing: str, key: str = "") -> Iterator[None]:
        """Around calls on the store.

        :raises MissingBytes: the object is not there
        :raises NoSpace: the store is full
        :raises Unavailable: everything else, be it passing or set up wrongly
        """
        try:
            yield
        except ClientError as error:
            raise self._meaning(error, doing, key) from error
        except (BotoCoreError, HTTPError, OSError, ValueError, _GaveUp) as error:
            raise self.failed(doing, key, f"{type(error).__name__}: {error}") from error

    def failed(self, doing: str, key: str, cause: str) -> Unavailable:
        """Log a failure; gives the error to raise."""
        for secret in self._secrets:
            cause = cause.replace(secret, "********")
        _log.error("storage: bucket %s: cannot %s %a: %s", self._bucket, doing, key, _one_line(cause))
        return Unavailable("storage")

    def _meaning(self, error: ClientError, doing: str, key: str) -> RegistryError:
        code = code_of(error)
        if code == "NoSuchKey":
            return MissingBytes(key)
        answer = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        hint = _HINTS.get(code)
        cause = f"{code} {answer.get('Message', '')}" + (f" ({hint})" if hint else "")
        failed = self.failed(doing, key, cause)
        return NoSpace() if status == 507 or code in _FULL else failed


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
