"""A store in a bucket of any server that speaks S3. Error translation is in s3_errors.py, reading in s3_reader.py."""

from __future__ import annotations

import io
import os
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from botocore.exceptions import ClientError
from s3transfer.manager import TransferConfig, TransferManager

from pipeline.errors import InputError, ObjectNotFound, StorageUnavailable
from pipeline.storage.base import Entries, Entry, Store, check_lasting
from pipeline.storage.files import file_errors, open_file, whole_file
from pipeline.storage.keys import check_key, check_prefix
from pipeline.storage.options import StoreOptions
from pipeline.storage.s3_client import make_client, make_signer
from pipeline.storage.s3_errors import error_code, is_missing, refuses_checksums, s3_errors, tries_used
from pipeline.storage.s3_reader import RangeReader, read_object

T = TypeVar("T")

READ_AHEAD = 4 << 20  # bytes fetched at once by open()
_BUCKET = re.compile(r"[a-zA-Z0-9._-]{3,255}")
_CONFLICTS = 6  # times that a create is tried against "a conflicting operation is in progress"
_WRITER = "writer"  # the metadata field that names who created an object


class S3Store(Store):
    """Objects in `s3://bucket/prefix`. Safe among threads, and in a process forked after the store was opened."""

    def __init__(self, url: str, options: StoreOptions) -> None:
        self._bucket, self._prefix = _split(url)
        self.url = f"s3://{self._bucket}/{self._prefix}".rstrip("/")
        self.atomic_create = options.atomic_create
        self._options = options
        self._client = make_client(options)
        self._process = os.getpid()
        self._bucket_seen = False
        self._signer: Any = None

    def get(self, key: str) -> bytes:
        where = self._where(key)
        return self._run(key, lambda client: read_object(client, attempts=self._options.attempts, **where))

    def put(self, key: str, data: bytes) -> None:
        if len(data) > self._options.part_bytes:
            self._send(io.BytesIO(data), key)
            return
        where = self._where(key)
        self._run(key, lambda client: client.put_object(Body=data, **where))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write the object unless the key exists. True if this call created it.

        After StorageUnavailable the outcome is unknown: read the object to learn it.
        """
        if not self.atomic_create and self.exists(key):
            return False
        where = self._where(key)
        try:
            return self._run(key, lambda client: _create(client, data, where))
        except _ConditionUnknown:
            if self.exists(key):
                return False
            self.put(key, data)
            return True

    def list(self, prefix: str = "") -> Iterator[Entry]:
        check_prefix(prefix)
        request: dict[str, Any] = {
            "Bucket": self._bucket,
            "Prefix": self._prefix + prefix,
            "MaxKeys": self._options.page_keys,
        }
        while True:
            page = self._run(prefix, lambda client: client.list_objects_v2(**request))
            for found in page.get("Contents", ()):
                key = found["Key"].removeprefix(self._prefix)
                if key and not key.endswith("/"):  # consoles mark "folders" with such keys
                    yield Entry(key=key, size=found["Size"], modified=found["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def exists(self, key: str) -> bool:
        try:
            self._head(key)
        except ObjectNotFound:
            return False
        return True

    def size(self, key: str) -> int:
        return self._head(key)["ContentLength"]

    def delete(self, key: str) -> None:
        where = self._where(key)
        self._run(key, lambda client: client.delete_object(**where))

    def open(self, key: str) -> BinaryIO:
        head = self._head(key)
        where = self._where(key)

        def fetch(start: int, stop: int) -> bytes:
            # The same object to the end, even if the key is written anew meanwhile.
            request = {"Range": f"bytes={start}-{stop - 1}", "IfMatch": head["ETag"], **where}
            return self._run(key, lambda client: read_object(client, attempts=self._options.attempts, **request))

        return io.BufferedReader(RangeReader(fetch, head["ContentLength"]), READ_AHEAD)

    def upload(self, path: Path, key: str) -> None:
        with file_errors(str(path)), open_file(path) as file:
            self._send(file, key)

    def download(self, key: str, path: Path) -> None:
        self._head(key)
        with file_errors(str(path)), whole_file(path) as file:
            where = self._where(key)

            def receive(client: Any) -> None:
                with self._transfers(client) as manager:
                    manager.download(where["Bucket"], where["Key"], file).result()

            self._run(key, receive)

    def copy_from(self, source: Store, source_key: str, key: str) -> None:
        if isinstance(source, S3Store) and source._options.endpoint_url == self._options.endpoint_url:
            self._copy_on_server(source, source_key, key)
            return
        with source.open(source_key) as file:
            self._send(file, key)

    def link(self, key: str, *, expires_s: float) -> str:
        check_lasting(expires_s)
        # Signing asks nobody, and would do it for what is not there.
        self._head(key)
        where = self._where(key)
        with s3_errors(f"s3://{self._bucket}/{self._prefix}{key}", bucket=self._bucket):
            if self._signer is None:
                self._signer = make_signer(self._options)
            return str(self._signer.generate_presigned_url("get_object", Params=where, ExpiresIn=int(expires_s)))

    def sweep(self, *, older_than_s: float, dry_run: bool = False) -> Entries:
        newest = datetime.now(UTC) - timedelta(seconds=older_than_s)

        def abort_old(client: Any) -> Entries:
            pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=self._prefix)
            old = [each for page in pages for each in page.get("Uploads", ()) if each["Initiated"] <= newest]
            return [entry for each in old for entry in self._abort(client, each, dry_run)]

        return self._run("", abort_old)

    def _abort(self, client: Any, upload: dict[str, Any], dry_run: bool) -> Entries:
        """End one unfinished transfer: what it was; nothing if it ended by itself, or by another sweep."""
        where = {"Bucket": self._bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
        try:
            pages = client.get_paginator("list_parts").paginate(**where)
            size = sum(part["Size"] for page in pages for part in page.get("Parts", ()))
            if not dry_run:
                client.abort_multipart_upload(**where)
        except ClientError as error:
            if error_code(error) == "NoSuchUpload":
                return []
            raise
        key = upload["Key"].removeprefix(self._prefix)
        return [Entry(key=key, size=size, modified=upload["Initiated"].timestamp())]

    def _copy_on_server(self, source: S3Store, source_key: str, key: str) -> None:
        size = source.size(source_key)
        origin, where = source._where(source_key), self._where(key)
        if origin == where:
            return  # S3 refuses to copy an object onto itself

        def copy(client: Any) -> None:
            if size <= self._options.part_bytes:
                client.copy_object(CopySource=origin, **where)
                return
            with self._transfers(client) as manager:
                manager.copy(origin, where["Bucket"], where["Key"], source_client=source._client).result()

        self._run(key, copy)

    def _send(self, file: BinaryIO, key: str) -> None:
        """Write what the file holds from its beginning, in parts if it is large."""
        size = file.seek(0, io.SEEK_END)
        where = self._where(key)

        def send(client: Any) -> None:
            file.seek(0)
            if size <= self._options.part_bytes:
                client.put_object(Body=file, **where)
                return
            with self._transfers(client) as manager:
                manager.upload(file, where["Bucket"], where["Key"]).result()

        self._run(key, send)

    def _head(self, key: str) -> dict[str, Any]:
        """The object's headers.

        Raises: ObjectNotFound, and InputError if the whole bucket is missing.
        """
        where = self._where(key)

        def head(client: Any) -> dict[str, Any]:
            try:
                return client.head_object(**where)
            except ClientError as error:
                # An answer to HEAD has no body to say which of the two is missing.
                if is_missing(error) and not self._bucket_seen:
                    client.head_bucket(Bucket=self._bucket)
                    self._bucket_seen = True
                raise

        return self._run(key, head)

    def _run(self, key: str, operation: Callable[[Any], T]) -> T:
        """Do one thing with the client; a server that refuses checksums is served without them from then on."""
        if self._process != os.getpid():
            # A forked child must not share its parent's connections.
            self._client, self._process = make_client(self._options), os.getpid()
        with s3_errors(f"s3://{self._bucket}/{self._prefix}{key}", bucket=self._bucket):
            try:
                return operation(self._client)
            except ClientError as error:
                if self._options.checksums == "when_required" or not refuses_checksums(error):
                    raise
            plain = replace(self._options, checksums="when_required")
            client = make_client(plain)
            result = operation(client)
            self._options, self._client = plain, client
            return result

    def _transfers(self, client: Any) -> TransferManager:
        config = TransferConfig(
            multipart_threshold=self._options.part_bytes,
            multipart_chunksize=self._options.part_bytes,
            max_request_concurrency=self._options.threads,
        )
        return TransferManager(client, config)

    def _where(self, key: str) -> dict[str, str]:
        check_key(key)
        return {"Bucket": self._bucket, "Key": self._prefix + key}


class _ConditionUnknown(Exception):
    """The server knows no create-only put."""


def _create(client: Any, data: bytes, where: dict[str, str]) -> bool:
    """Put unless the key exists. True if this call created it, even if an answer got lost on the way."""
    writer = uuid.uuid4().hex
    for attempt in range(_CONFLICTS):
        try:
            client.put_object(Body=data, IfNoneMatch="*", Metadata={_WRITER: writer}, **where)
            return True
        except ClientError as error:
            code = error_code(error)
            if code in ("PreconditionFailed", "412"):
                # A repeated request may have been refused because of its own first try.
                return tries_used(error) > 1 and _writer_of(client, where) == writer
            if code == "NotImplemented":
                raise _ConditionUnknown from error
            if code not in ("ConditionalRequestConflict", "OperationAborted", "409"):
                raise
        time.sleep(random.uniform(0, 0.05 * 2**attempt))
    raise StorageUnavailable(f"s3://{where['Bucket']}/{where['Key']}: other writers kept this key busy; try again")


def _writer_of(client: Any, where: dict[str, str]) -> str | None:
    return client.head_object(**where)["Metadata"].get(_WRITER)


def _split(url: str) -> tuple[str, str]:
    """(bucket, prefix), the prefix empty or with a slash at its end."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise InputError(f"{url!r} names no bucket; write s3://bucket/prefix")
    if not _BUCKET.fullmatch(bucket):
        raise InputError(f"{url!r}: {bucket!r} can be no bucket; its name has letters, digits, dots and hyphens")
    prefix = prefix.strip("/")
    check_prefix(prefix)
    return bucket, f"{prefix}/" if prefix else ""
