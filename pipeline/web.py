"""Files of the web, for models that are named by http(s):// address: fetched whole, or not at all.

Redirects are followed to other web addresses only. Nothing is kept; whoever names a model by address pins its digest.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from pipeline.errors import AccessDenied, InputError, SourceMissing, StorageFull, StorageUnavailable
from pipeline.scratch import scratch_folder

SCHEMES = ("http://", "https://")

_TIMEOUT_S = 60.0
"""Without a byte."""

_MOST_BYTES = 16_000_000_000

_NOBODY = {401, 403, 407}
_ABSENT = {404, 410}


def is_web(url: str) -> bool:
    """Whether it is a web address."""
    return url.lower().startswith(SCHEMES)


def check_address(url: str) -> None:
    """Raises: InputError if the address is none, names no file, or holds a password, which messages would repeat."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError as error:
        raise InputError(f"a web address cannot be understood ({error}); write https://host/path/model.pkl") from error
    if "@" in parts.netloc:
        raise InputError("a web address with a user's name or password is not taken; download the file, and name it")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(f"{shown(url)!r}: an address has letters, digits and %-signs only; write é as %C3%A9")
    if not host or not file_name(url):
        raise InputError(f"{shown(url)}: names no file; write https://host/path/model.pkl")


def file_name(url: str) -> str:
    """The last part of the address's path."""
    return PurePosixPath(unquote(urlsplit(url).path).replace("\0", "")).name


def shown(url: str) -> str:
    """The address as messages repeat it: a web address without its query, which may be a signature."""
    return url.partition("#")[0].partition("?")[0] if is_web(url) else url


@contextmanager
def fetched(url: str) -> Iterator[Path]:
    """A copy of the file, of the same name, until the block ends.

    Raises: InputError as `check_address`; SourceMissing; AccessDenied; StorageUnavailable if the server cannot be
    reached, fails, or breaks off.
    """
    check_address(url)
    with scratch_folder("download") as scratch:
        path = scratch / file_name(url)
        try:
            with _opener().open(url, timeout=_TIMEOUT_S) as answer:
                promised = answer.headers.get("Content-Length", "")
                size = _kept(answer, path, url)
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(url, error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split())
            raise StorageUnavailable(f"{shown(url)}: cannot be fetched: {reason}") from error
        if promised.isdigit() and size != int(promised):
            raise StorageUnavailable(f"{shown(url)}: broke off after {size:,} of {promised} bytes")
        yield path


def _kept(answer: IO[bytes], path: Path, url: str) -> int:
    """Write what comes into a file; gives its size in bytes."""
    size = 0
    with path.open("wb") as file:
        while part := answer.read(1 << 20):
            size += len(part)
            if size > _MOST_BYTES:
                raise InputError(
                    f"{shown(url)}: has more than {_MOST_BYTES:,} bytes, as no model has; check the address"
                )
            try:
                file.write(part)
            except OSError as error:
                raise StorageFull(f"{path.parent}: no room is left for {shown(url)}; make room") from error
    return size


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows none from https to where anybody could change what comes."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        if req.full_url.lower().startswith("https:") and not newurl.lower().startswith("https:"):
            raise urllib.error.HTTPError(shown(newurl), code, "leads away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Of the web alone: urllib's own would read files and ftp as well."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        _Redirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _refused(url: str, error: urllib.error.HTTPError) -> Exception:
    said = f"the server answers {error.code} {' '.join(str(error.reason).split())[:200]}"
    if error.code in _ABSENT:
        return SourceMissing(f"{shown(url)}: no such file; {said}")
    if error.code in _NOBODY:
        return AccessDenied(f"{shown(url)}: we may not read it; {said}")
    return StorageUnavailable(f"{shown(url)}: cannot be fetched; {said}")
