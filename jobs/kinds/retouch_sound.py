"""The keys of a retouch job's sound, and the sounds that it takes from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from jobs.kinds.base import FieldProblem, Place
from jobs.kinds.keys import Keys
from jobs.kinds.loudness_keys import Levelled
from jobs.kinds.retouch_files import EditFiles
from jobs.kinds.sources import called
from jobs.kinds.values import shown
from pipeline.errors import InputError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.sound_edits import Added, Duck, SoundEdits
from pipeline.film.source import Source
from pipeline.retouch.times import Seconds

Gain = Annotated[float, Field(ge=-60, le=30, allow_inf_nan=False)]
"""Decibels."""

NO_SOUND = "none"


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


class Sound(Keys):
    """What is done to a film's sound."""

    switches: ClassVar[frozenset[str]] = frozenset({"mute"})

    mute: Annotated[bool, Field(description="whether the film's own sound is left out")] = False
    gain: Annotated[Gain, Field(description="of the film's own, in dB")] = 0.0
    replace: Annotated[Place | None, Field(description="a sound in the place of the film's own")] = None
    mix: Annotated[
        list[MixedSound],
        BeforeValidator(_mixed, json_schema_input_type=str | MixedSound | list[str | MixedSound]),
        Field(description="sounds beside it, as {file: voice.wav, at: 2, gain: -3}", max_length=32),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    channels: Annotated[Literal["mono", "stereo"] | None, Field(description="mono or stereo; default as it is")] = None
    fade: Annotated[SoundFade | None, Field(description="as {in: 0.5, out: 2}, in seconds")] = None
    loudness: Annotated[Levelled, Field(description="of the whole by EBU R 128, in LUFS, as -23")] = None

    @model_validator(mode="after")
    def _is_one(self) -> Sound:
        if self.replace is not None and (self.mute or self.gain):
            raise ValueError("sound: replace puts another sound in the own one's place; leave mute and gain out")
        return self


def check_sound(value: object, info: ValidationInfo) -> object:
    """`none` is no sound at all."""
    if value == NO_SOUND:
        return {"mute": True}
    if value is not None and not isinstance(value, Mapping | Sound):
        raise ValueError(f"sound: {shown(value)} says nothing of a sound; write none, or {{loudness: -23}}")
    return value


def edits_of(
    sound: Sound | None, speed: Fraction, source: Source, deliver: Sequence[str], files: EditFiles
) -> SoundEdits | None:
    """What is done to the film's sound, as the plan holds it; None if it is left as it is.

    Raises: FieldProblem if there is nothing to edit, or a file holds no sound.
    """
    if sound is None:
        return None if speed == 1 or source.rate is None else SoundEdits(speed=speed)
    if source.rate is None:
        raise FieldProblem("sound", f"sound: {called(source)} has none; it is for films and sequences")
    if not any(DELIVERABLES[name].audio_codec for name in deliver):
        raise FieldProblem("sound", f"sound: there is none in {', '.join(deliver)}; ask for h264 as well")
    added = [_added(MixedSound(file=sound.replace), files, "replace")] if sound.replace is not None else []
    added += [_added(mixed, files, "mix", number) for number, mixed in enumerate(sound.mix)]
    fade, loudness = sound.fade or SoundFade(), sound.loudness
    edits = SoundEdits(
        speed=speed,
        keeps_own=not sound.mute and sound.replace is None,
        gain_db=sound.gain,
        added=tuple(added),
        channels=sound.channels,
        fade_in_s=fade.in_s,
        fade_out_s=fade.out_s,
        loudness=None if loudness is None else loudness.wanted(),
    )
    if source.audio_codec is None and edits.keeps_own and not added:
        raise FieldProblem("sound", "sound: the film has none of its own; write {replace: music.flac}")
    return edits


def _added(mixed: MixedSound, files: EditFiles, *keys: str | int) -> Added:
    try:
        duck = None if mixed.duck is None else mixed.duck.told()
        return Added(file=files.sound(mixed.file), at_s=mixed.at, gain_db=mixed.gain, duck=duck)
    except InputError as error:
        raise FieldProblem(("sound", *keys), f"sound: {error}") from error
