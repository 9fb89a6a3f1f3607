"""What a speech job file may say, one check a key. How it is planned is speech.py's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.copywriter.brief import from_text
from jobs.copywriter.narration import NarrationBrief
from jobs.kinds import speech_lines as lines
from jobs.kinds.base import JobSpec, place
from jobs.kinds.keys import Keys
from jobs.kinds.loudness_keys import LoudnessKeys, keyed
from jobs.kinds.speech_voices import ESPEAK, check_folder, check_speaker, check_variant, is_espeak
from jobs.kinds.values import check_is_list, shown
from pipeline.errors import InputError
from pipeline.film.deliverables import SOUNDS
from pipeline.film.sound_edits import Loudness
from pipeline.typography.locales import usual_form

SHEET = "contact-sheet"
"""Every job has one; as a deliverable it may be asked for alone."""

NARRATION = "narration"
"""All lines in one sound, with captions. It stands in the plan's `narration`, not in its `deliver`."""

Heard = Literal["wav", "flac", "opus", "narration", "timings", "png", "contact-sheet"]
"""What can be delivered."""

_MEANT = {
    "wave": "wav",
    "ogg": "opus",
    "mp3": "opus",
    "m4a": "opus",
    "aac": "opus",
    "srt": NARRATION,
    "vtt": NARRATION,
    "captions": NARRATION,
    "json": "timings",
}
"""What others call it, or would take."""

MOST_VOICES = 64

SLOWEST, FASTEST = 0.25, 4.0

_LONGEST_PAUSE_S = 600.0

_LEVEL = LoudnessKeys(target=-19.0)
"""Of one channel: as two, it is as loud as -16 LUFS, which podcasts are."""


def check_language(value: str, info: ValidationInfo) -> str:
    """A language's tag, in its usual form; empty is the voice's own."""
    try:
        return usual_form(value.strip())
    except InputError as error:
        raise ValueError(str(error).replace("locale", info.field_name or "language", 1)) from error


def _check_text(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        if not lines.is_file(value):
            return [{"text": value}]
        whole = place(value, info)
        if "://" not in whole and not Path(whole).is_file():
            raise ValueError(f"{whole}: no such text; check the path")
        return whole
    if not isinstance(value, list) or not value:
        raise ValueError("text: write a list of lines, as in [Good evening., Good night.], or a .csv or .txt file")
    if len(value) > lines.MOST:
        raise ValueError(f"text: has {len(value):,} lines; at most {lines.MOST:,} are said")
    rows = [{"text": each} if isinstance(each, str) else each for each in value]
    if wrong := [each for each in rows if not isinstance(each, Mapping | LineKeys)]:
        raise ValueError(f"text: {shown(wrong[0])} is no line; write its words, or {{text: …, voice: …}}")
    return rows


def _check_voices(value: object) -> object:
    right = "write voices: {anna: {model: ./mms-tts-eng/}, ben: espeak-ng+m3}"
    if not isinstance(value, Mapping) or len(value) > MOST_VOICES:
        raise ValueError(f"voices: are at most {MOST_VOICES}, by name; {right}")
    for name in value:
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"voices: {shown(name)} is no name; {right}")
    return {name: {"model": each} if isinstance(each, str) else each for name, each in value.items()}


def _check_voice(value: str, info: ValidationInfo) -> str:
    """One of the job's, eSpeak NG, or a folder made absolute."""
    if value in (info.data.get("voices") or {}):
        return value
    if is_espeak(value):
        return check_variant(value)
    return check_folder(value, info)


def _check_heard(value: object) -> object:
    meant = _MEANT.get(value.lower()) if isinstance(value, str) else None
    if meant is not None:
        raise ValueError(f"deliver: {value!r} is not one of {', '.join(get_args(Heard))}; did you mean {meant!r}?")
    return value


def _check_deliver(value: list[str]) -> list[str]:
    if not value:
        raise ValueError(f"deliver: is empty; name at least one of {', '.join(get_args(Heard))}")
    return list(dict.fromkeys(value))


def _check_model(value: str, info: ValidationInfo) -> str:
    return check_variant(value) if is_espeak(value) else check_folder(value, info)


Language = Annotated[str, AfterValidator(check_language)]

Speed = Annotated[float, Field(ge=SLOWEST, le=FASTEST, allow_inf_nan=False)]

Seed = Annotated[int, Field(ge=0, lt=2**32)]

Pause = Annotated[float, Field(ge=0, le=_LONGEST_PAUSE_S, allow_inf_nan=False)]


class VoiceKeys(Keys):
    """A voice by name."""

    switches = frozenset({"allow_pickle"})

    model: Annotated[
        str,
        AfterValidator(_check_model),
        Field(description="a folder that transformers saved: VITS or MMS, SpeechT5, Bark; or espeak-ng, espeak-ng+f3"),
    ]
    vocoder: Annotated[
        Annotated[str, AfterValidator(check_folder)] | None,
        Field(description="of SpeechT5: the folder of what makes sound of its spectrograms"),
    ] = None
    speaker: Annotated[
        Annotated[str | int, AfterValidator(check_speaker)] | None,
        Field(
            description="who speaks: SpeechT5's x-vector, Bark's prompt (a file, or one in its folder), VITS' number"
        ),
    ] = None
    language: Annotated[Language, Field(description="what it speaks where a line names no language")] = ""
    allow_pickle: Annotated[
        bool, Field(description="whether a folder's weights may be torch's .bin files; their tensors alone are read")
    ] = False


class LineKeys(Keys):
    """A line, and how it is said."""

    text: Annotated[str, Field(description="what is said")]
    name: Annotated[str, Field(description="what its files are called; default: its number")] = ""
    voice: Annotated[str | None, Field(description="who says it; default: the job's `voice`")] = None
    language: Annotated[Language | None, Field(description="as de or pt-BR; default: the job's")] = None
    speed: Annotated[Speed | None, Field(description="2 is twice as fast; default: the job's")] = None
    seed: Annotated[Seed | None, Field(description="another one says it differently; default: the job's")] = None
    pause: Annotated[Pause | None, Field(description="seconds of silence after it; default: the job's")] = None


class SpeechSpec(JobSpec):
    """A speech job file."""

    kind: Annotated[Literal["speech"], Field(description="what the job makes")]
    text: Annotated[
        str | list[LineKeys] | None,
        BeforeValidator(_check_text, json_schema_input_type=str | list[str | LineKeys]),
        Field(
            description="what is said: a list of lines, a .csv table with a column `text`, or a .txt file, line by line"
        ),
    ] = None
    brief: Annotated[
        NarrationBrief | None,
        BeforeValidator(from_text, json_schema_input_type=str | NarrationBrief),
        Field(description="in place of text: what it is about, for a language model to write it"),
    ] = None
    voices: Annotated[
        dict[str, VoiceKeys],
        BeforeValidator(_check_voices, json_schema_input_type=dict[str, str | VoiceKeys]),
        Field(description="voices by name, as {anna: {model: ./mms-tts-eng/}, ben: espeak-ng+m3}"),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    voice: Annotated[
        str,
        AfterValidator(_check_voice),
        Field(description="who says lines that name nobody: one of `voices`, a voice's folder, or espeak-ng"),
    ] = ESPEAK
    language: Annotated[
        Language, Field(description="of lines that name none, and whose voice names none, as de or pt-BR")
    ] = ""
    speed: Annotated[Speed, Field(description="2 is twice as fast; the pitch stays")] = 1.0
    seed: Annotated[Seed, Field(description="another one says everything differently; eSpeak NG hardly")] = 0
    pause: Annotated[Pause, Field(description="seconds of silence after a line, in the narration")] = 0.6
    loudness: Annotated[
        LoudnessKeys | Literal["none"] | None,
        BeforeValidator(keyed, json_schema_input_type=float | Literal["none"] | LoudnessKeys | None),
        Field(description="of each line and of the narration, by EBU R 128, in LUFS; none leaves it; default -19"),
    ] = None
    on_error: Annotated[
        Literal["skip", "fail"],
        Field(description="what becomes of a line that cannot be said: `skip` says all others, and names it"),
    ] = "skip"
    deliver: Annotated[
        list[Annotated[Heard, BeforeValidator(_check_heard)]],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make: sounds of each line, and all in one narration with captions"),
    ] = ["flac", "narration"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _says_something(self) -> SpeechSpec:
        if self.text is None and self.brief is None:
            raise ValueError("'text' is missing: what is said, as in [Good evening.]; or write a brief")
        if self.text is not None and self.brief is not None:
            raise ValueError("brief: stands in place of text; leave one of them out")
        return self

    @property
    def sounds(self) -> tuple[str, ...]:
        """The formats that are asked for; a narration has FLAC if there are none."""
        return tuple(name for name in self.deliver if name in SOUNDS)

    def level(self) -> Loudness | None:
        """How loud everything is to be; None leaves it as the voice gives it."""
        return None if self.loudness == "none" else (self.loudness or _LEVEL).wanted()

    def about(self, voice: str) -> VoiceKeys:
        """What there is to know of a voice, by its name, or by what it is."""
        found: Any = self.voices.get(voice)
        return found if found is not None else VoiceKeys.model_construct(model=voice)
