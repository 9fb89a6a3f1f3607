"""A job kind with nothing but a background, and what its painter would be given."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field

from jobs.config import Settings
from jobs.kinds import resolve
from jobs.kinds.background_keys import Background
from jobs.kinds.backgrounds import Planned, plan_background
from jobs.kinds.base import FieldProblem, JobSpec, Kind
from jobs.kinds.parts import Parts
from jobs.records import Plan
from jobs.spec import at_fields, parse
from pipeline.backgrounds.brief import BackgroundBrief
from pipeline.backgrounds.kept import Kept
from pipeline.backgrounds.shown import Backgrounds
from pipeline.catalog import ASSETS
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch


class BackedSpec(JobSpec):
    """A job file with a background."""

    kind: Annotated[Literal["backed"], Field(description="what the job makes")]
    background: Annotated[Background, Field(description="what lies behind")]


def _plan(spec: BackedSpec, settings: Settings) -> Plan:
    raise NotImplementedError


BACKED = Kind(spec=BackedSpec, plan=_plan, painter="", summary="a background alone", nestable=False)

KIND = {"backed": "tests.backgrounds.making:BACKED"}
"""A row of KINDS, for tests to add."""

SECONDS, RATE = Fraction(2), Fraction(6)
"""Of the poster, where a test says no other."""


def planned(text: str, folder: Path, *, seconds: Fraction | None = SECONDS, rate: Fraction | None = RATE) -> Backed:
    """The plan of a background as a job file says it, in that folder.

    Raises: JobSpecProblems.
    """
    spec, located = parse(f"kind: backed\noutput: out/\n{text}", path="p.yaml", folder=folder)
    assert isinstance(spec, BackedSpec)
    parts = Parts()
    try:
        made = plan_background(spec.background, Settings(), parts, seconds=seconds, rate=rate)
    except FieldProblem as problem:
        raise at_fields(problem, located) from problem
    return Backed(made, parts)


class Backed:
    """A planned background, and a worker to make it."""

    def __init__(self, plan: Planned, parts: Parts) -> None:
        self.plan, self.parts = plan, parts
        self.calls: list[str] = []
        """What was asked of the worker, in order."""

    @property
    def brief(self) -> BackgroundBrief:
        """As it comes out of a stored plan."""
        return BackgroundBrief.model_validate_json(self.plan.brief.model_dump_json())

    @property
    def easel(self) -> Easel:
        """A worker's with two cores."""
        return Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=2, options=StoreOptions())

    def backgrounds(self, kept: Kept) -> Backgrounds:
        """What the poster's painter uses."""
        return Backgrounds(self.brief, self.easel, kept=kept)

    def work(self, **changed: Any) -> Work:
        """A chunk of posters."""
        files = [Path(file.key).read_bytes() for file in self.parts.files]
        told: dict[str, Any] = {
            "start": 100,
            "stop": 200,
            "watch": Stopwatch(),
            "model": self._model,
            "file": self._logged("file", files.__getitem__),
            "pulse": self._logged("pulse", lambda note: None),
            "save_state": self._logged("save", lambda state, part="main": None),
            "load_state": self._logged("load", lambda part="main": None),
            "remember": self._logged("remember", lambda frame, key, is_found: None),
            "describe": self._logged("describe", lambda frame, facts: None),
            "deliver": self._logged("deliver", lambda name, data: None),
            "model_digests": tuple(f"{model.entry} {model.sha256}" for model in self.parts.models),
            "file_digests": tuple(hashlib.sha256(data).hexdigest() for data in files),
        }
        return Work(**{**told, **changed})

    def _model(self, index: int, precision: Any = None) -> Any:
        self.calls.append("model")
        ref = self.parts.models[index]
        return resolve(ref.entry)(ASSETS / ref.weights, "cpu")

    def _logged(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*values: Any, **named: Any) -> Any:
            self.calls.append(name)
            return function(*values, **named)

        return called
