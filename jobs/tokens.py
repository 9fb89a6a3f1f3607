"""Who may use the dashboard and its API, and what each of them may do, as the setting `web_tokens` tells it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.errors import InputError

Role = Literal["viewer", "operator"]
"""A viewer looks at everything; an operator also orders, steers and uploads."""

SHORTEST = 16
"""Characters of a token that nobody guesses."""


@dataclass(frozen=True)
class Holder:
    """Somebody who has a token."""

    role: Role
    name: str
    """Stands in the log beside what they order."""
    token: str = field(repr=False)

    def may(self, role: Role) -> bool:
        """Whether they may do what that role may."""
        return role == "viewer" or self.role == "operator"

    def sign(self, text: str) -> str:
        """Proof that whoever has this token, or we, wrote the text: HMAC-SHA256 in hexadecimal digits."""
        return hmac.new(self.token.encode(), text.encode(), hashlib.sha256).hexdigest()


def holders(text: str) -> tuple[Holder, ...]:
    """The holders that a setting names: `ROLE NAME TOKEN`, one a line or parted by semicolons.

    Raises: InputError that says which entry is wrong, without repeating a token.
    """
    found: list[Holder] = []
    for number, entry in enumerate(filter(None, map(str.strip, re.split("[;\n]", text))), start=1):
        parts = entry.split()
        if len(parts) != 3 or parts[0] not in get_args(Role):
            raise InputError(f"entry {number} is not `viewer NAME TOKEN` or `operator NAME TOKEN`")
        role, name, token = parts
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
            raise InputError(f"entry {number}: the name {name!r} is not made of letters, digits, - and _")
        if len(token) < SHORTEST or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise InputError(
                f"entry {number}: the token of {name} must have {SHORTEST} ASCII characters or more; "
                "`openssl rand -hex 24` makes one"
            )
        if any(name == other.name or token == other.token for other in found):
            raise InputError(f"entry {number}: {name} has a name or a token that stands there before")
        found.append(Holder("operator" if role == "operator" else "viewer", name, token))
    return tuple(found)


def holder_of(token: str, known: Sequence[Holder]) -> Holder | None:
    """Whose token it is. Every token is compared, each in constant time, whatever comes of it."""
    digest = hashlib.sha256(token.encode(errors="replace")).digest()
    matching = [
        holder for holder in known if hmac.compare_digest(hashlib.sha256(holder.token.encode()).digest(), digest)
    ]
    return matching[0] if matching else None
