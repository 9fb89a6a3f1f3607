"""Which keys a store takes: the same ones everywhere, so that a job may move from a folder to a bucket."""

from __future__ import annotations

from pipeline.errors import InputError

_LONGEST_KEY = 1024  # bytes; S3's limit


def check_key(key: str) -> None:
    """Accept `a/b/c.png`.

    Raises: InputError for a key that is empty, absolute, climbs (`..`), has empty parts or control characters,
    or is too long.
    """
    if not key:
        raise InputError("the key of an object is empty; it must look like 'a/b.png'")
    if key.startswith("/"):
        raise InputError(f"the key {key!r} starts with a slash; keys are relative to the store's root")
    parts = key.split("/")
    if ".." in parts or "." in parts:
        raise InputError(f"the key {key!r} would leave the store's root; '.' and '..' are not allowed in keys")
    if "" in parts:
        raise InputError(f"the key {key!r} has an empty part; write one slash between parts and none at the end")
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in key):
        raise InputError(f"the key {key!r} has a control character")
    _check_encoding(key)


def check_prefix(prefix: str) -> None:
    """Accept the beginning of a key, whole parts or not: ``, `a`, `a/`, `a/b`.

    Raises: InputError as check_key does.
    """
    if prefix:
        check_key(prefix.removesuffix("/"))


def _check_encoding(key: str) -> None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise InputError(f"the key {key!r} is no valid Unicode text") from error
    if length > _LONGEST_KEY:
        raise InputError(f"the key {key[:40]!r}… has {length} bytes; at most {_LONGEST_KEY} are allowed")
