"""`{name}` in a template's words, colours and paths, and what stands there instead. `{{` is a brace.

No more than names: nothing of a template is ever computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pipeline.errors import InputError

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""A variable's name."""


class UnknownVariable(InputError):
    """A template names a variable that nothing gives."""


def names(text: str) -> Iterator[str]:
    """The variables in a text. Raises: InputError if a brace does not belong to one."""
    for part in _PART.finditer(text):
        if part[0] in ("{{", "}}"):
            continue
        if part[1] is None or not NAME.fullmatch(part[1]):
            raise InputError(
                f"{text!r}: {part[0]!r} names no variable; write {{headline}}, in small letters, or {{{{ for a brace"
            )
        yield part[1]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in. Raises: UnknownVariable; InputError as `names`."""

    def value(part: re.Match[str]) -> str:
        if part[0] in ("{{", "}}"):
            return part[0][0]
        name = part[1]
        if name in values:
            return values[name]
        near = get_close_matches(name, values, n=1)
        hint = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(sorted(values)) or 'none'}"
        raise UnknownVariable(f"{text!r}: nothing gives {{{name}}}; {hint}")

    for _ in names(text):
        pass
    return _PART.sub(value, text)
