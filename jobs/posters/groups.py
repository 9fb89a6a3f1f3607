"""A/B groups: which audience sees which version. Stable: an audience stays in its group, whoever else comes or goes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

_BITS = 64


def group_of(audience: str, shares: Mapping[str, float], *, salt: str) -> str:
    """The group of an audience; `shares`: how large each is, relative to the others. `salt`: other tests, other groups.

    The groups lie side by side on [0, 1) in the order of their names, and a hash says where the audience is.
    """
    digest = hashlib.sha256(f"{salt}\0{audience}".encode()).digest()
    at = int.from_bytes(digest[: _BITS // 8], "big") / 2**_BITS * sum(shares.values())
    names = sorted(shares)
    for name in names:
        at -= shares[name]
        if at < 0:
            return name
    return names[-1]
