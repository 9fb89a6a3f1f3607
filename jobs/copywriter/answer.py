"""A model's answer, read as strictly as any stranger's: one JSON object of the texts that were asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from jobs.copywriter.letters import cleaned

_MOST_CHARACTERS = 20_000

_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("'", "'"), ("\u2018", "\u2019"), ("「", "」"))
"""Marks that some languages put around what is said."""


class Unusable(ValueError):
    """An answer that holds no texts; says what would be right, to the model."""


def texts_of(content: str, names: Iterable[str]) -> dict[str, str]:
    """The texts by name, cleaned: one line each, without control characters, or quotation marks around all of it.

    Raises: Unusable.
    """
    wanted = list(names)
    if len(content) > _MOST_CHARACTERS:
        raise Unusable(f"the answer has {len(content):,} characters; it is one small JSON object")
    try:
        values = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unusable("the answer is not one JSON object and nothing else") from error
    if not isinstance(values, dict):
        raise Unusable("the answer is JSON, but no object")
    if missing := [name for name in wanted if name not in values]:
        raise Unusable(f"the answer has no {missing[0]!r}; its keys are {', '.join(wanted)}")
    if unknown := [name for name in values if name not in wanted]:
        raise Unusable(f"the answer has {cleaned(unknown[0])[:40]!r}, which was not asked for")
    for name in wanted:
        if not isinstance(values[name], str):
            raise Unusable(f"{name} is no string")
    return {name: _unquoted(cleaned(values[name])) for name in wanted}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unquoted(text: str) -> str:
    """The text without quotation marks that stand around all of it."""
    for first, last in _QUOTES:
        inner = text[1:-1]
        if len(text) > 2 and (text[0], text[-1]) == (first, last) and first not in inner and last not in inner:
            return inner.strip()
    return text
