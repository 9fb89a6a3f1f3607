"""What is heard with posters that move: a sound for all of them, or one for each language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.kinds.parts import Parts
from jobs.kinds.retouch_files import EditFiles
from jobs.kinds.retouch_origin import is_told
from jobs.kinds.sound_keys import MixedSound, Mixture
from jobs.kinds.values import shown
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.sound_edits import SoundEdits
from pipeline.poster.brief import Variant

_LOCALE = "{locale}"
"""In a sound's path: a poster's language."""


def check_sound(value: Any) -> Any:
    """A sound, several, or what is done to them."""
    if isinstance(value, str | list):
        return {"mix": value}
    if isinstance(value, dict) and "file" in value:
        return {"mix": [value]}
    if value is not None and not isinstance(value, dict | Mixture):
        raise ValueError(f"sound: {shown(value)} is none; write voice.flac, or {{mix: [voice.flac], loudness: -16}}")
    return value


class Sounds:
    """The sounds of one job."""

    def __init__(self, sound: Mixture | None, deliver: Iterable[str], parts: Parts, settings: Settings) -> None:
        """Raises: FieldProblem if nothing that is delivered has sound."""
        self._sound, self._parts, self._settings = sound, parts, settings
        self._files = EditFiles(settings)
        self._problems: dict[str, str] = {}
        self.edits: dict[str, SoundEdits] = {}
        """By language; what is everybody's has an empty name."""
        self.spoken: list[str] = []
        """Languages whose sound says that a model, or another program, made it."""
        if sound is None:
            return
        if not sound.mix:
            raise FieldProblem("sound", "sound: names no file; write sound: voice.flac")
        if not any(DELIVERABLES[name].audio_codec for name in deliver):
            raise FieldProblem("sound", f"sound: there is none in {', '.join(deliver)}; ask for h264 as well")
        if not self._is_each:
            self._plan("")

    @property
    def _is_each(self) -> bool:
        """Whether each language has its own."""
        return self._sound is not None and any(_LOCALE in mixed.file for mixed in self._sound.mix)

    def checked(self, variant: Variant) -> Variant:
        """The variant, with what is wrong with its sound."""
        if variant.problem or not self._is_each:
            return variant
        name = variant.locale
        if name not in self.edits and name not in self._problems:
            try:
                self._plan(name)
            except FieldProblem as error:
                self._problems[name] = str(error)
        problem = self._problems.get(name)
        return variant if problem is None else variant.model_copy(update={"problem": f"{variant.where}: {problem}"})

    def _plan(self, locale: str) -> None:
        assert self._sound is not None
        mix = [_of(mixed, locale) for mixed in self._sound.mix]
        self.edits[locale] = self._sound.model_copy(update={"mix": mix}).edits(self._place)
        if any(is_told(mixed.file, self._settings.store_options()) for mixed in mix):
            self.spoken.append(locale)

    def _place(self, url: str) -> int:
        """Its place among the plan's files. Raises: InputError if it is no sound."""
        return self._parts.file(self._files.found[self._files.sound(url)])


def _of(mixed: MixedSound, locale: str) -> MixedSound:
    return mixed.model_copy(update={"file": mixed.file.replace(_LOCALE, locale)})
