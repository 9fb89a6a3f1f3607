"""YAML as people write it: what makes a small file expensive is refused before anything is built of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

MAX_CHARACTERS = 1_000_000
"""A text larger than this is no file of ours."""

MAX_DEPTH = 20
"""Lists and mappings that are nested deeper than this are in no file of ours."""

MAX_SCALAR = 10_000
"""Characters of one value. YAML 1.1 reads `1:1:1:…` as one number, and computes it digit by digit."""

MAX_EVENTS = 100_000
"""Values and brackets: each takes far more time and memory than its letters."""

# Both construct plain values only; libyaml's parser is some fifteen times as fast.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, yaml.YAMLError)
"""What PyYAML raises for text that is no YAML, or is tagged as what it is not: `!!int x`, `!!timestamp x`."""


class NotPlain(ValueError):
    """YAML that nobody writes by hand."""

    def __init__(self, line: int, message: str) -> None:
        """`line`: where, counted from 1."""
        super().__init__(message)
        self.line = line


def check(text: str, what: str) -> None:
    """Refuse aliases, which multiply what they stand for, thousands of brackets, and endless values.

    `what`: the file, as its user calls it: `job file`.
    Raises: NotPlain; yaml.YAMLError if it is no YAML at all.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotPlain(1, f"{len(text):,} characters; a {what} is a few lines of YAML")
    depth = 0
    for number, event in enumerate(_events(text, what)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if number > MAX_EVENTS:
            raise NotPlain(line, f"more than {MAX_EVENTS:,} values and brackets; put long tables into a CSV file")
        if isinstance(event, yaml.AliasEvent):
            raise NotPlain(line, f"aliases (*{str(event.anchor)[:40]}) are not used in {what}s; write the value out")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
            raise NotPlain(line, f"a value of {len(event.value):,} characters; a {what}'s have at most {MAX_SCALAR:,}")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _deep(line, what)


def _events(text: str, what: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        # libyaml has a limit of its own, and may see that it is reached before we do.
        if "nesting depth" in (error.problem or "") and error.problem_mark is not None:
            raise _deep(error.problem_mark.line + 1, what) from error
        raise


def _deep(line: int, what: str) -> NotPlain:
    return NotPlain(line, f"lists within lists, deeper than {MAX_DEPTH}; a {what} is flat")


def load(text: str, what: str) -> Any:
    """The values in the text, as YAML's plain types. Raises: as `check`; any of DAMAGE."""
    check(text, what)
    loader = _LOADER(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def compose(text: str) -> yaml.Node | None:
    """The nodes of a text that was checked, each with its line. Raises: yaml.YAMLError."""
    loader = _LOADER(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def said(error: Exception) -> str:
    """What is wrong with the text and where, in one line, without repeating the text: it may hold a password."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, NotPlain):
        return f"line {error.line}: {error}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is no text in UTF-8" if isinstance(error, UnicodeError) else f"a value is none ({type(error).__name__})"
