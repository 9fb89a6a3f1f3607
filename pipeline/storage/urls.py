"""Addresses of stores and of the objects in them: a path, `file:///path`, or `s3://bucket/key`."""

from __future__ import annotations

import os
from difflib import get_close_matches
from importlib import import_module

from pipeline.errors import InputError
from pipeline.storage.base import Store
from pipeline.storage.options import StoreOptions

STORES = {
    "file": "pipeline.storage.local:LocalStore",
    "s3": "pipeline.storage.s3:S3Store",
}
"""Scheme → "module:attr" of a class that is called with (url, options). Of a `file` url only the path is passed."""


def open_store(url: str, options: StoreOptions | None = None) -> Store:
    """The store whose root is `url`: a folder (made by the first put) or `s3://bucket/prefix`.

    Nothing is asked of a server yet.
    Raises: InputError if the address is wrong, ConfigError if a setting is.
    """
    scheme, rest = _split_scheme(url)
    module, _, name = STORES[scheme].partition(":")
    factory = getattr(import_module(module), name)
    return factory(rest if scheme == "file" else url, options or StoreOptions())


def split_url(url: str) -> tuple[str, str]:
    """A file's address as the root of a store and the key in it.

    `s3://bucket/a/b.mp4` gives (`s3://bucket`, `a/b.mp4`); `/films/a.mp4` gives (`/films`, `a.mp4`).
    Raises: InputError if the address names no file.
    """
    scheme, rest = _split_scheme(url)
    if scheme == "file":
        folder, name = os.path.split(os.path.abspath(os.path.expanduser(rest)))
        if not name or rest.endswith("/"):
            raise InputError(f"{url!r} names a folder; name a file in it")
        return folder, name
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise InputError(f"{url!r} names no bucket; write {scheme}://bucket/key")
    if not key or key.endswith("/"):
        raise InputError(f"{url!r} names no object; write {scheme}://{bucket}/key")
    return f"{scheme}://{bucket}", key


def is_remote(url: str) -> bool:
    """Whether the address is not simply a path of this machine.

    Raises: InputError for a scheme that no store has.
    """
    return _split_scheme(url)[0] != "file"


def _split_scheme(url: str) -> tuple[str, str]:
    """(`file`, path) or (`s3`, `bucket/key`)."""
    if not url:
        raise InputError("the address of a store is empty; write a path or s3://bucket/prefix")
    _check_bucket(url)
    if "\0" in url or any("\ud800" <= letter <= "\udfff" for letter in url):
        raise InputError(f"{url!r}: no path or address has such characters; check it")
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "file", url
    if scheme not in STORES:
        near = get_close_matches(scheme.lower(), STORES, n=1, cutoff=0.5)
        right = f"did you mean {near[0]}://?" if near else "write a path or " + ", ".join(f"{s}://…" for s in STORES)
        # Of other schemes, too, an address may carry a password or a signature.
        said = f"{scheme}://…" if "@" in rest or "?" in rest else url
        raise InputError(f"{said!r}: no store has the scheme {scheme!r}; {right}")
    if scheme == "file" and not rest.startswith("/"):
        raise InputError(f"{url!r}: a file address has three slashes, as in file:///films/a.mp4")
    return scheme, rest


def _check_bucket(url: str) -> None:
    """Refuse credentials in an address, without repeating them: addresses stand in records, logs and messages."""
    scheme, separator, rest = url.partition("://")
    bucket = rest.partition("/")[0]
    if separator and scheme.lower() == "s3" and ("@" in bucket or ":" in bucket):
        raise InputError(
            "what holds '@' or ':' can be no bucket; write s3://bucket/prefix, and put credentials into the "
            "environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
