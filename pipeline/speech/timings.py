"""When each piece and each word of a line is heard, as the file beside its sound says it. Torch-free."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import IntegrityError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Word(_Part):
    """One word."""

    start: int
    """Where in its piece it begins, in characters; it ends where the next begins."""
    start_s: float
    stop_s: float


class Said(_Part):
    """One piece: a sentence, or a part of one."""

    text: str
    start_s: float
    """From the line's beginning."""
    stop_s: float
    words: tuple[Word, ...] = ()
    """Empty where the voice tells no times of words."""

    def later(self, seconds: float) -> Said:
        """The same, so many seconds later."""
        words = tuple(
            word.model_copy(update={"start_s": word.start_s + seconds, "stop_s": word.stop_s + seconds})
            for word in self.words
        )
        return self.model_copy(
            update={"start_s": self.start_s + seconds, "stop_s": self.stop_s + seconds, "words": words}
        )


class Timings(_Part):
    """A line."""

    duration_s: float
    loudness: float | None
    """LUFS; None of what is too short or too quiet to have one."""
    pieces: tuple[Said, ...]

    def as_json(self) -> bytes:
        """The file."""
        return (self.model_dump_json(indent=1) + "\n").encode()


def read(data: bytes, where: str) -> Timings:
    """The timings of a file. Raises: IntegrityError if it is none of ours."""
    try:
        return Timings.model_validate_json(data)
    except ValidationError as error:
        raise IntegrityError(f"{where}: holds no timings of a line") from error
