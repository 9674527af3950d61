"""Sending bytes to an S3 store, in one request or in parts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pypicloud_like.settings.model import S3StorageSettings
from pypicloud_like.storage._s3_calls import code_of
from pypicloud_like.storage._s3_upload import Part, Upload, encoded

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_log = logging.getLogger(__name__)


class Sender:
    """One upload. Ids of multipart uploads stand in ``uploading`` as long as they are being sent.

    Its methods raise what boto3 raises.
    """

    def __init__(self, client: S3Client, settings: S3StorageSettings, uploading: set[str]) -> None:
        self._client = client
        self._settings = settings
        self._bucket = settings.bucket
        self._strict = settings.checksums == "when_supported"
        self._uploading = uploading

    def send(self, full: str, upload: Upload, content_type: str) -> None:
        """Store the bytes under a full key; they are visible at the end or not at all."""
        if len(upload.parts) == 1:
            self._put_whole(full, upload, content_type)
        else:
            self._put_in_parts(full, upload, content_type)

    def proves(self, full: str, upload: Upload) -> bool:
        """Whether the store says that it holds these bytes. It need not be able to say."""
        mode: Any = {"ChecksumMode": "ENABLED"} if self._strict else {}
        about = self._client.head_object(Bucket=self._bucket, Key=full, **mode)
        known = about.get("ChecksumSHA256") == upload.checksum or about["ETag"].strip('"') == upload.etag
        return known and about["ContentLength"] == upload.size

    def _attributes(self, content_type: str) -> dict[str, Any]:
        wanted = {
            "ContentType": content_type,
            "ServerSideEncryption": self._settings.server_side_encryption,
            "StorageClass": self._settings.storage_class,
            "ACL": self._settings.object_acl,
        }
        return {name: value for name, value in wanted.items() if value}

    def _digest(self, part: Part) -> dict[str, Any]:
        """What the store shall compare. Given by us in a header, it spares the SDK its trailers, which
        not every store reads.
        """
        if self._strict:
            return {"ChecksumSHA256": encoded(part.sha256)}
        return {"ContentMD5": encoded(part.md5)}

    def _put_whole(self, full: str, upload: Upload, content_type: str) -> None:
        part = upload.parts[0]
        self._client.put_object(
            Bucket=self._bucket,
            Key=full,
            Body=upload.body(part),
            **self._digest(part),
            **self._attributes(content_type),
        )

    def _put_in_parts(self, full: str, upload: Upload, content_type: str) -> None:
        client = self._client
        attributes = self._attributes(content_type)
        if self._strict:
            attributes["ChecksumAlgorithm"] = "SHA256"
        begun = client.create_multipart_upload(Bucket=self._bucket, Key=full, **attributes)
        where: dict[str, Any] = {"Bucket": self._bucket, "Key": full, "UploadId": begun["UploadId"]}
        self._uploading.add(begun["UploadId"])
        try:
            done: list[Any] = []
            for number, part in enumerate(upload.parts, start=1):
                digest = self._digest(part)
                sent = client.upload_part(**where, PartNumber=number, Body=upload.body(part), **digest)
                digest.pop("ContentMD5", None)
                done.append({"PartNumber": number, "ETag": sent["ETag"], **digest})
            try:
                client.complete_multipart_upload(**where, MultipartUpload={"Parts": done})
            except client.exceptions.ClientError as error:
                # A retry after a lost answer: the first attempt did it. What is stored is looked at next.
                if code_of(error) != "NoSuchUpload":
                    raise
        except BaseException:
            self._abort(where)
            raise
        finally:
            self._uploading.discard(begun["UploadId"])

    def _abort(self, where: dict[str, Any]) -> None:
        try:
            self._client.abort_multipart_upload(**where)
        except (BotoCoreError, ClientError):
            _log.warning("storage: bucket %s: an upload was not aborted; the clean-up will", self._bucket)
