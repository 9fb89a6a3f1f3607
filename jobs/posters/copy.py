"""What a language model is asked for each audience and language, and where its answers are found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from jobs.copywriter.keys import Copy
from jobs.copywriter.request import CopyRequest
from jobs.posters.audiences import AUDIENCE, Row
from jobs.posters.variants import OURS, languages, locales_of
from pipeline.errors import InputError
from pipeline.poster.template import Template


def requests(rows: Sequence[Row], locales: Sequence[str], copy: Copy, template: Template) -> Iterator[CopyRequest]:
    """A question for each audience in each of its languages. Of audiences that are wrong, none: planning tells."""
    asked: set[str] = set()
    for row in rows:
        try:
            its = locales_of(row, locales)
        except InputError:
            continue
        for locale in its:
            request = CopyRequest(
                audience=row.cells[AUDIENCE],
                locale=locale,
                about=_about(row, copy, template),
                given={name: text for name in copy.texts if (text := _given(row, name, locale)) is not None},
            )
            if request.key not in asked:
                asked.add(request.key)
                yield request


def check_texts(copy: Copy, template: Template) -> None:
    """Raises: InputError if a text is none of the template's, or may become longer than there is room for."""
    for name, wanted in copy.texts.items():
        variable = template.variables.get(name)
        if variable is None:
            known = ", ".join(template.variables)
            raise InputError(f"copy: {name!r} is no variable of the template; it has {known}")
        if variable.most is not None and wanted.most_letters > variable.most:
            raise InputError(
                f"copy: {name} may have {wanted.most_letters} letters, and the template has room for {variable.most}"
            )


def written(copy: Copy | None) -> Callable[[str, str], Mapping[str, str]]:
    """(audience, locale) → its texts, as far as they are there."""
    texts = {} if copy is None else copy.written
    return lambda audience, locale: texts.get(f"{audience}/{locale}", {})


def _given(row: Row, name: str, locale: str) -> str | None:
    ways = (*(row.cells.get(f"{name}:{language}") for language in languages(locale)), row.cells.get(name))
    return next((way for way in ways if way is not None), None)


def _about(row: Row, copy: Copy, template: Template) -> dict[str, str]:
    """What its row says of an audience besides words for the poster and ours."""
    names = {*OURS, *copy.texts}
    told = {column: cell for column, cell in row.cells.items() if column.split(":", 1)[0] not in names}
    return {column: cell for column, cell in told.items() if column.split(":", 1)[0] not in template.variables}
