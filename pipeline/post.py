"""One POST to one server, and its answer: within a deadline, without redirects, to an address that was looked at.

For what Atelier asks or tells others on the web; files are fetched by web.py. urllib3 is what boto3 brings in any case,
follows and repeats nothing unless told to, and lets us connect to one address and check the certificate of a name.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from pipeline.addresses import PORTS, Address, anywhere, check_address, shown
from pipeline.connecting import cut_off, left_s, resolved
from pipeline.errors import ServiceUnavailable

_PART_BYTES = 1 << 16

_FAILURES = (OSError, http.client.HTTPException, HTTPError)
"""What a connection that goes wrong raises, by whichever layer notices it."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    is_whole: bool
    """Whether that is all of it; else it has more bytes than were wanted."""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    most_bytes: int,
    may_reach: Callable[[Address], bool] = anywhere,
) -> Answer:
    """Send the body and wait for the answer, of which at most so many bytes are read; with 0, its head alone.

    `timeout_s` is for all of it: finding the host, connecting, sending, and however slowly the answer drips.
    `may_reach`: decides over each address that the host's name leads to; the one that was looked at is connected to,
    so a name that leads elsewhere a moment later makes no difference.
    Raises: InputError if the address is none or may not be reached; ServiceUnavailable if no whole answer comes.
    """
    parts = check_address(url)
    deadline = time.monotonic() + timeout_s
    with _told(url, deadline, timeout_s), _connected(parts, deadline, may_reach) as connection:
        whole_headers = {
            "Host": parts.netloc,
            "User-Agent": "atelier",
            # What is packed could unpack to more than is wanted.
            "Accept-Encoding": "identity",
            **headers,
        }
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=whole_headers, preload_content=False)
        with closing(connection.getresponse()) as response:
            answer = _read(response, most_bytes)
        if time.monotonic() >= deadline:
            # What was cut off looks like an end.
            raise TimeoutError
        return answer


def _read(response: BaseHTTPResponse, most_bytes: int) -> Answer:
    body = b""
    if not most_bytes:
        return Answer(response.status, response.headers, body, is_whole=False)
    # One byte more tells that there is more.
    while len(body) <= most_bytes and (part := response.read(min(_PART_BYTES, most_bytes + 1 - len(body)))):
        body += part
    return Answer(response.status, response.headers, body[:most_bytes], is_whole=len(body) <= most_bytes)


@contextmanager
def _told(url: str, deadline: float, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        if time.monotonic() >= deadline:
            reason = f"no answer came within {timeout_s:g} s"
        elif isinstance(error, ssl.SSLError):
            reason = f"its certificate is not trusted, or it speaks no TLS ({_reason(error)})"
        else:
            reason = _reason(error)
        raise ServiceUnavailable(f"{shown(url)}: {reason}") from error


def _reason(error: Exception) -> str:
    """What went wrong, in a few words: libraries repeat themselves and name their own objects."""
    seen: BaseException = error
    while not isinstance(seen, OSError) and (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    if isinstance(seen, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(seen, TimeoutError):
        return "no answer came in time"
    if isinstance(seen, ConnectionError):
        return "the connection broke off"
    if isinstance(error, HTTPError | http.client.HTTPException) and "IncompleteRead" in repr(error):
        return "the answer broke off"
    said = seen.strerror if isinstance(seen, OSError) and seen.strerror else str(seen)
    return " ".join(f"{said or type(seen).__name__}".split())[:200]


# Connecting


@contextmanager
def _connected(
    parts: SplitResult, deadline: float, may_reach: Callable[[Address], bool]
) -> Iterator[HTTPConnection | HTTPSConnection]:
    """A connection to the first of the host's addresses that takes it, cut off when the time is over."""
    host = (parts.hostname or "").encode("idna").decode()
    port = parts.port or PORTS[parts.scheme.lower()]
    addresses = resolved(host, port, deadline, may_reach, shown(parts.geturl()))
    failure: Exception | None = None
    for number, address in enumerate(addresses):
        # One that is dead leaves the others their share of the time.
        share_s = left_s(deadline) / (len(addresses) - number)
        connection = _connection(parts.scheme.lower(), host, address, port, share_s)
        try:
            connection.connect()
            connection.timeout = left_s(deadline)
        except _FAILURES as error:
            failure = error
            connection.close()
            continue
        try:
            with cut_off(connection.sock, deadline):
                yield connection
        finally:
            connection.close()
        return
    assert failure is not None, "a host that was found has an address"
    raise failure


def _connection(scheme: str, host: str, address: str, port: int, timeout_s: float) -> HTTPConnection | HTTPSConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=timeout_s)
    context = ssl.create_default_context()
    return HTTPSConnection(address, port, timeout=timeout_s, server_hostname=host, ssl_context=context)
