"""A job kind for tests of copy: signs, one for each audience."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jobs.config import Settings
from jobs.copywriter import Copy, CopyRequest, note, write
from jobs.desk import Desk
from jobs.kinds.base import FieldProblem, JobSpec, Kind
from jobs.records import Plan

TEXT = """\
kind: signs
audiences: [families, students]
copy:
  brief: An exhibition of portraits of nobody
  texts:
    headline: {most_letters: 28}
    call_to_action: {most_letters: 18}
output: signs/
"""


class SignsSpec(JobSpec):
    """Signs for audiences."""

    kind: Annotated[Literal["signs"], Field(description="what the job makes")]
    audiences: list[str]
    texts: Annotated[Copy, Field(alias="copy")]


def requests(spec: SignsSpec) -> list[CopyRequest]:
    """One for each audience."""
    return [CopyRequest(name, "en") for name in spec.audiences]


def prepare(spec: SignsSpec, desk: Desk) -> SignsSpec:
    """With texts for all audiences."""
    written = write(requests(spec), spec.texts, desk)
    return spec.model_copy(update={"texts": spec.texts.model_copy(update={"written": written})})


def plan(spec: SignsSpec, settings: Settings) -> Plan:
    """A sign for each audience."""
    if "nobody" in spec.audiences:
        raise FieldProblem("audiences", "audiences: nobody reads no signs")
    said = note(requests(spec), spec.texts, settings)
    return Plan(
        job="",
        kind="signs",
        priority=spec.priority,
        queue="gpu",
        fingerprint="1",
        frames=len(spec.audiences),
        first=1,
        chunks=((0, len(spec.audiences)),),
        deliver=("png",),
        output=spec.output,
        stem="sign",
        inputs={"texts": spec.texts.written},
        notes=(said,) if said else (),
    )


SIGNS = Kind(spec=SignsSpec, plan=plan, painter="tests.jobs.signs:none", summary="signs", prepare=prepare)
