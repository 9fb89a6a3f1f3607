"""What a narrator says of something, as long as it is to last, written from a brief."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from jobs.copywriter.brief import Brief, numbered
from jobs.copywriter.letters import count
from jobs.copywriter.question import Question
from jobs.copywriter.request import CopyRequest
from jobs.copywriter.write import Check
from jobs.desk import Desk
from pipeline.typography.locales import locale

LONGEST_S = 300.0

_LETTERS_A_SECOND = 14.0
"""Of what is read calmly, spaces included: about 150 English words a minute."""

_DENSE = {"zh": 4.5, "ja": 6.5, "ko": 6.0, "th": 11.0}
"""Letters a second of languages that write more with one."""

_PARAGRAPH_S = 25.0
"""Models keep to the length of short texts better than of long ones."""

_LEAST = 0.6
"""Of the letters that there is time for: what is shorter would leave silence."""

_ABOUT = "a paragraph of what the narrator says; they follow each other"


class NarrationBrief(Brief):
    """What a narration is about, and how long it lasts."""

    seconds: Annotated[
        float, Field(ge=2, le=LONGEST_S, description="how long it is to last, read calmly; 2 to 300 s")
    ] = 30.0


def paragraphs(brief: NarrationBrief) -> int:
    """In how many the narration is written."""
    return math.ceil(brief.seconds / _PARAGRAPH_S)


def question(brief: NarrationBrief, language: str, check: Check) -> Question:
    """What to ask for a narration in a language, as `en` or `pt-BR`; empty: the brief's own. Pure.

    Raises: InputError if that is no language.
    """
    parts = paragraphs(brief)
    a_second = _DENSE.get(locale(language).language if language else "", _LETTERS_A_SECOND)
    most = int(brief.seconds / parts * a_second)
    request = CopyRequest("narrator", language, about={"seconds": f"{brief.seconds:g}"}, purpose="narration")
    return Question(request, brief.copy_of(numbered("paragraph", parts, most, _ABOUT)), _long_enough(most, check))


def write_narration(brief: NarrationBrief, language: str, desk: Desk, check: Check) -> NarrationBrief:
    """The brief with its paragraphs, or as it is where they are not known and the desk may not ask.

    `check`: what else is wrong with one. Raises: as `write`; InputError.
    """
    if brief.written:
        return brief
    answer = question(brief, language, check).answer(desk)
    return brief.model_copy(update={"written": answer or []})


def _long_enough(most: int, check: Check) -> Check:
    def checked(text: str) -> str:
        letters, least = count(text), int(most * _LEAST)
        return f"has {letters} letters, and is to have {least} to {most}" if letters < least else check(text)

    return checked
