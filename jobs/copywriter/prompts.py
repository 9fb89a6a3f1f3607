"""Prompts for pictures, written from a brief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from jobs.copywriter.brief import Brief, numbered
from jobs.copywriter.question import Question
from jobs.copywriter.request import CopyRequest
from jobs.copywriter.write import Check
from jobs.desk import Desk

_AT_ONCE = 8
"""Prompts of one question: of more, models lose count."""

_LETTERS = 300
"""Of a prompt: 77 tokens, which many models read and no more, are about as long."""

_ABOUT = "what is to be seen in one picture: subject, place, light, framing, medium"

_LANGUAGE = "en"
"""Diffusion models learnt captions in English."""


class PicturesBrief(Brief):
    """What pictures are about, and how many prompts are written of it."""

    prompts: Annotated[int, Field(ge=1, le=64, description="how many prompts are written")] = 4


def question(brief: PicturesBrief, there: Sequence[str], check: Check) -> Question:
    """What to ask next, where those prompts are there already."""
    count = min(_AT_ONCE, brief.prompts - len(there))
    about = {"prompts that are there already": "\n".join(there)} if there else {}
    request = CopyRequest("pictures", _LANGUAGE, about=about, purpose="prompts")
    return Question(request, brief.copy_of(numbered("prompt", count, _LETTERS, _ABOUT)), _unlike(there, check))


def write_prompts(brief: PicturesBrief, desk: Desk, check: Check) -> PicturesBrief:
    """The brief with its prompts, or with as many as are known where the desk may not ask.

    `check`: what else is wrong with one. Raises: as `write`.
    """
    written = list(brief.written)
    while len(written) < brief.prompts:
        answer = question(brief, written, check).answer(desk)
        if answer is None:
            break
        written += answer
    return brief.model_copy(update={"written": written})


def _unlike(there: Sequence[str], check: Check) -> Check:
    """The check, and that a prompt is not there yet."""
    known = {text.casefold() for text in there}

    def checked(text: str) -> str:
        return "is there already; write another" if text.casefold() in known else check(text)

    return checked
