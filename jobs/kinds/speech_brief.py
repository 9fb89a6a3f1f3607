"""A narration that a language model writes from a speech job's `brief`, in the voice's language and its letters."""

from __future__ import annotations

from jobs.config import Settings
from jobs.copywriter.narration import paragraphs, write_narration
from jobs.desk import Desk
from jobs.kinds.base import FieldProblem
from jobs.kinds.blocklist import blocked
from jobs.kinds.speech_keys import SpeechSpec
from jobs.kinds.speech_lines import Row
from jobs.kinds.speech_voices import Voices
from pipeline.errors import InputError
from pipeline.speech.text import clean


def prepare(spec: SpeechSpec, desk: Desk) -> SpeechSpec:
    """Let a language model write the narration that the job file asks it for."""
    if spec.brief is None or spec.brief.written:
        return spec
    try:
        voice = Voices(desk.config).find(spec.voice, spec.about(spec.voice))
    except InputError:
        # Planning says what is wrong with it.
        return spec
    language = voice.asked or spec.language or voice.own

    def check(text: str) -> str:
        if word := blocked(desk.config, (text,)):
            return f"has {word!r}, which may not be used"
        try:
            voice.check(clean(text), language)
        except InputError as error:
            return f"cannot be said by the voice: {error}"
        return ""

    try:
        return spec.model_copy(update={"brief": write_narration(spec.brief, language, desk, check)})
    except FieldProblem:
        raise
    except InputError as error:
        raise FieldProblem("language", str(error)) from error


def rows(spec: SpeechSpec, settings: Settings) -> tuple[Row, ...]:
    """The lines of a brief; those that nobody has written yet say what they are about. Raises: FieldProblem."""
    brief = spec.brief
    assert brief is not None
    if not brief.written and settings.copy_url is None:
        said = "nobody has written it, for no endpoint is set (ATELIER_COPY_URL)"
        raise FieldProblem(
            "brief", f"brief: {said}; write text: [Good evening.] instead, or `written` within the brief"
        )
    written = brief.written or [brief.about] * paragraphs(brief)
    return tuple(Row({"text": text}) for text in written)


def is_unwritten(spec: SpeechSpec) -> bool:
    """Whether its lines stand for others, which nobody has written yet."""
    return spec.brief is not None and not spec.brief.written


def notes(spec: SpeechSpec, settings: Settings) -> tuple[str, ...]:
    """What people should know of a narration that nobody has written yet."""
    if not is_unwritten(spec):
        return ()
    return (f"brief: the narration would be asked of {settings.copy_model} on submission; it is part of the job",)
