"""Files of the web, for models that are named by http(s):// address: fetched whole, or not at all.

Redirects are followed to other web addresses only. Nothing is kept; whoever names a model by address pins its digest.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from pipeline.addresses import Address, anywhere
from pipeline.connecting import cut_off, left_s, resolved
from pipeline.errors import AccessDenied, InputError, SourceMissing, StorageFull, StorageUnavailable
from pipeline.scratch import scratch_folder

SCHEMES = ("http://", "https://")

_TIMEOUT_S = 60.0
"""Without a byte."""


_NOBODY = {401, 403, 407}
_ABSENT = {404, 410}


@dataclass(frozen=True)
class Bounds:
    """What a file may be, and where it may lie. By default, as for those who may fetch it by themselves anyhow."""

    may_reach: Callable[[Address], bool] = anywhere
    """Decides over each address that a host's name leads to, redirects' too. Unless that is anywhere, no proxy is
    asked: it would reach what we may not."""
    within_s: float = 14_400.0
    """For all of it, however slowly it drips."""
    most_bytes: int = 16_000_000_000


_WIDE = Bounds()


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
def fetched(url: str, bounds: Bounds = _WIDE) -> Iterator[Path]:
    """A copy of the file, of the same name, until the block ends.

    Raises: InputError as `check_address`, or if it is beyond the bounds; SourceMissing; AccessDenied;
    StorageUnavailable if the server cannot be reached, fails, breaks off, or takes too long.
    """
    check_address(url)
    deadline = time.monotonic() + bounds.within_s
    with scratch_folder("download") as scratch:
        path = scratch / file_name(url)
        try:
            with (
                ExitStack() as watched,
                _opener(_Way(bounds, deadline, watched)).open(url, timeout=min(_TIMEOUT_S, bounds.within_s)) as answer,
            ):
                promised = answer.headers.get("Content-Length", "")
                size = _kept(answer, path, url, bounds.most_bytes)
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(url, error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            _check_time(url, deadline, bounds)
            reason = " ".join(str(getattr(error, "reason", error)).split())
            raise StorageUnavailable(f"{shown(url)}: cannot be fetched: {reason}") from error
        # What was cut off looks like an end.
        _check_time(url, deadline, bounds)
        if promised.isdigit() and size != int(promised):
            raise StorageUnavailable(f"{shown(url)}: broke off after {size:,} of {promised} bytes")
        yield path


def _check_time(url: str, deadline: float, bounds: Bounds) -> None:
    if time.monotonic() >= deadline:
        raise StorageUnavailable(f"{shown(url)}: did not come whole within {bounds.within_s:g} s")


def _kept(answer: IO[bytes], path: Path, url: str, most_bytes: int) -> int:
    """Write what comes into a file; gives its size in bytes."""
    size = 0
    with path.open("wb") as file:
        while part := answer.read(1 << 20):
            size += len(part)
            if size > most_bytes:
                raise InputError(f"{shown(url)}: has more than {most_bytes:,} bytes; check whether it is a model's")
            try:
                file.write(part)
            except OSError as error:
                raise StorageFull(f"{path.parent}: no room is left for {shown(url)}; make room") from error
    return size


@dataclass(frozen=True)
class _Way:
    """How one download reaches its servers."""

    bounds: Bounds
    deadline: float
    watched: ExitStack
    """Ends with the download, and with it the watch over its connections."""

    @property
    def is_free(self) -> bool:
        """Whether it may lead anywhere, by the proxies of the environment too."""
        return self.bounds.may_reach is anywhere

    def connected(self, host: str, port: int) -> socket.socket:
        """A connection to one of the addresses that were looked at. Raises: as `resolved`."""
        addresses = resolved(host, port, self.deadline, self.bounds.may_reach, host)
        for address in addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, port), left_s(self.deadline) / len(addresses))
        return socket.create_connection((addresses[-1], port), min(_TIMEOUT_S, left_s(self.deadline)))

    def watch(self, connected: socket.socket) -> None:
        """See to it that the connection ends in time."""
        self.watched.enter_context(cut_off(connected, self.deadline))


class _Plain(http.client.HTTPConnection):
    def __init__(self, host: str, *, way: _Way, **options: Any) -> None:
        super().__init__(host, **options)
        self._way = way

    def connect(self) -> None:
        if self._way.is_free:
            super().connect()
        else:
            self.sock = self._way.connected(self.host, self.port)
        self._way.watch(self.sock)


class _Secure(http.client.HTTPSConnection):
    def __init__(self, host: str, *, way: _Way, **options: Any) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(host, context=self._trusted, **options)
        self._way = way

    def connect(self) -> None:
        if self._way.is_free:
            super().connect()
        else:
            plain = self._way.connected(self.host, self.port)
            self.sock = self._trusted.wrap_socket(plain, server_hostname=self.host)
        self._way.watch(self.sock)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, way: _Way) -> None:
        super().__init__()
        self._way = way

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Plain, way=self._way), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, way: _Way) -> None:
        super().__init__()
        self._way = way

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Secure, way=self._way), req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows none from https to where anybody could change what comes, and reads nothing of what comes with one."""

    def http_error_302(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        # urllib would read all of it into memory.
        fp.close()
        return super().http_error_302(req, io.BytesIO(), code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
        if req.full_url.lower().startswith("https:") and not newurl.lower().startswith("https:"):
            raise urllib.error.HTTPError(shown(newurl), code, "leads away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(way: _Way) -> urllib.request.OpenerDirector:
    """Of the web alone: urllib's own would read files and ftp as well."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(None if way.is_free else {}),
        _Http(way),
        _Https(way),
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
