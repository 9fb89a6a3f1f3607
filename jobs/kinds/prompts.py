"""What is to be pictured, as a diffusion job file says it: a list of prompts, or a table with one a row.

    prompts: [a red door, "a {colour} house by the {place}"]
    prompts: prompts.csv          # columns prompt, negative, name, image, mask, control; any other is a {variable}

A row that is wrong is told, and the others are made all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

from jobs import tables
from jobs.kinds.base import FieldProblem, absolute
from jobs.kinds.names import WORD
from jobs.tables import Line, told
from pipeline.diffusion.controlnet import MOST as MOST_CONTROLS
from pipeline.errors import InputError
from pipeline.film.access import is_remote, parent
from pipeline.storage import StoreOptions

PROMPT, NEGATIVE, NAME, IMAGE, MASK = "prompt", "negative", "name", "image", "mask"
CONTROLS = ("control", *(f"control-{number}" for number in range(2, MOST_CONTROLS + 1)))
"""Of pictures that lead the job's ControlNets, in their order."""

COLUMNS = (PROMPT, NEGATIVE, NAME, IMAGE, MASK, *CONTROLS)
"""That mean something; any other column is a variable."""

LONGEST = 4_000
"""Letters of a prompt."""

MOST = 100_000
"""Prompts of one job."""

_VARIABLE = re.compile(r"\{(\w{1,40})\}")


@dataclass(frozen=True)
class Prompt:
    """One thing to picture, as it was said."""

    text: str
    negative: str | None
    """None: the job's."""
    name: str = ""
    """Empty: its number is its name."""
    image: str = ""
    mask: str = ""
    controls: tuple[str, ...] = ()
    """Pictures that lead the job's ControlNets; empty where the job says them."""
    wrong: str = ""
    """What is wrong with it, with its place, if anything is."""
    variables: Mapping[str, str] = field(default_factory=dict)


def is_table(value: object) -> bool:
    """Whether a word names a table, and is no prompt."""
    return isinstance(value, str) and value.lower().endswith(".csv")


def listed(prompts: list[str], negative: str, variables: Mapping[str, list[str]]) -> tuple[Prompt, ...]:
    """Each prompt with each combination of the variables that it names, in their order. Raises: FieldProblem."""
    return _few(_listed(prompts, negative, variables))


def _listed(prompts: list[str], negative: str, variables: Mapping[str, list[str]]) -> Iterator[Prompt]:
    for number, text in enumerate(prompts):
        named = list(dict.fromkeys(_VARIABLE.findall(text + negative)))
        if missing := [name for name in named if name not in variables]:
            right = f"write variables: {{{missing[0]}: [red, green]}}"
            raise FieldProblem(
                ("prompts", number), f"prompts: nothing gives {{{missing[0]}}} of {text[:60]!r}; {right}"
            )
        for values in product(*(variables[name] for name in named)):
            own = dict(zip(named, values, strict=True))
            yield Prompt(filled(text, own), None, variables=own)


def _few(prompts: Iterable[Prompt]) -> tuple[Prompt, ...]:
    """All of them, made one by one: a few variables make billions. Raises: FieldProblem if there are too many."""
    made = tuple(islice(prompts, MOST + 1))
    if len(made) > MOST:
        said = f"there are more than {MOST:,}, with all combinations of their variables, and no more are read"
        raise FieldProblem("prompts", f"prompts: {said}; write fewer")
    return made


def read(place: str, negative: str, variables: Mapping[str, list[str]], options: StoreOptions) -> tuple[Prompt, ...]:
    """The prompts of a table, at a path or `s3://` address, each with each combination of the job's variables in it.

    Raises: FieldProblem if there is no such table, it has no column of prompts, or there are too many.
    """
    try:
        lines = tables.rows_of(place, options, needs=PROMPT, what="prompts", example="prompt, negative, name …")
    except InputError as error:
        raise FieldProblem("prompts", str(error)) from error
    return _few(prompt for line in lines for prompt in _of_line(line, place, negative, variables))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with what its variables stand for. Raises: InputError if nothing gives one."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise InputError(f"nothing gives {{{match[1]}}}; add a column {match[1]}")
        return values[match[1]]

    return _VARIABLE.sub(value, text)


def _of_line(line: Line, place: str, negative: str, variables: Mapping[str, list[str]]) -> tuple[Prompt, ...]:
    if line.wrong:
        return (Prompt("", None, wrong=f"{line.where}: {line.wrong}"),)
    cells = {column: cell.strip() for column, cell in line.cells.items() if column and cell.strip()}
    try:
        _check(cells)
        words = cells[PROMPT] + cells.get(NEGATIVE, negative)
        # A cell of the row's own comes before the job's variables.
        named = [name for name in dict.fromkeys(_VARIABLE.findall(words)) if name in variables and name not in cells]
        made = (
            _prompt(cells, {**cells, **dict(zip(named, values, strict=True))}, place, is_one=not named)
            for values in product(*(variables[name] for name in named))
        )
        return tuple(islice(made, MOST + 1))
    except InputError as error:
        return (Prompt("", None, wrong=f"{line.where}: {error}"),)


def _check(cells: Mapping[str, str]) -> None:
    if PROMPT not in cells:
        raise InputError(f"has no {PROMPT}; say what is to be seen")
    for column, cell in cells.items():
        if len(cell) > LONGEST:
            raise InputError(f"{told(column)} has {len(cell):,} letters; a cell has at most {LONGEST:,}")
    if NAME in cells and not WORD.fullmatch(cells[NAME]):
        raise InputError(f"name: {cells[NAME][:60]!r} is no name for a file; write letters, digits, - and _")


def _prompt(cells: Mapping[str, str], values: Mapping[str, str], place: str, *, is_one: bool) -> Prompt:
    own = cells.get(NEGATIVE)
    return Prompt(
        filled(cells[PROMPT], values),
        None if own is None else filled(own, values),
        # Of several combinations none can have the row's name.
        name=cells.get(NAME, "") if is_one else "",
        image=_located(cells.get(IMAGE, ""), place),
        mask=_located(cells.get(MASK, ""), place),
        controls=tuple(_located(cells.get(column, ""), place) for column in CONTROLS),
        variables=values,
    )


def _located(value: str, table: str) -> str:
    """A path of a table is relative to it."""
    if not value or is_remote(value):
        return value
    return f"{parent(table)}/{value}" if is_remote(table) else absolute(value, Path(table).parent)
