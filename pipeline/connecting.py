"""Connections to servers of the web: to addresses that were looked at, and with an end when time is over."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pipeline.addresses import Address
from pipeline.errors import InputError


def left_s(deadline: float) -> float:
    """Seconds until then; never quite none, which would mean for ever."""
    return max(0.001, deadline - time.monotonic())


def resolved(host: str, port: int, deadline: float, may_reach: Callable[[Address], bool], shown: str) -> list[str]:
    """Every address of the host. `may_reach`: decides over each; `shown`: what messages call the server.

    Raises: InputError if one may not be reached; OSError if there is none, or it is not found in time; UnicodeError if
    that can be no name of a host.
    """
    found = _asked(host, port, deadline)
    for address in found:
        if not may_reach(ipaddress.ip_address(address)):
            raise InputError(f"{shown}: leads to {address}, an address of a private network or of this machine")
    return found


def _asked(host: str, port: int, deadline: float) -> list[str]:
    """Every address of the host. The system's resolver knows no deadline: it is asked from a thread."""
    found: list[str] = []
    failed: list[OSError | UnicodeError] = []

    def resolve() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failed.append(error)
        else:
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

    thread = threading.Thread(target=resolve, name="resolve", daemon=True)
    thread.start()
    thread.join(left_s(deadline))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError("the host's address was not found in time")
    return found


@contextmanager
def cut_off(connected: socket.socket | None, deadline: float) -> Iterator[None]:
    """End what is connected when the time is over.

    A timeout of sockets begins anew with each byte, and so would never end for a server that drips. (Connecting and
    shaking hands have one for all of it.)
    """
    assert connected is not None, "it is connected"

    def cut() -> None:
        with suppress(OSError):
            # Past TLS, which is not for two threads at once.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = threading.Timer(left_s(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
