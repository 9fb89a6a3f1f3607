"""What pictures or a narration are about, as a job file says it under `brief`: a language model writes the words.

    brief: A ferry line's autumn campaign; harbours, warm light, nobody in sight
    brief: {about: "…", prompts: 8, tone: photographic, banned: [sunset]}

They are written once, when the job is submitted, and are then part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from jobs.copywriter.keys import LONGEST_BRIEF, MOST_TERMS, Copy, Line, Term, has_letters
from jobs.kinds.keys import Keys

_MOST_WRITTEN = 64


class Brief(Keys):
    """What every brief may say. Kinds add how much is wanted."""

    about: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_BRIEF, description="what it is about"),
        AfterValidator(has_letters),
    ]
    tone: Annotated[Line | None, Field(description="how it looks or sounds: plain, warm, dry …")] = None
    banned: Annotated[
        list[Annotated[Term, AfterValidator(has_letters)]],
        Field(max_length=MOST_TERMS, description="words and phrases that are not used"),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    tries: Annotated[
        int, Field(ge=1, le=10, description="times that a text is asked for before the job is refused")
    ] = 4
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="another seed asks for other texts")] = 0
    written: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1_000)]],
        Field(
            max_length=_MOST_WRITTEN, description="texts that are there already; filled in when the job is submitted"
        ),
    ] = []  # noqa: RUF012

    def copy_of(self, texts: Mapping[str, Mapping[str, Any]]) -> Copy:
        """The same as posters' copy, with these texts."""
        return Copy.model_validate(
            {
                "brief": self.about,
                "texts": texts,
                "tone": self.tone,
                "banned": self.banned,
                "tries": self.tries,
                "seed": self.seed,
            }
        )


def from_text(value: Any) -> Any:
    """A brief that is its words alone, as a mapping."""
    return {"about": value} if isinstance(value, str) else value


def numbered(stem: str, count: int, most_letters: int, about: str) -> dict[str, dict[str, Any]]:
    """So many texts of one sort, as `copy` has them: `prompt_1` …"""
    return {f"{stem}_{number + 1}": {"most_letters": most_letters, "about": about} for number in range(count)}
