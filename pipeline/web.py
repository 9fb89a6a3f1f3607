"""Files of the web, for models that are named by http(s):// address: fetched whole, or not at all.

Redirects are followed to other web addresses only. Nothing is kept; whoever names a model by address pins its digest.
"""

from __future__ import annotations

import http.client
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from pipeline.errors import AccessDenied, InputError, SourceMissing, StorageUnavailable
from pipeline.scratch import scratch_folder

SCHEMES = ("http://", "https://")

_TIMEOUT_S = 60.0
"""Without a byte."""

_NOBODY = {401, 403, 407}
_ABSENT = {404, 410}


def is_web(url: str) -> bool:
    """Whether it is a web address."""
    return url.lower().startswith(SCHEMES)


def check_address(url: str) -> None:
    """Raises: InputError if the address names no file, or holds a password, which messages would repeat."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise InputError("a web address with a user's name or password is not taken; download the file, and name it")
    if not parts.hostname or not file_name(url):
        raise InputError(f"{shown(url)}: names no file; write https://host/path/model.pkl")


def file_name(url: str) -> str:
    """The last part of the address's path."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def shown(url: str) -> str:
    """The address as messages repeat it: a web address without its query, which may be a signature."""
    return urlsplit(url)._replace(query="", fragment="").geturl() if is_web(url) else url


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
            with _opener().open(url, timeout=_TIMEOUT_S) as answer, path.open("wb") as file:
                shutil.copyfileobj(answer, file, 1 << 20)
                promised = answer.headers.get("Content-Length")
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(url, error) from error
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            reason = getattr(error, "reason", error)
            raise StorageUnavailable(f"{shown(url)}: cannot be fetched: {reason}") from error
        if promised is not None and promised.isdigit() and path.stat().st_size != int(promised):
            raise StorageUnavailable(f"{shown(url)}: broke off after {path.stat().st_size:,} of {promised} bytes")
        yield path


def _opener() -> urllib.request.OpenerDirector:
    """Of the web alone: urllib's own would read files and ftp as well."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _refused(url: str, error: urllib.error.HTTPError) -> Exception:
    said = f"the server answers {error.code} {error.reason}"
    if error.code in _ABSENT:
        return SourceMissing(f"{shown(url)}: no such file; {said}")
    if error.code in _NOBODY:
        return AccessDenied(f"{shown(url)}: we may not read it; {said}")
    return StorageUnavailable(f"{shown(url)}: cannot be fetched; {said}")
