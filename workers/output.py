"""Writing deliverables, and reading each back: what counts as delivered was read from the output, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from jobs import naming
from jobs.records import Blob
from pipeline.errors import IntegrityError, ObjectNotFound
from pipeline.storage.base import Store
from pipeline.storage.digests import digest_of
from workers.seal import Sealer


class Output:
    """A job's output while it is stitched."""

    def __init__(self, store: Store, url: str, sealer: Sealer | None = None) -> None:
        """`url`: as the job file names the output. `sealer`: signs what is delivered, if it is to be."""
        self._store, self._url, self._sealer = store, url, sealer
        self.files: list[tuple[str, int, str]] = []
        """What was delivered and is no frame itself: name, size in bytes, SHA-256."""
        self.pictures: list[tuple[str, int]] = []
        """What was delivered and is a frame's own bytes: name, the frame's number."""

    def address(self, name: str) -> str:
        """Where people find a file."""
        return f"{self._url.rstrip('/')}/{name}"

    def withdraw(self) -> None:
        """While deliverables are replaced, no older result may vouch for them."""
        self._store.delete(naming.RESULT)
        self._store.delete(naming.CERTIFICATE)

    def remove(self, name: str) -> None:
        """A file that an earlier generation delivered and this one does not."""
        self._store.delete(name)

    def vouch(self, certificate: bytes, result: bytes) -> None:
        """Make the job visible."""
        for name, data in ((naming.CERTIFICATE, certificate), (naming.RESULT, result)):
            self._store.put(name, data)
            self._check(name, len(data), hashlib.sha256(data).hexdigest())

    def put(self, name: str, data: bytes, *, sealed: bool = True) -> tuple[int, str]:
        """Deliver bytes; their size and SHA-256. `sealed`: whether they are signed. Raises: IntegrityError."""
        if sealed and (blob := self._signed(name, data)) is not None:
            return blob.size, blob.sha256
        size, sha256 = len(data), hashlib.sha256(data).hexdigest()
        self._store.put(name, data)
        self._check(name, size, sha256)
        self.files.append((name, size, sha256))
        return size, sha256

    def upload(self, path: Path, name: str) -> tuple[int, str]:
        """Deliver a local file; its size and SHA-256. Raises: IntegrityError."""
        if (blob := self._signed(name, path)) is not None:
            return blob.size, blob.sha256
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
        self._store.upload(path, name)
        self._check(name, size, sha256)
        self.files.append((name, size, sha256))
        return size, sha256

    def picture(self, source: Store, blob: Blob, name: str, *, fetch: Callable[[], bytes]) -> Blob:
        """Deliver a stored picture, signed if it is to be; what was delivered is for the caller to note.

        Raises: as `copy`.
        """
        sealed = None if self._sealer is None else self._sealer.seal(name, fetch())
        if self._sealer is None or sealed is None:
            self.copy(source, blob, name, fetch=fetch)
            return blob
        self.copy(self._sealer.store, sealed, name, fetch=lambda: self._stored(sealed))
        return sealed

    def copy(self, source: Store, blob: Blob, name: str, *, fetch: Callable[[], bytes]) -> None:
        """Deliver a stored object, on the server where the store can; what was delivered is for the caller to note.

        `fetch` gives the object's bytes, verified, if the copy is not what it should be.
        Raises: IntegrityError; whatever `fetch` raises.
        """
        try:
            self._store.copy_from(source, blob.key, name)
            if self._is(name, blob.size, blob.sha256):
                return
        except ObjectNotFound:
            pass  # `fetch` says what is missing
        # Is the object damaged, or was it the copying? Fetching tells.
        self._store.put(name, fetch())
        self._check(name, blob.size, blob.sha256)

    def _signed(self, name: str, content: bytes | Path) -> Blob | None:
        """Deliver a file signed; what was delivered. None if it is not signed."""
        if self._sealer is None or (blob := self._sealer.seal(name, content)) is None:
            return None
        self.copy(self._sealer.store, blob, name, fetch=lambda: self._stored(blob))
        self.files.append((name, blob.size, blob.sha256))
        return blob

    def _stored(self, blob: Blob) -> bytes:
        """A signed file's bytes, as the job's store has them."""
        assert self._sealer is not None, "who asks has had it signed"
        data = self._sealer.store.get(blob.key)
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise IntegrityError(f"{blob.key}: is not what was signed; is that storage in order?")
        return data

    def _is(self, name: str, size: int, sha256: str) -> bool:
        return digest_of(self._store, name, expected=size) == (size, sha256)

    def _check(self, name: str, size: int, sha256: str) -> None:
        try:
            whole = self._is(name, size, sha256)
        except ObjectNotFound as error:
            raise IntegrityError(
                f"{self.address(name)}: was written and is not there; is that storage in order?"
            ) from error
        if not whole:
            raise IntegrityError(
                f"{self.address(name)}: is not what was written, when it is read back; is that storage in order?"
            )
