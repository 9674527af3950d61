"""Storage in a bucket of Amazon S3 or of any store that speaks its protocol."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from botocore.exceptions import ClientError

from pypicloud_like.core import keys
from pypicloud_like.core.clock import Clock, system_clock
from pypicloud_like.core.errors import InvalidRequest, MissingBytes, RegistryError, Unavailable
from pypicloud_like.core.ports import Stat
from pypicloud_like.settings.model import MIB, S3StorageSettings
from pypicloud_like.storage._keys import LONGEST_KEY, is_key, parts_of, parts_of_prefix
from pypicloud_like.storage._s3_calls import NO_BUCKET, NOT_FOUND, Calls, code_of, connect
from pypicloud_like.storage._s3_download import Download, attachment, hexdigest
from pypicloud_like.storage._s3_sender import Sender
from pypicloud_like.storage._s3_upload import Upload, prepared

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PART = 16 * MIB
_MOST_PARTS = 10_000
"""Amazon S3 user guide, "Multipart upload limits"."""


_UPLOAD = "?uploadId="
"""Between key and number of a multipart upload, as in the addresses of the protocol."""
_NO_UPLOAD = frozenset({"NoSuchUpload", "404", "NotFound"})


class S3Storage:
    """The :class:`~pypicloud_like.core.ports.Storage` port over a bucket.

    The store is not asked for anything before the first call, so the server starts while it is away.
    Of it only what every implementation has is used: no conditional writes (keys contain digests), no
    bulk deletes, no metadata, no tags.

    ``prefix`` is put before every key as it is; to be a folder it has to end with a slash.
    """

    def __init__(
        self, settings: S3StorageSettings, *, clock: Clock = system_clock, page_size: int = 1000
    ) -> None:
        self._settings = settings
        self._bucket = settings.bucket
        self._clock = clock
        self._page_size = page_size
        self._calls = Calls(settings)
        self._lock = threading.Lock()
        self._connected: S3Client | None = None
        self._uploading: set[str] = set()

    @classmethod
    def from_settings(cls, settings: S3StorageSettings) -> Self:
        """The store in the bucket of the settings."""
        return cls(settings)

    def put(
        self,
        key: str,
        source: BinaryIO,
        *,
        size: int,
        sha256: str,
        content_type: str = "application/octet-stream",
    ) -> None:
        """See :meth:`Storage.put <pypicloud_like.core.ports.Storage.put>`.

        The source is read once and checked before anything is sent, and a second time to be sent. Each
        request carries a digest that the store compares; what the store then says it holds is compared
        too, and read back where it does not say enough.
        """
        full = self._full(key)
        part_size = max(_PART, -(-size // _MOST_PARTS // MIB) * MIB)
        with prepared(source, size=size, sha256=sha256, part_size=part_size) as upload:
            with self._calls("store", key):
                sender = Sender(self._client(), self._settings, self._uploading)
                sender.send(full, upload, content_type)
                proved = sender.proves(full, upload)
            if not proved and not self._reads_back(key, upload):
                raise self._calls.failed("store", key, "it holds other bytes than were sent")

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> BinaryIO:
        """See :meth:`Storage.open <pypicloud_like.core.ports.Storage.open>`.

        :raises Unavailable: also when the object is shorter than asked
        """
        full = self._full(key)
        if length == 0:
            return self._nothing(key, start)
        last = "" if length is None else start + length - 1
        asked: Any = {"Range": f"bytes={start}-{last}"} if start or length is not None else {}
        try:
            with self._calls("read", key):
                answer = self._client().get_object(Bucket=self._bucket, Key=full, **asked)
        except Unavailable as error:
            # There is no range of no bytes at the end of an object.
            past = isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "InvalidRange"
            if past and length is None:
                return self._nothing(key, start)
            raise
        given = answer["ContentLength"]
        body = Download(answer["Body"], given, self._calls, key)
        other_range = start > 0 and not answer.get("ContentRange", "").startswith(f"bytes {start}-")
        if other_range or length not in {None, given}:
            body.close()
            raise self._calls.failed("read", key, f"it gave {given} bytes of range {asked}")
        return io.BufferedReader(body, 64 * 1024)

    def stat(self, key: str) -> Stat | None:
        """See :meth:`Storage.stat <pypicloud_like.core.ports.Storage.stat>`."""
        full = self._full(key)
        with self._calls("look at", key):
            try:
                answer = self._client().head_object(Bucket=self._bucket, Key=full)
            except ClientError as error:
                if code_of(error) not in NOT_FOUND:
                    raise
                # HEAD answers alike for a missing object and a missing bucket.
                self._client().head_bucket(Bucket=self._bucket)
                return None
        return Stat(key, answer["ContentLength"], answer["LastModified"])

    def delete(self, key: str) -> None:
        """See :meth:`Storage.delete <pypicloud_like.core.ports.Storage.delete>`."""
        full = self._full(key)
        with suppress(MissingBytes), self._calls("delete", key):
            self._client().delete_object(Bucket=self._bucket, Key=full)

    def list(self, prefix: str) -> Iterator[Stat]:
        """See :meth:`Storage.list <pypicloud_like.core.ports.Storage.list>`; in the order of the keys."""
        parts_of_prefix(prefix)
        return self._list(prefix)

    def url(self, key: str, *, filename: str, lifetime: int) -> str | None:
        """A presigned address, if the settings have clients sent there; made without asking the store.

        See :meth:`Storage.url <pypicloud_like.core.ports.Storage.url>`.
        """
        full = self._full(key)
        if not self._settings.redirect:
            return None
        asked = {
            "Bucket": self._bucket,
            "Key": full,
            "ResponseContentDisposition": attachment(filename),
        }
        seconds = max(1, min(lifetime, self._settings.expire_after))
        try:
            with self._calls("sign an address for", key):
                return self._client().generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
        except RegistryError:
            # Streaming through this server may still work, or says what is wrong.
            return None

    def path(self, key: str) -> Path | None:
        """None: the bytes are on another machine."""
        del key
        return None

    def check(self) -> None:
        """Ask for the bucket. See :meth:`Storage.check <pypicloud_like.core.ports.Storage.check>`."""
        with self._calls("reach"):
            self._client().head_bucket(Bucket=self._bucket)

    def leftovers(self, older_than: timedelta) -> Sequence[str]:
        """Open multipart uploads of ours begun longer ago than this, but for those this process is sending.
        See :meth:`Storage.leftovers <pypicloud_like.core.ports.Storage.leftovers>`.

        :raises Unavailable: the store cannot be used now
        """
        # Stores give whole seconds, and some round up.
        before = self._clock() - older_than + timedelta(seconds=1)
        prefix = self._settings.prefix
        with self._calls("look for leftovers"):
            # The bucket may have other users: only what lies where our keys lie is ours.
            pages = (
                self._client()
                .get_paginator("list_multipart_uploads")
                .paginate(
                    Bucket=self._bucket,
                    Prefix=prefix + keys.ROOT,
                    PaginationConfig={"PageSize": self._page_size},
                )
            )
            return [
                f"{upload['Key'].removeprefix(prefix)}{_UPLOAD}{upload['UploadId']}"
                for upload in (upload for page in pages for upload in page.get("Uploads", ()))
                if upload["Initiated"] <= before and upload["UploadId"] not in self._uploading
            ]

    def discard_leftover(self, name: str) -> bool:
        """See :meth:`Storage.discard_leftover <pypicloud_like.core.ports.Storage.discard_leftover>`.

        :raises Unavailable: the store cannot be used now
        """
        key, _, number = name.rpartition(_UPLOAD)
        full = self._full(key)
        if number in self._uploading:
            return False
        with self._calls("discard the upload of", key):
            try:
                self._client().abort_multipart_upload(Bucket=self._bucket, Key=full, UploadId=number)
            except ClientError as error:
                if code_of(error) in _NO_UPLOAD:
                    return False
                raise
        return True

    def _full(self, key: str) -> str:
        parts_of(key)
        full = self._settings.prefix + key
        if len(full.encode()) > LONGEST_KEY:
            raise InvalidRequest("key", f"is longer than {LONGEST_KEY} bytes with the prefix of the bucket")
        return full

    def _client(self) -> S3Client:
        if self._connected is None:
            # Making clients is not thread-safe, using them is.
            with self._lock:
                if self._connected is None:
                    client = connect(self._settings)
                    if self._settings.create_bucket:
                        self._create_bucket(client)
                    self._connected = client
        return self._connected

    def _create_bucket(self, client: S3Client) -> None:
        try:
            client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if code_of(error) not in NO_BUCKET:
                raise
            region = client.meta.region_name
            # Amazon refuses its oldest region as a constraint.
            where: Any = {} if region in {"us-east-1", "aws-global"} else {"LocationConstraint": region}
            with suppress(client.exceptions.BucketAlreadyOwnedByYou):
                client.create_bucket(
                    Bucket=self._bucket, **({"CreateBucketConfiguration": where} if where else {})
                )

    def _list(self, prefix: str) -> Iterator[Stat]:
        before = self._settings.prefix
        with self._calls("list", prefix):
            pages = (
                self._client()
                .get_paginator("list_objects_v2")
                .paginate(
                    Bucket=self._bucket,
                    Prefix=before + prefix,
                    PaginationConfig={"PageSize": self._page_size},
                )
            )
            for found in (found for page in pages for found in page.get("Contents", ())):
                key = found["Key"][len(before) :]
                if is_key(key):
                    yield Stat(key, found["Size"], found["LastModified"])

    def _nothing(self, key: str, start: int) -> BinaryIO:
        """No bytes, from a place that the object has."""
        about = self.stat(key)
        if about is None:
            raise MissingBytes(key)
        if start > about.size:
            raise self._calls.failed("read", key, f"it has {about.size} bytes, {start} were asked for")
        return io.BytesIO()

    def _reads_back(self, key: str, upload: Upload) -> bool:
        """Whether the stored bytes are the right ones, where encryption or a store of its own mind gives
        an ETag that says nothing.
        """
        with self.open(key) as stored:
            return hexdigest(stored) == upload.sha256.lower()
