"""What a job file may say about copy: the keys within `copy`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from jobs.kinds.base import Keys
from pipeline.typography.locales import locale as parsed

_MOST_TEXTS = 12
MOST_TERMS = 200
LONGEST_BRIEF = 2_000
"""Characters of a brief."""

_NAME = r"^[a-z][a-z0-9_]{0,39}$"

Term = Annotated[str, Field(min_length=1, max_length=100)]
Line = Annotated[str, Field(min_length=1, max_length=200)]


def has_letters(value: str) -> str:
    """The value. Raises: ValueError if it has no letter and no digit."""
    if not any(letter.isalnum() for letter in value):
        raise ValueError("has no letter in it; write words")
    return value


class Wanted(Keys):
    """One text, and its limits."""

    most_letters: Annotated[
        int, Field(ge=1, le=1000, description="longest it may be, in letters as people count them, spaces included")
    ]
    about: Annotated[Line | None, Field(description="what it is: two to five words, a question …")] = None


class Copy(Keys):
    """What a language model is to write."""

    brief: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_BRIEF, description="what the texts are about"),
        AfterValidator(has_letters),
    ]
    texts: Annotated[
        dict[Annotated[str, Field(pattern=_NAME)], Wanted],
        Field(
            min_length=1,
            max_length=_MOST_TEXTS,
            description="the texts to write, by name: {headline: {most_letters: 28, about: two to five words}}",
        ),
    ]
    tone: Annotated[Line | None, Field(description="how they sound: plain, warm, dry …")] = None
    glossary: Annotated[
        dict[Term, Term | dict[str, Term]],
        Field(
            max_length=MOST_TERMS,
            description="terms and how they must be written: {Atelier: Atelier, opening: {de: Eröffnung}}",
        ),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    banned: Annotated[
        list[Annotated[Term, AfterValidator(has_letters)]],
        Field(max_length=MOST_TERMS, description="words and phrases that no text may have, in any language"),
    ] = []  # noqa: RUF012
    tries: Annotated[
        int, Field(ge=1, le=10, description="times that a text is asked for before the job is refused")
    ] = 4
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="another seed asks for other texts")] = 0
    written: Annotated[
        dict[str, dict[str, str]],
        Field(description="texts that are there already, by `audience/locale`; filled in when the job is submitted"),
    ] = {}  # noqa: RUF012 - pydantic copies defaults

    @field_validator("glossary")
    @classmethod
    def has_locales(cls, value: dict[str, str | dict[str, str]]) -> dict[str, str | dict[str, str]]:
        """Each term is written somehow in at least one language."""
        for term, form in value.items():
            if not form:
                raise ValueError(f"glossary: {term!r} has no form; write how it is written, by language: {{de: …}}")
        return value

    def glossary_of(self, locale: str) -> dict[str, str]:
        """Term → how it must be written in that locale, of the terms that are fixed there: `de-AT`, else `de`."""
        language = parsed(locale).language
        found: dict[str, str] = {}
        for term, form in self.glossary.items():
            fixed = form if isinstance(form, str) else form.get(locale) or form.get(language)
            if fixed is not None:
                found[term] = fixed
        return found
