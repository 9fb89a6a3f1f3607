"""Pictures that a job reads besides its source, as paintings, masks, contents: checked, and pinned by digest."""

from __future__ import annotations

import hashlib

from jobs.records import FileRef
from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.limits import DEFAULT_LIMITS, Limits
from pipeline.images import read_header, read_picture
from pipeline.storage import StoreOptions

_MAX_BYTES = 512_000_000
"""A picture's file that is larger is none."""


def picture_file(url: str, options: StoreOptions, limits: Limits = DEFAULT_LIMITS) -> FileRef:
    """The picture at a path or `s3://` address.

    Raises: MediaError if it is not there, no picture, or too large; AccessDenied; StorageUnavailable.
    """
    length = access.size(url, options)
    if length > _MAX_BYTES:
        raise MediaError(f"{url}: is {length / 1e6:,.0f} MB; a picture has at most 512 MB")
    data = access.read_bytes(url, options)
    # Workers read it by the default.
    read_picture(data, where=url, limits=min(limits, DEFAULT_LIMITS, key=lambda each: each.pixels))
    return FileRef(name=access.basename(url), key=url, sha256=hashlib.sha256(data).hexdigest())


def picture_size(url: str, options: StoreOptions) -> tuple[int, int]:
    """Width and height in px, upright. Raises: as `picture_file`."""
    with access.open_bytes(url, options) as reader:
        return read_header(reader, where=url).size
