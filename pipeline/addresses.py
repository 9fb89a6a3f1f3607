"""Addresses of servers on the web: what may be one, how it is shown, and which lead to the internet."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
"""The schemes, each with the port that it has where none is written."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses behind which others of IPv4 lie (RFC 6052)."""


def anywhere(address: Address) -> bool:
    """Every address may be reached: of servers that whoever sets Atelier up has named."""
    return True


def is_public(address: Address) -> bool:
    """Whether the address is one of the internet's, and not of this machine, of a private network, or of a link."""
    within = _within(address)
    return all(each.is_global and not each.is_multicast for each in (address, *within))


def _within(address: Address) -> list[ipaddress.IPv4Address]:
    """The addresses of IPv4 that one of IPv6 leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]


def check_address(url: str) -> SplitResult:
    """The address, taken apart.

    Raises: InputError if it is none of the web's, or holds a user's name or password, which messages would repeat.
    """
    right = "write https://host/path"
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
    except ValueError as error:
        raise InputError(f"the address cannot be understood; {right}") from error
    if "@" in parts.netloc:
        raise InputError(f"an address with a user's name or password is not taken; {right}")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InputError("an address has letters, digits and %-signs only; write é as %C3%A9")
    if parts.scheme.lower() not in PORTS or not host:
        raise InputError(f"{shown(url)!r} is no address of the web; {right}")
    return parts


def shown(url: str) -> str:
    """The address as messages repeat it: without its query, which may be a secret, and without a user."""
    before, separator, rest = url.partition("#")[0].partition("?")[0].partition("://")
    if not separator:
        return before
    place, slash, path = rest.partition("/")
    return f"{before}://{place.rpartition('@')[2]}{slash}{path}"
