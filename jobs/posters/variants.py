"""The posters of a job: every audience, in each of its languages, at every size, with its own words and colours.

What is wrong with one audience is told at its posters, and is no matter of the others'.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from jobs.posters.audiences import AUDIENCE, LOCALE, Row
from jobs.posters.groups import group_of
from pipeline.errors import InputError
from pipeline.poster.brief import Variant
from pipeline.poster.canvas import Canvas
from pipeline.poster.colours import ROLES, parse_colour
from pipeline.poster.template import PICTURE, Template
from pipeline.typography.locales import usual_form

PALETTE, SEED, BACKGROUND, GROUP = "palette", "seed", "background", "group"

OURS = (AUDIENCE, LOCALE, PALETTE, SEED, BACKGROUND, GROUP)
"""Columns that are no variables."""

_PARTED = re.compile(r"[\s,|/;]+")
_LONGEST_NAME = 60

_NEAR = 0.8
"""Likeness, of 1, from which a column is taken for a variable misspelt."""


@dataclass(frozen=True)
class Group:
    """What one group of an A/B test sees otherwise."""

    share: float = 1.0
    values: Mapping[str, str] = field(default_factory=dict)
    palette: str | None = None
    background: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What a job says of all its posters."""

    template: Template
    sizes: Sequence[Canvas]
    locales: Sequence[str]
    """Those of audiences that name none; the first is the job's own."""
    values: Mapping[str, str]
    palette: str | Mapping[str, str] | None
    """None: the template's."""
    backgrounds: Sequence[str]
    """Their names; the first is the one of audiences that name none."""
    pick: Callable[[str, str], int | None]
    """(background, seed) → which of its pictures that is, None if it has no such picture."""
    shows: Callable[[str, int], str]
    """(background, which of its pictures) → that one's seed, or its file's name."""
    groups: Mapping[str, Group]
    salt: str
    copy: Callable[[str, str], Mapping[str, str]]
    """(audience, locale) → what a language model wrote for it."""


def check_columns(rows: Sequence[Row], template: Template) -> tuple[str, ...]:
    """What to tell of columns that nobody uses. Raises: InputError for one that seems to be misspelt."""
    columns = {column for row in rows for column in row.cells}
    unused = sorted(column for column in columns if _variable(column) not in (*template.variables, *OURS))
    for column in unused:
        near = get_close_matches(_variable(column), [*template.variables, *OURS], n=1, cutoff=_NEAR)
        if near:
            raise InputError(f"audiences: column {column!r} is no variable of the template; did you mean {near[0]!r}?")
    return (f"columns that no poster shows: {', '.join(unused)}",) if unused else ()


def locales_of(row: Row, usual: Sequence[str]) -> tuple[str, ...]:
    """The languages of an audience; `usual`: of those that name none. Raises: InputError if one is none."""
    # A cell may hold nothing but commas.
    found = list(filter(None, _PARTED.split(row.cells.get(LOCALE, "")))) or usual
    try:
        # As it is usually written, so that `pt_br` finds what there is for `pt-BR`.
        return tuple(dict.fromkeys(usual_form(tag) for tag in found))
    except InputError as error:
        raise InputError(row.problem(str(error))) from error


def variants(rows: Sequence[Row], wanted: Wanted) -> Iterator[Variant]:
    """Every poster: audience after audience, language after language, size after size.

    Raises: InputError if two would be called the same.
    """
    seen: dict[str, str] = {}
    for number, row in enumerate(rows):
        try:
            if row.wrong:
                raise InputError(row.problem(row.wrong))
            locales = locales_of(row, wanted.locales)
        except InputError as error:
            # One poster stands for all of an audience whose languages nobody knows.
            yield from _broken(row, wanted, wanted.locales[0], number, str(error))
            continue
        for language in locales:
            for variant in _of(row, wanted, language, number):
                if variant.name in seen:
                    raise InputError(
                        row.problem(
                            f"{variant.name} is the name of a poster of {seen[variant.name]} as well; "
                            "give the audiences other names, or each a language of its own"
                        )
                    )
                seen[variant.name] = row.where
                yield variant


def _of(row: Row, wanted: Wanted, locale: str, number: int) -> Iterator[Variant]:
    try:
        made = _resolved(row, wanted, locale, number)
    except InputError as error:
        yield from _broken(row, wanted, locale, number, str(error))
        return
    for canvas in wanted.sizes:
        size = {"width": str(canvas.width), "height": str(canvas.height)}
        yield made.model_copy(
            update={
                "name": _name(row, locale, canvas),
                "width": canvas.width,
                "height": canvas.height,
                "values": {**made.values, **size},
            }
        )


def _broken(row: Row, wanted: Wanted, locale: str, number: int, problem: str) -> Iterator[Variant]:
    for canvas in wanted.sizes:
        yield Variant(
            name=_name(row, locale, canvas),
            audience=row.cells[AUDIENCE],
            locale=locale,
            width=canvas.width,
            height=canvas.height,
            values={},
            palette="",
            where=row.where,
            problem=problem,
        )


def _resolved(row: Row, wanted: Wanted, locale: str, number: int) -> Variant:
    """An audience in a language, whatever the size. Raises: InputError with the row's place."""
    audience = row.cells[AUDIENCE]
    group = row.cells.get(GROUP) or _group(audience, wanted)
    if wanted.groups and group not in wanted.groups:
        raise InputError(row.problem(f"group {group!r} is none of the job's: {', '.join(wanted.groups)}"))
    told = wanted.groups.get(group, Group())
    background = row.cells.get(BACKGROUND) or told.background or (wanted.backgrounds[0] if wanted.backgrounds else "")
    if background and background not in wanted.backgrounds:
        known = ", ".join(wanted.backgrounds) or "none"
        raise InputError(row.problem(f"background {background!r} is none of the job's; there are {known}"))
    palette = row.cells.get(PALETTE) or told.palette or wanted.palette or wanted.template.palette
    # Without a background there is no picture that a seed could choose.
    has_choice = SEED in row.cells and background in wanted.backgrounds
    pick = wanted.pick(background, row.cells[SEED]) if has_choice else number
    if pick is None:
        raise InputError(row.problem(f"seed {row.cells[SEED]!r} is none of its background's"))
    seed = wanted.shows(background, pick) if background in wanted.backgrounds else ""
    return Variant(
        name="",
        audience=audience,
        locale=locale,
        width=1,
        height=1,
        values=_values(row, wanted, told, locale, group) | {BACKGROUND: seed},
        palette=_palette(palette, wanted.template, row),
        group=group,
        background=background,
        pick=pick,
        seed=seed,
        where=row.where,
    )


def _group(audience: str, wanted: Wanted) -> str:
    if not wanted.groups:
        return ""
    return group_of(audience, {name: group.share for name, group in wanted.groups.items()}, salt=wanted.salt)


def _values(row: Row, wanted: Wanted, group: Group, locale: str, named: str) -> dict[str, str]:
    """The template's variables. The audience's own words go first, the template's last."""
    written = wanted.copy(row.cells[AUDIENCE], locale)
    found = {AUDIENCE: row.cells[AUDIENCE], LOCALE: locale, GROUP: named}
    for name, variable in wanted.template.variables.items():
        ways = (
            *(row.cells.get(f"{name}:{language}") for language in languages(locale)),
            row.cells.get(name),
            group.values.get(name),
            wanted.values.get(name),
            written.get(name),
            variable.said(locale),
        )
        value = next((way for way in ways if way is not None), None)
        if value is None:
            raise InputError(
                row.problem(f"nothing gives {{{name}}} in {locale}; add a column {name}, or {name}:{locale}")
            )
        if variable.most is not None and len(value) > variable.most:
            raise InputError(
                row.problem(f"{name}: {value!r} has {len(value)} letters; the template has room for {variable.most}")
            )
        found[name] = value
    return found


def languages(locale: str) -> Iterator[str]:
    """`zh-Hans-CN`, `zh-Hans`, `zh`."""
    parts = locale.split("-")
    yield from ("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def _palette(palette: str | Mapping[str, str], template: Template, row: Row) -> str | dict[str, str]:
    """`night`, `picture`, or colours by role; in a table `paper=#fff ink=#000`, others are as the template has them."""
    if isinstance(palette, Mapping):
        return dict(palette)
    if palette == PICTURE or palette in template.palettes:
        return palette
    if "=" not in palette:
        known = ", ".join([*template.palettes, PICTURE])
        raise InputError(row.problem(f"palette {palette!r} is none of {known}; or write colours, as in accent=#C8442B"))
    base = template.palettes.get(template.palette, next(iter(template.palettes.values())))
    own = dict(part.split("=", 1) for part in re.split(r"[\s,;]+", palette) if "=" in part)
    for role, colour in own.items():
        if role not in base and role not in ROLES:
            raise InputError(row.problem(f"palette: {role!r} is no role; there are {', '.join(base)}"))
        try:
            parse_colour(colour, {})
        except InputError as error:
            raise InputError(row.problem(f"palette: {role}: {error}")) from error
    return {**base, **own}


def _variable(column: str) -> str:
    """`headline` of `headline:de`."""
    return column.split(":", 1)[0]


def _name(row: Row, locale: str, canvas: Canvas) -> str:
    """`museum-friends-de-1080x1350`: a file's name on every system, in the audience's own letters."""
    letters = (each if _is_kept(each) else " " for each in unicodedata.normalize("NFC", row.cells[AUDIENCE]))
    plain = "-".join("".join(letters).split()).lower()[:_LONGEST_NAME].strip("-.") or "audience"
    return f"{plain}-{locale}-{canvas.width}x{canvas.height}"


def _is_kept(letter: str) -> bool:
    """Whether it may stand in a file's name: letters, the marks on them, without which Hindi cannot be read, digits."""
    return letter in "_.-" or unicodedata.category(letter)[0] in "LMN"
