"""One motion generator's training, put together: what can be shown and kept of it at any time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import numpy as np
import torch

from pipeline.models.motion.files import to_safetensors
from pipeline.models.motion.network import MotionGenerator
from pipeline.motion.dataset import Motions
from pipeline.training import curves
from pipeline.training.motion import sheet
from pipeline.training.motion.brief import MotionBrief
from pipeline.training.motion.card import model_card
from pipeline.training.motion.contest import Contest
from pipeline.training.motion.extractor import learnt
from pipeline.training.motion.material import Material
from pipeline.training.motion.measures import Column, Yardstick, generated, in_markdown

_SHOWN_CLIPS = 2
"""Of each class, that a preview's distance is measured on, at most."""

_NOT_MEASURED = "It was not measured: that is done when a training ends, unless it is to have no `measured_clips`."

PANELS: curves.Panels = (
    ("losses", (("copy", "copies", "#1f6fb4"), ("deceit", "generator", "#c23b22"), ("critics", "critics", "#d98e04"))),
    ("distance", (("distance", "to the motions learnt", "#3a8f4d"),)),
    ("feet", (("skate_cm_s", "sliding, cm/s", "#8a5fb0"),)),
    ("jerk", (("jerk_m_s3", "metres a second cubed", "#555555"),)),
)
"""Of the curves."""


class MotionTraining:
    """The same shape as style.StyleTraining."""

    def __init__(self, brief: MotionBrief, *, motions: Motions, device: torch.device | str = "cpu"):
        """Raises: MediaError if a class has too little to learn from."""
        self.brief, self.schedule = brief, brief.schedule
        self.name, self.batch = brief.name, brief.recipe.batch
        self.problems = motions.problems
        self.material = Material(motions, brief.recipe)
        self.steps = Contest(brief, self.material, device)
        self._yardstick: Yardstick | None = None
        self._table: tuple[int, dict[str, Column]] | None = None

    def preview(self) -> np.ndarray:
        """What the averaged generator makes now: (H, W, 3) uint8 sRGB, the same size every time.

        A row of this moment's numbers is kept: what the losses were since the last, and how the motions are.
        """
        steps, averaged = self.steps, self._averaged()
        row = {"kimg": steps.windows / 1000, **steps.record.take()}
        note = f"{steps.windows:,} windows"
        if clips := min(_SHOWN_CLIPS, self.brief.recipe.measured_clips):
            column = self._ruler().column(generated(averaged, plant=False, clips=clips))
            row |= {name: value for name, value in column.to_json().items() if value is not None}
            note += f"   distance {column.distance:.3g}   feet slide {column.skate_cm_s:.1f} cm/s"
        steps.record.rows.append(row)
        return sheet.draw(averaged, title=self.brief.name, note=note)

    def weights(self) -> bytes:
        """What is learnt so far, as a safetensors file in half precision."""
        brief = self.brief
        about = {
            "name": brief.name,
            "licence": brief.licence,
            "credit": brief.credit or brief.data,
            "windows": str(self.steps.windows),
        }
        return to_safetensors(self.steps.averaged, about, dtype=torch.float16)

    def card(self) -> str:
        """Its model card; once the training has ended, with all that was measured."""
        ended = self.schedule.is_last(self.steps.iteration)
        return model_card(
            self.brief,
            in_markdown(self.table()) if ended and self.brief.recipe.measured_clips else _NOT_MEASURED,
            seconds=self.material.seconds,
            looped=self.material.looped,
            windows=self.steps.windows,
            numbers=sum(parameter.numel() for parameter in self.steps.averaged.parameters()),
        )

    def report(self) -> bytes:
        """Its numbers as a PNG file."""
        title = f"{self.brief.name}: {self.steps.windows:,} windows"
        return curves.encode(self.steps.record.rows, title, PANELS, along="thousand windows")

    def table(self, tell: Callable[[str], None] = lambda what: None) -> dict[str, Column]:
        """How what it makes now is, beside real motions and baselines; nothing if it is not to be measured.

        `tell` is told what is measured.
        """
        if not self.brief.recipe.measured_clips:
            return {}
        if self._table is None or self._table[0] != self.steps.iteration:
            self._table = self.steps.iteration, self._ruler().table(self._averaged(), tell)
        return self._table[1]

    def told(self) -> bytes:
        """The table as a JSON file: column → name → number, or null."""
        columns = {name: column.to_json() for name, column in self.table().items()}
        return json.dumps(columns, indent=1).encode()

    def _ruler(self) -> Yardstick:
        if self._yardstick is None:
            clips = self.brief.recipe.measured_clips
            self._yardstick = Yardstick(self.material, learnt(self.material), clips=clips)
        return self._yardstick

    def _averaged(self) -> MotionGenerator:
        """On the CPU, where motions are made."""
        averaged = self.steps.averaged
        return averaged if self.steps.device.type == "cpu" else copy.deepcopy(averaged).cpu()
