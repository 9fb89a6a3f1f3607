"""The keys of a retouch job's sound, and the sounds that it takes from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, model_validator

from jobs.kinds.base import FieldProblem, Place
from jobs.kinds.retouch_files import EditFiles
from jobs.kinds.sound_keys import Gain, MixedSound, Mixture, added_of
from jobs.kinds.sources import called
from jobs.kinds.values import shown
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.sound_edits import SoundEdits
from pipeline.film.source import Source

NO_SOUND = "none"


class Sound(Mixture):
    """What is done to a film's sound."""

    switches: ClassVar[frozenset[str]] = frozenset({"mute"})

    mute: Annotated[bool, Field(description="whether the film's own sound is left out")] = False
    gain: Annotated[Gain, Field(description="of the film's own, in dB")] = 0.0
    replace: Annotated[Place | None, Field(description="a sound in the place of the film's own")] = None

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
    first = () if sound.replace is None else (added_of(MixedSound(file=sound.replace), files.sound, "replace"),)
    keeps_own = not sound.mute and sound.replace is None
    edits = sound.edits(files.sound, first=first, speed=speed, keeps_own=keeps_own, gain_db=sound.gain)
    if source.audio_codec is None and edits.keeps_own and not edits.added:
        raise FieldProblem("sound", "sound: the film has none of its own; write {replace: music.flac}")
    return edits
