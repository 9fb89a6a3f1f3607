"""The voices that a speech job file names: found, looked at without torch, and pinned by digest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import place
from jobs.kinds.model_folders import check_cached, folder_ref, located
from jobs.kinds.parts import Parts
from jobs.records import FileRef
from pipeline.catalog import digest
from pipeline.diffusion import hub
from pipeline.errors import InputError, ModelError
from pipeline.film.access import is_remote
from pipeline.speech import espeak, speakers
from pipeline.speech.brief import VoiceBrief
from pipeline.speech.folder import Described, describe

if TYPE_CHECKING:
    from jobs.kinds.speech_keys import VoiceKeys

ESPEAK = "espeak-ng"

_VARIANT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")

_NEEDED = {"vits": ("transformers",), "speecht5": ("transformers", "sentencepiece"), "bark": ("transformers",)}
"""Engine → what atelier[speech] brings for it."""


def is_espeak(value: str) -> bool:
    """Whether a voice is eSpeak NG's."""
    return value.partition("+")[0] == ESPEAK


def check_variant(value: str) -> str:
    """`espeak-ng`, or `espeak-ng+f3`. Raises: ValueError."""
    _, plus, variant = value.partition("+")
    if plus and not _VARIANT.fullmatch(variant):
        raise ValueError(
            f"{value[:60]!r} is no voice of eSpeak NG; write espeak-ng, or espeak-ng+f3 for another throat"
        )
    return value


def check_folder(value: str, info: ValidationInfo) -> str:
    """A folder here, made absolute; or an id of the hub, of a model in its cache. Raises: ValueError."""
    key = info.field_name or "model"
    if is_remote(value) or "://" in value:
        raise ValueError(f"{key}: {value.partition('?')[0][:80]}: a voice is a folder that this machine sees; copy it")
    whole = place(value, info).rstrip("/")
    if Path(whole).is_dir():
        return whole
    if check_cached(value, key):
        return value
    is_file = "is a file" if Path(whole).exists() else "no such voice"
    raise ValueError(f"{whole}: {is_file}; give a folder that transformers saved, or {ESPEAK}")


def check_speaker(value: str | int, info: ValidationInfo) -> str | int:
    """A number, a file made absolute, or a name within the voice's folder. Raises: ValueError."""
    if isinstance(value, int):
        return value
    if not value.endswith(speakers.SUFFIXES):
        return value
    whole = place(value, info)
    if is_remote(whole) or not Path(whole).is_file():
        raise ValueError(f"{whole}: no such file here; check the path")
    return whole


@dataclass(frozen=True)
class Found:
    """A voice, ready for a plan."""

    brief: VoiceBrief
    asked: str
    """What it is to speak, as the job file says of it."""
    own: str
    """What it speaks where nobody says."""
    described: Described | None
    """None of eSpeak NG."""

    def check(self, text: str, language: str) -> None:
        """Raises: InputError if it cannot say the text."""
        if self.described is not None:
            self.described.check_language(language, self.brief.name)
            self.described.check(text)
        elif espeak.library() is not None:
            # Where it is not, nothing is planned for this machine.
            espeak.offered().check(text, language)


@dataclass
class Voices:
    """The voices of a job, each looked at once."""

    settings: Settings
    parts: Parts = field(default_factory=Parts)
    briefs: list[VoiceBrief] = field(default_factory=list)
    _found: dict[str, Found | InputError] = field(default_factory=dict)

    def find(self, name: str, keys: VoiceKeys) -> Found:
        """The voice that is called so. Raises: InputError if it cannot be used."""
        if name not in self._found:
            try:
                self._found[name] = self._look(name, keys)
            except InputError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, InputError):
            raise found
        return found

    def place(self, found: Found) -> int:
        """Its place among the job's voices."""
        if found.brief not in self.briefs:
            self.briefs.append(found.brief)
        return self.briefs.index(found.brief)

    def _look(self, name: str, keys: VoiceKeys) -> Found:
        if is_espeak(keys.model):
            return self._espeak(name, keys)
        said = _short(name)
        described = describe(
            located(keys.model),
            vocoder=None if keys.vocoder is None else located(keys.vocoder),
            pickles=keys.allow_pickle,
        )
        _check_libraries(described, said)
        number, files = self._speaker(said, keys, described)
        brief = VoiceBrief(
            name=said,
            engine=described.engine,
            model=self.parts.model(folder_ref(_short(keys.model), "speech", described.files)),
            speaker=number,
            files=files,
            languages=(described.language,) if described.language else (),
        )
        return Found(brief, keys.language, described.language, described)

    def _espeak(self, name: str, keys: VoiceKeys) -> Found:
        if keys.vocoder is not None or keys.speaker is not None:
            raise ModelError(f"voice {name}: {ESPEAK} takes neither vocoder nor speaker; write model: {ESPEAK}+f3")
        if espeak.library() is None and find_spec("torch") is not None:
            # Where there is no torch there is no worker, and others may have it.
            raise ModelError(f"voice {name}: {espeak.MISSING}")
        variant = keys.model.partition("+")[2]
        if espeak.library() is not None:
            espeak.offered().check_throat(variant)
        return Found(VoiceBrief(name=name, engine="espeak-ng", variant=variant), keys.language, "en", None)

    def _speaker(self, name: str, keys: VoiceKeys, described: Described) -> tuple[int | None, tuple[int, ...]]:
        """The speaker's number, and the places of the files that say what he sounds like."""
        speaker = keys.speaker
        if described.engine == "vits":
            return _numbered(name, speaker, described), ()
        if isinstance(speaker, int):
            raise ModelError(f"voice {name}: speaker {speaker} is a number, which VITS' speakers have; give a file")
        if described.engine == "speecht5":
            if speaker is None or not speaker.endswith(speakers.SUFFIXES):
                said = f"an x-vector of {described.speaker_dim} numbers, as speaker: anna.npy"
                raise ModelError(f"voice {name}: SpeechT5 speaks as someone; give {said}")
            speakers.check_vector(Path(speaker).read_bytes(), speaker, described.speaker_dim)
            return None, (self._file(Path(speaker)),)
        if speaker is None:
            return None, ()
        if not speaker.endswith(speakers.SUFFIXES) and speaker not in described.presets:
            known = ", ".join(list(described.presets)[:5]) or "none"
            raise ModelError(
                f"voice {name}: there is no speaker {speaker!r} in its folder, which has {known}; give a .npz"
            )
        files = described.presets.get(speaker, (Path(speaker),))
        speakers.prompt([file.read_bytes() for file in files], speaker)
        return None, tuple(self._file(file) for file in files)

    def _file(self, path: Path) -> int:
        return self.parts.file(FileRef(name=path.name, key=str(path), sha256=digest(path)))


def _numbered(name: str, speaker: str | int | None, described: Described) -> int | None:
    count = described.speakers
    if speaker is None:
        return 0 if count else None
    if not count:
        raise ModelError(f"voice {name}: has one speaker; leave `speaker` out")
    if not isinstance(speaker, int) or not 0 <= speaker < count:
        raise ModelError(f"voice {name}: has no speaker {speaker!r}; write 0 to {count - 1}")
    return speaker


def _check_libraries(described: Described, name: str) -> None:
    """Refuse what the worker on this machine could not do. Where there is no torch there is no worker."""
    missing = [each for each in _NEEDED[described.engine] if find_spec(each) is None]
    if missing and find_spec("torch") is not None:
        said = f"needs {', '.join(missing)}, which this machine lacks"
        raise ModelError(f"voice {name}: {said}; write pip install 'atelier[speech]', here and where workers run")


def _short(value: str) -> str:
    """A folder by its last name, an id of the hub whole."""
    return value if hub.is_id(value) and not Path(value).exists() else Path(value).name
