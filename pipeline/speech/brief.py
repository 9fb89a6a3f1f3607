"""What the painter and the stitcher of speech must know, as a plan holds it. Torch-free."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pipeline.film.sound_edits import Loudness
from pipeline.provenance import RULES
from pipeline.speech.voices import ABOUT, Engine

_LONGEST_FACT = 2_000
"""Letters of a text that a file's metadata repeats."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VoiceBrief(_Part):
    """One voice of a job."""

    name: str
    """As its user calls it."""
    engine: Engine
    model: int | None = None
    """Place among the plan's models; None of what speaks by rules."""
    speaker: int | None = None
    """Which of a model's speakers, where it has several."""
    files: tuple[int, ...] = ()
    """Places among the plan's files of what a speaker sounds like."""
    variant: str = ""
    """Of eSpeak NG."""
    languages: tuple[str, ...] = ()
    """Languages that the model learnt, as its files say; empty: they say none, or it has many."""

    @property
    def is_trained(self) -> bool:
        """Whether it learnt to speak, and does not follow rules."""
        return ABOUT[self.engine].is_trained

    @property
    def said(self) -> str:
        """Who speaks, for people: `anna (VITS)`."""
        title = ABOUT[self.engine].title
        own = f"{title} {self.variant}".strip()
        return own if self.name in (self.engine, f"{self.engine}+{self.variant}") else f"{self.name} ({own})"


class LineBrief(_Part):
    """One line. Its sound depends on this and on its voice alone."""

    text: str
    name: str
    """What its files are called."""
    voice: int = 0
    """Place among the voices."""
    language: str = ""
    speed: float = 1.0
    seed: int = 0
    pause_s: float = 0.6
    """After it, in the narration."""
    problem: str = ""
    """Why it cannot be said, if it cannot."""


class SpeechBrief(_Part):
    """What is said, and by whom."""

    lines: tuple[LineBrief, ...]
    voices: tuple[VoiceBrief, ...]
    loudness: Loudness | None = None
    """Of each line, and of the narration as a whole."""
    clips: tuple[str, ...] = ()
    """The files of each line: names of SPEECH."""
    skips: bool = True
    """Whether the job goes on without what cannot be said."""

    def voice(self, frame: int) -> VoiceBrief:
        """Who says a line."""
        return self.voices[self.lines[frame].voice]

    @property
    def rules(self) -> str:
        """By whose rules everything is said; empty if a trained model says any of it."""
        if any(voice.is_trained for voice in self.voices):
            return ""
        return ", ".join(dict.fromkeys(ABOUT[voice.engine].title for voice in self.voices))

    def facts(self, frame: int) -> dict[str, str]:
        """What the line's files tell of it, by name."""
        line, voice = self.lines[frame], self.voice(frame)
        told = {
            "voice": voice.name,
            "engine": ABOUT[voice.engine].title,
            "text": line.text[:_LONGEST_FACT],
            "language": line.language,
            "speed": f"{line.speed:g}",
            "seed": str(line.seed),
            RULES: "" if voice.is_trained else ABOUT[voice.engine].title,
        }
        return {name: value for name, value in told.items() if value}
