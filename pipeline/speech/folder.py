"""A voice as a folder that `transformers` saved: what speaks, which files are needed, what it knows. Torch-free.

Nothing in it is executed: of weights the headers are read, and code of a model's own is never looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.diffusion.described import read_json
from pipeline.diffusion.folder import plain_files, weights_of
from pipeline.errors import InputError, ModelError
from pipeline.headers import header
from pipeline.speech.speakers import PARTS
from pipeline.speech.text import quoted
from pipeline.speech.voices import ABOUT, LOADERS, Engine

VOCODER = "vocoder"
"""The folder, within a worker's copy of a voice, of what makes sound of SpeechT5's spectrograms."""

_VOCODER_TYPES = ("hifigan", "speecht5_hifigan")
"""As older and newer versions of the library call it."""

_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "vits": (("vocab.json",),),
    "speecht5": (("spm_char.model",),),
    "bark": (("tokenizer.json", "vocab.txt"), ("generation_config.json",)),
}
"""Files without which an engine knows no letters; of each row one will do."""

_SPEAKER_DIM = 512
"""Of SpeechT5's x-vectors, where its configuration says none."""

_MACRO = {"arb": "ar", "cmn": "zh", "khk": "mn", "zlm": "ms", "swh": "sw"}
"""What MMS calls languages whose tags ICU does not shorten."""


@dataclass(frozen=True)
class Described:
    """A voice, as its files tell."""

    engine: Engine
    config: Mapping[str, Any]
    files: Mapping[str, Path]
    """Name in the folder that a worker loads it from → the file here."""
    letters: frozenset[str] | None = None
    """All that it knows; None where only its tokenizer can say."""
    language: str = ""
    """What it learnt, if its files say so."""
    romanizes: bool = False
    """Whether other scripts are written in Latin letters first, by a library of their own."""
    speakers: int = 0
    """How many it learnt, of which one is chosen by number."""
    speaker_dim: int = 0
    """Numbers of the x-vector that says how a speaker sounds; 0 where it takes none."""
    presets: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Speakers that lie in the folder, by name."""

    def check(self, text: str) -> None:
        """Raises: InputError if the voice has no letters for a text."""
        if self.romanizes and not text.isascii():
            if find_spec("uroman") is None:
                said = "the voice reads other scripts in Latin letters, by a library that this machine lacks"
                raise InputError(f"{said}; write pip install uroman, here and where workers run")
            return
        check_letters(text, self.letters)

    def check_language(self, language: str, name: str) -> None:
        """Raises: InputError if the voice learnt another language."""
        if language and self.language and _plain(language) != _plain(self.language):
            raise InputError(f"the voice {name} speaks {self.language!r}, and the line is in {language!r}")


def _plain(language: str) -> str:
    from icu4py.locale import Locale

    found: str = Locale(language).language
    return _MACRO.get(found, found)


def check_letters(text: str, letters: frozenset[str] | None) -> None:
    """Raises: InputError if a text has letters or digits that are none of these; None is all of them."""
    if letters is None:
        return
    unknown = dict.fromkeys(each for each in text if each.isalnum() and not {each, each.lower()} & letters)
    if unknown:
        shown = ", ".join(map(repr, list(unknown)[:8])) + (", …" if len(unknown) > 8 else "")
        said = f"text {quoted(text)}: the voice does not know {shown}"
        raise InputError(f"{said}; write it in its letters, or name a voice of its language")


def describe(folder: Path, *, vocoder: Path | None = None, pickles: bool = False) -> Described:
    """The voice in a folder. `pickles`: whether weights may be torch's own files, which are read without their objects.

    Raises: ModelError if it is no such voice, a part is missing, or a file is damaged.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder}: is no voice: it holds no config.json; give a folder that transformers saved")
    config = read_json(path)
    engine = str(config.get("model_type"))
    if engine not in LOADERS:
        known = ", ".join(ABOUT[each].title for each in LOADERS)
        raise ModelError(f"{folder}: holds {engine[:40]!r}, which is no voice that is spoken with; give {known}")
    files = dict(plain_files(folder)) | _weights(folder, pickles=pickles)
    for choice in _NEEDED[engine]:
        if not any(name in files for name in choice):
            raise ModelError(f"{folder}: has no {choice[0]}, without which it knows no letters; copy the voice again")
    tokenizer = read_json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    made = _OF[engine](folder, config, files, tokenizer)
    return _with_vocoder(made, folder, vocoder, pickles=pickles)


def _vits(folder: Path, config: Mapping[str, Any], files: Mapping[str, Path], said: Mapping[str, Any]) -> Described:
    if said.get("phonemize"):
        right = "give one that reads letters, as MMS' voices do"
        raise ModelError(f"{folder}: reads phonemes, which another library would have to write; {right}")
    return Described(
        "vits",
        config,
        files,
        letters=frozenset(_vocabulary(files["vocab.json"])),
        language=str(said.get("language") or ""),
        romanizes=bool(said.get("is_uroman")),
        speakers=_whole(config.get("num_speakers"), 1) if _whole(config.get("num_speakers"), 1) > 1 else 0,
    )


def _speecht5(folder: Path, config: Mapping[str, Any], files: Mapping[str, Path], said: Mapping[str, Any]) -> Described:
    wanted = config.get("architectures") or []
    if wanted and "SpeechT5ForTextToSpeech" not in wanted:
        raise ModelError(f"{folder}: is {str(wanted[0])[:40]}, which hears and does not speak; give speecht5_tts")
    return Described("speecht5", config, files, speaker_dim=_whole(config.get("speaker_embedding_dim"), _SPEAKER_DIM))


def _bark(folder: Path, config: Mapping[str, Any], files: Mapping[str, Path], said: Mapping[str, Any]) -> Described:
    presets: dict[str, tuple[Path, ...]] = {}
    for path in sorted((folder / "speaker_embeddings").rglob(f"*_{PARTS[0]}.npy")):
        stem = str(path.relative_to(folder / "speaker_embeddings")).removesuffix(f"_{PARTS[0]}.npy")
        files_of = [path.with_name(path.name.replace(PARTS[0], part)) for part in PARTS]
        if all(each.is_file() for each in files_of):
            presets[stem] = tuple(files_of)
    return Described("bark", config, files, presets=presets)


_OF = {"vits": _vits, "speecht5": _speecht5, "bark": _bark}


def _with_vocoder(made: Described, folder: Path, vocoder: Path | None, *, pickles: bool) -> Described:
    if made.engine != "speecht5":
        if vocoder is not None:
            raise ModelError(f"{folder}: makes sound by itself; leave its vocoder out")
        return made
    if vocoder is None:
        said = "makes spectrograms, and no sound without a vocoder"
        raise ModelError(f"{folder}: {said}; name one, as vocoder: ./speecht5_hifigan/")
    path = vocoder / "config.json"
    kind = read_json(path).get("model_type") if path.is_file() else None
    if kind not in _VOCODER_TYPES:
        raise ModelError(f"{vocoder}: is no vocoder: it holds {str(kind)[:40]!r}; give a folder of SpeechT5HifiGan")
    theirs, ours = read_json(path).get("model_in_dim", 80), made.config.get("num_mel_bins", 80)
    if theirs != ours:
        raise ModelError(
            f"{vocoder}: takes {theirs} bands, and {folder.name} gives {ours}; give the one it learnt with"
        )
    files = dict(plain_files(vocoder)) | _weights(vocoder, pickles=pickles)
    more = {f"{VOCODER}/{name}": each for name, each in files.items()}
    return Described(made.engine, made.config, {**made.files, **more}, speaker_dim=made.speaker_dim)


def _weights(folder: Path, *, pickles: bool) -> dict[str, Path]:
    found = dict(weights_of(folder, pickles=pickles))
    if not found:
        raise ModelError(f"{folder}: holds no weights; copy it again")
    for path in found.values():
        if path.suffix == ".safetensors":
            header(path)
    return found


def _vocabulary(path: Path) -> Mapping[str, Any]:
    made = read_json(path)
    if not all(isinstance(place, int) for place in made.values()):
        raise ModelError(f"{path}: is no vocabulary: it gives each letter a number; copy the voice again")
    return made


def _whole(value: object, default: int) -> int:
    return value if type(value) is int and value > 0 else default
