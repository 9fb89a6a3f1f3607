"""Captions: lines at the lower or upper edge, for a time, or those of a file, each at its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from pipeline.retouch.cues import Cue, read_cues, shown
from pipeline.retouch.edit import Brush, Moment
from pipeline.retouch.layers import Layer, laid
from pipeline.retouch.words import Lettered, Plate, drawn, margin, set_words

SUFFIXES = (".srt", ".vtt")

_TALLEST = 0.4
"""Of the picture, that captions may take."""


def _is_text(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{info.field_name}: is empty; write words, in quotes if they look like a number")
    return value


Text = Annotated[str, BeforeValidator(_is_text), Field(max_length=2000)]


class Caption(Lettered):
    """Lines of text at an edge."""

    main: ClassVar[str] = "text"
    like: ClassVar[str] = "caption: {text: A boat, from: 1, to: 3}"
    files: ClassVar[tuple[str, ...]] = ("file",)

    text: Annotated[Text | None, Field(description="words; a line break is a line break")] = None
    file: Annotated[str | None, Field(description="captions with their times: .srt or .vtt; a path or s3://")] = None
    at: Annotated[float, Field(ge=0, le=86_400, description="when a file's captions begin in the film, in seconds")] = (
        0.0
    )
    position: Annotated[Literal["top", "bottom"], Field(description="the edge")] = "bottom"
    size: Annotated[
        float, Field(gt=0, le=50, description="of the letters, in per cent of the shorter side, at most")
    ] = 6.0
    plate: Annotated[Plate, Field(description="colour below the words, as black/60%; none gives them a shadow")] = (
        "black/60%"
    )

    @classmethod
    def written(cls, value: object) -> object:
        """See Edit."""
        return {"file" if str(value).lower().endswith(SUFFIXES) else "text": value}

    @model_validator(mode="after")
    def _is_one(self) -> Caption:
        if (self.text is None) == (self.file is None):
            raise ValueError(f"caption: takes either text or file; write {self.like}")
        if self.file is not None and not self.file.lower().endswith(SUFFIXES):
            raise ValueError(f"caption: {self.file[:80]!r} is no file of captions; they end in {' or '.join(SUFFIXES)}")
        if self.text is not None and self.at:
            raise ValueError("caption: at is of a file's captions; write from: and to: for words of your own")
        return self

    @property
    def needs_a_film(self) -> bool:
        """See Edit."""
        return self.file is not None or super().needs_a_film

    def check(self, files: Mapping[str, bytes]) -> None:
        """See Edit."""
        for cue in self._cues(files):
            self.check_words(cue.text)

    def sized(self, width: int, height: int) -> tuple[int, int]:
        """See Edit: a text that does not fit is told before anything is painted."""
        if self.text is not None:
            self._layers(self.text, width, height)
        return width, height

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        cues = self._cues(files)
        layers = lru_cache(maxsize=32)(self._layers)

        def write(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            opacity = self.opacity(moment)
            text = self.text or shown(cues, float(moment.seconds or 0))
            if not text or opacity == 0:
                return pixels
            return laid(pixels, layers(text, pixels.shape[1], pixels.shape[0]), opacity)

        return write

    def _cues(self, files: Mapping[str, bytes]) -> tuple[Cue, ...]:
        if self.file is not None:
            cues = read_cues(files["file"], where=self.file)
            return tuple(Cue(cue.start + self.at, cue.stop + self.at, cue.text) for cue in cues)
        return (Cue(0, 0, self.text or ""),)

    def _layers(self, text: str, width: int, height: int) -> tuple[Layer, ...]:
        edge = margin(width, height)
        room = width - 4 * edge, round(_TALLEST * height)
        top = edge if self.position == "top" else height - edge - room[1]
        style = self.style(self.size / 100 * min(width, height), valign=self.position, leading=1.25)
        made = set_words(text, style, *room)
        return drawn(made, (2 * edge, top, *room), self.colour, plate=self.plate)
