"""What a job's files will say of themselves, and what they will show of it: decided when it is planned, from settings
and job file, so that all its workers do the same."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, LabelKeys
from jobs.records import Plan
from pipeline.errors import InputError
from pipeline.provenance import RULES, Marks, Origin, label
from pipeline.provenance.label import ALWAYS, LEAST_HEIGHT, LEAST_S, Label

_LOOKS = {"posters": "template", "retouch": "edits"}
"""What a plan's style is to a kind, where it is no model."""

_MOST_MODELS = 8
"""Whose digests a file names."""


def marked(plan: Plan, spec: JobSpec, settings: Settings) -> Plan:
    """The plan with the marks and the label that its files get.

    Raises: FieldProblem if there are no letters for the label.
    """
    marks = None
    if plan.origin is not None and settings.marks == "on":
        marks = Marks(origin=plan.origin, producer=settings.producer)
    shown = label_of(plan.origin, spec, settings)
    notes = (*plan.notes, *(_notes(shown) if shown is not None else ()))
    return plan.model_copy(update={"marks": marks, "label": shown, "notes": notes})


def facts_of(plan: Plan) -> dict[str, str]:
    """What every file of a job tells, where its painter tells no more: which models were at work."""
    facts = {"kind": plan.kind}
    if plan.kind == "speech":
        facts["voices"] = plan.style
        if not plan.models:
            facts[RULES] = "eSpeak NG"
    elif plan.style:
        facts[_LOOKS.get(plan.kind, "model")] = PurePosixPath(plan.style).name
    if plan.models:
        facts["modelSha256"] = " ".join(dict.fromkeys(model.sha256 for model in plan.models[:_MOST_MODELS]))
    return facts


def label_of(origin: Origin | None, spec: JobSpec, settings: Settings) -> Label | None:
    """The label that a job's pictures get, if any. Raises: FieldProblem if there are no letters for it."""
    asked = spec.label
    if asked is None:
        # A setting for all jobs is no reason to call something made by a model that no model made.
        asked = settings.label if origin is not None else "off"
    if asked == "off":
        return None
    keys = asked if isinstance(asked, LabelKeys) else LabelKeys()
    text = keys.text or label.text_for(keys.locale) or ""
    shown = Label(text=text, locale=keys.locale, position=keys.position, height=keys.height, seconds=keys.seconds)
    try:
        label.check(shown)
    except InputError as error:
        raise FieldProblem(("label", "text"), f"label: {error}") from error
    return shown


def _notes(shown: Label) -> tuple[str, ...]:
    """Where less is shown than China's standard asks for, whoever asked for it should know."""
    notes = []
    if shown.height < LEAST_HEIGHT:
        notes.append(f"the label's letters are lower than the {LEAST_HEIGHT:.0%} that GB 45438-2025 asks for")
    if shown.seconds != ALWAYS and float(shown.seconds) < LEAST_S:
        notes.append(f"the label is shown for less than the {LEAST_S:g} s that GB 45438-2025 asks for")
    return tuple(notes)
