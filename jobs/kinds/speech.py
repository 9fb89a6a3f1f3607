"""The speech kind: lines that voices say, one file each, and all of them in one narration with captions.

A frame is a line, and its picture the line's waveform. Planning reads configurations and vocabularies, and no weights
but for their digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pydantic import ValidationError

from jobs.config import Settings
from jobs.kinds import speech_brief
from jobs.kinds import speech_lines as lines
from jobs.kinds.base import FieldProblem, Kind
from jobs.kinds.blocklist import blocked
from jobs.kinds.names import WORD, told_apart
from jobs.kinds.pictures_then_film import check_count, chunks_of
from jobs.kinds.speech_keys import NARRATION, SHEET, LineKeys, SpeechSpec
from jobs.kinds.speech_lines import Row
from jobs.kinds.speech_voices import Voices, check_variant, is_espeak
from jobs.records import Plan
from pipeline.errors import InputError
from pipeline.film.access import basename
from pipeline.film.deliverables import SPEECH
from pipeline.speech.brief import LineBrief, SpeechBrief
from pipeline.speech.text import clean

_LINES_A_CHUNK = 8
"""By default: a line takes a voice as long as many frames take a painter."""

_KEPT = ("flac", "timings")
"""Of each line, for the narration and its captions, whether or not they are delivered."""

_LOSSLESS = "flac"

_MOST_TOLD = 20
"""Lines that are wrong, of which a message tells."""


def plan(spec: SpeechSpec, settings: Settings) -> Plan:
    """Look at the voices, and see which lines they can say."""
    voices = Voices(settings)
    rows = _rows(spec, settings)
    check_count("text", len(rows), "lines", settings)
    _check_voices(spec, voices, is_asked=not all(row.cells.get("voice") for row in rows))
    said = tuple(_lines(spec, rows, voices, settings))
    if not speech_brief.is_unwritten(spec):
        _check_any(spec, said)
    formats = spec.sounds or (_LOSSLESS,)
    asked = tuple(name for name in spec.deliver if name not in (NARRATION, SHEET))
    clips = tuple(dict.fromkeys([*(name for name in asked if name in SPEECH), *_KEPT]))
    brief = SpeechBrief(
        lines=said,
        voices=tuple(voices.briefs),
        loudness=spec.level(),
        clips=clips,
        skips=spec.on_error == "skip",
    )
    return Plan(
        job="",
        kind="speech",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(brief, voices),
        frames=len(said),
        first=1,
        chunks=chunks_of(len(said), len(said), spec.chunk or min(settings.chunk_frames, _LINES_A_CHUNK)),
        models=voices.parts.models,
        files=voices.parts.files,
        style=", ".join(dict.fromkeys(voice.said for voice in brief.voices)),
        on_error=spec.on_error,
        deliver=asked,
        clips=clips,
        narration=formats if NARRATION in spec.deliver else (),
        output=spec.output,
        stem=_stem(spec),
        names=tuple(line.name for line in said),
        manifest=True,
        origin="generated",
        inputs=brief.model_dump(mode="json", exclude_defaults=True),
        notes=speech_brief.notes(spec, settings)
        or tuple(dict.fromkeys(f"left out: {line.problem}" for line in said if line.problem)),
    )


def _stem(spec: SpeechSpec) -> str:
    """What the narration is called: as the file of its text."""
    return basename(spec.text).rpartition(".")[0] or NARRATION if isinstance(spec.text, str) else NARRATION


def _rows(spec: SpeechSpec, settings: Settings) -> tuple[Row, ...]:
    if spec.brief is not None:
        return speech_brief.rows(spec, settings)
    if isinstance(spec.text, str):
        return lines.read(spec.text, settings.store_options())
    return tuple(Row(line.model_dump(exclude_none=True, exclude_defaults=True)) for line in spec.text or ())


def _check_voices(spec: SpeechSpec, voices: Voices, *, is_asked: bool) -> None:
    """The voices that the job file names can speak. `is_asked`: whether a line names none. Raises: FieldProblem."""
    for name, keys in spec.voices.items():
        try:
            voices.find(name, keys)
        except InputError as error:
            raise FieldProblem(("voices", name), str(error)) from error
    if is_asked:
        try:
            voices.find(spec.voice, spec.about(spec.voice))
        except InputError as error:
            raise FieldProblem("voice", str(error)) from error


def _lines(spec: SpeechSpec, rows: tuple[Row, ...], voices: Voices, settings: Settings) -> Iterator[LineBrief]:
    digits = max(4, len(str(len(rows))))
    taken: set[str] = set()
    for number, row in enumerate(rows, 1):
        said = str(row.cells.get("name", ""))
        name = told_apart(said if WORD.fullmatch(said) else f"{number:0{digits}d}", number, taken, digits)
        try:
            yield _line(spec, row, name, voices, settings)
        except InputError as error:
            problem = f"{row.where or f'line {name}'}: {error}"
            yield LineBrief(text=str(row.cells.get("text", ""))[:_MOST_KEPT], name=name, problem=problem)


_MOST_KEPT = 200
"""Letters of a line that cannot be said, for the manifest."""


def _line(spec: SpeechSpec, row: Row, name: str, voices: Voices, settings: Settings) -> LineBrief:
    """The line as the plan holds it. Raises: InputError if it cannot be said."""
    if row.wrong:
        raise InputError(row.wrong)
    keys = _checked(row)
    if keys.name and not WORD.fullmatch(keys.name):
        raise InputError(f"name: {keys.name[:60]!r} is no name for a file; write letters, digits, - and _")
    text = clean(keys.text)
    if word := blocked(settings, (text,)):
        raise InputError(f"{text[:60]!r} holds {word!r}, which is on this farm's list of words not to be used")
    voice = keys.voice or spec.voice
    if voice not in spec.voices and voice != spec.voice:
        if not is_espeak(voice):
            known = ", ".join([*spec.voices, "espeak-ng"])
            raise InputError(f"voice: {voice[:60]!r} is none of the job's voices; there are {known}")
        try:
            check_variant(voice)
        except ValueError as error:
            raise InputError(f"voice: {error}") from error
    found = voices.find(voice, spec.about(voice))
    language = keys.language or found.asked or spec.language or found.own
    found.check(text, language)
    return LineBrief(
        text=text,
        name=name,
        voice=voices.place(found),
        language=language,
        speed=spec.speed if keys.speed is None else keys.speed,
        seed=spec.seed if keys.seed is None else keys.seed,
        pause_s=spec.pause if keys.pause is None else keys.pause,
    )


def _checked(row: Row) -> LineKeys:
    """The row's keys, each within its bounds. Raises: InputError with the first that is not."""
    try:
        return LineKeys.model_validate(row.cells)
    except ValidationError as error:
        first = error.errors()[0]
        key, said = ".".join(map(str, first["loc"])), str(first["msg"]).removeprefix("Value error, ")
        raise InputError(said if said.startswith(f"{key}:") else f"{key}: {said[:1].lower()}{said[1:]}") from error


def _check_any(spec: SpeechSpec, said: tuple[LineBrief, ...]) -> None:
    """Raises: FieldProblem if nothing can be said, or something cannot and all must."""
    problems = list(dict.fromkeys(line.problem for line in said if line.problem))
    if problems and (spec.on_error == "fail" or all(line.problem for line in said)):
        rest = [f"and {len(problems) - _MOST_TOLD:,} more"] if len(problems) > _MOST_TOLD else []
        raise FieldProblem("text", "\n".join([*problems[:_MOST_TOLD], *rest]))


def _fingerprint(brief: SpeechBrief, voices: Voices) -> str:
    read = [*(model.sha256 for model in voices.parts.models), *(file.sha256 for file in voices.parts.files)]
    return hashlib.sha256(" ".join([brief.model_dump_json(), *read]).encode()).hexdigest()


SPEECH_KIND = Kind(
    spec=SpeechSpec,
    plan=plan,
    painter="pipeline.speech.painter:SpeechPainter",
    summary="lines that voices say, and a narration of them with captions",
    noun="line",
    prepare=speech_brief.prepare,
    nestable=False,
)
