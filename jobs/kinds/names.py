"""What people may call files of a job in tables, and how two of one name are told apart."""

from __future__ import annotations

import re

WORD = re.compile(r"[\w][\w .-]{0,79}")
"""A name for a file."""


def told_apart(name: str, number: int, taken: set[str], digits: int) -> str:
    """The name, with its row's number if another row has it; the name is then taken."""
    if name.casefold() in taken:
        name = f"{name}-{number:0{digits}d}"
    taken.add(name.casefold())
    return name
