"""Sounds that are laid together, as job files say it: beside a film's own, or with a poster that moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from jobs.kinds.base import FieldProblem, Place
from jobs.kinds.keys import Keys
from jobs.kinds.loudness_keys import Levelled
from pipeline.errors import InputError
from pipeline.film.sound_edits import Added, Duck, SoundEdits
from pipeline.retouch.times import Seconds

Placed = Callable[[str], int]
"""A sound's path or address → its place among the plan's files. Raises: InputError if it is none."""

Gain = Annotated[float, Field(ge=-60, le=30, allow_inf_nan=False)]
"""Decibels."""


class DuckKeys(Keys):
    """How others make room for a sound."""

    by: Annotated[float, Field(gt=0, le=60, description="how far they go down while it is heard, in dB")] = 12.0
    attack: Annotated[float, Field(ge=0.01, le=5, description="seconds in which they do, before it is heard")] = 0.3
    release: Annotated[float, Field(ge=0.01, le=10, description="seconds in which they come back, after it")] = 0.8

    def told(self) -> Duck:
        """As a plan holds it."""
        return Duck(by_db=self.by, attack_s=self.attack, release_s=self.release)


def _ducked(value: object) -> object:
    return {"by": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class MixedSound(Keys):
    """A sound beside the film's own."""

    file: Annotated[Place, Field(description="a sound, or a film that has one; a path or s3://")]
    at: Annotated[Seconds, Field(description="when it begins in the film, in seconds")] = 0.0
    gain: Annotated[Gain, Field(description="louder or softer, in dB")] = 0.0
    duck: Annotated[
        DuckKeys | None,
        BeforeValidator(_ducked, json_schema_input_type=float | DuckKeys | None),
        Field(description="by how many dB the film's own, and those that duck nothing, go down while it is heard"),
    ] = None


class SoundFade(Keys):
    """How it comes and goes."""

    model_config = ConfigDict(populate_by_name=True)

    in_s: Annotated[Seconds, Field(alias="in", description="seconds")] = 0.0
    out_s: Annotated[Seconds, Field(alias="out", description="seconds")] = 0.0


def _mixed(value: object) -> object:
    """One sound is a list of one, and a path a sound."""
    items = value if isinstance(value, list) else [value]
    return [{"file": item} if isinstance(item, str) else item for item in items]


class Mixture(Keys):
    """Sounds, and what is done to them together."""

    mix: Annotated[
        list[MixedSound],
        BeforeValidator(_mixed, json_schema_input_type=str | MixedSound | list[str | MixedSound]),
        Field(description="sounds beside it, as {file: voice.wav, at: 2, gain: -3}", max_length=32),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    channels: Annotated[Literal["mono", "stereo"] | None, Field(description="mono or stereo; default as it is")] = None
    fade: Annotated[SoundFade | None, Field(description="as {in: 0.5, out: 2}, in seconds")] = None
    loudness: Annotated[Levelled, Field(description="of the whole by EBU R 128, in LUFS, as -23")] = None

    def edits(self, placed: Placed, *, first: tuple[Added, ...] = (), **own: Any) -> SoundEdits:
        """As a plan holds it. `first`: a sound before the mixed ones; `own`: what is done to the film's own.

        Raises: FieldProblem if a file holds no sound.
        """
        added = [added_of(mixed, placed, "mix", number) for number, mixed in enumerate(self.mix)]
        fade = self.fade or SoundFade()
        return SoundEdits(
            added=(*first, *added),
            channels=self.channels,
            fade_in_s=fade.in_s,
            fade_out_s=fade.out_s,
            loudness=None if self.loudness is None else self.loudness.wanted(),
            **own,
        )


def added_of(mixed: MixedSound, placed: Placed, *keys: str | int) -> Added:
    """One of the sounds, as a plan holds it. Raises: FieldProblem if it is none."""
    try:
        duck = None if mixed.duck is None else mixed.duck.told()
        return Added(file=placed(mixed.file), at_s=mixed.at, gain_db=mixed.gain, duck=duck)
    except InputError as error:
        raise FieldProblem(("sound", *keys), f"sound: {error}") from error
