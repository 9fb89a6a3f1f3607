"""What a generator's motions are like, in numbers, beside real ones that it never saw and beside plain baselines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pipeline.models.motion.network import MotionGenerator
from pipeline.motion import measures
from pipeline.motion.clip import Clip
from pipeline.motion.features import CONTACTS, HEIGHT, POSITIONS, VELOCITY, features_of
from pipeline.motion.figure import FIGURE
from pipeline.motion.generation import generate
from pipeline.training.frechet import distance, gaussian
from pipeline.training.motion.baselines import gaussian_frames, interpolated
from pipeline.training.motion.extractor import Extractor
from pipeline.training.motion.material import Material, windows_of

CLIP_S = 10.0
"""Of each generated clip that is measured."""
_FIRST_SEED = 1_000_000
"""Measured clips have other seeds than sheets show."""
_PAIRS = 200
_STRIDE = 8
_WINDOWS = 30
"""Of each clip, where baselines have none: about as many as a generated one has."""
_COMPARED = 24
"""Of each class' windows, so many are compared with all that were learnt."""
_MEASURED = 60
"""Of each class' windows, at most so many are measured in metres and seconds."""

LEARNT, REAL, MADE, HELD = "learnt", "held out", "generated", "feet held"
BLENDED, DRAWN = "interpolated", "gaussian"
"""Columns of the table: real motions that were learnt, and that were not; the generator's, as it makes them, and with
feet held where they stand; and the two baselines."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """How the motions of one source are. What cannot be said is NaN."""

    distance: float
    """Fréchet distance to the windows that were learnt, as a part of how those are spread; of all classes."""
    distance_held_out: float
    """The same, of the classes of which there are held-out windows."""
    recognised: float
    """Part of the windows that the extractor takes for their class."""
    diversity_m: float
    """How far joints are apart in two random windows of a class, on average."""
    nearest_m: float
    """The same for the nearest window that was learnt."""
    skate_cm_s: float
    bones_percent: float
    """By how much of its length the worst bone is off."""
    acceleration_m_s2: float
    jerk_m_s3: float

    def to_json(self) -> dict[str, float | None]:
        """As plain numbers; None where there is none."""
        return {name: value if math.isfinite(value) else None for name, value in asdict(self).items()}


Windows = list[Tensor]
"""Of each class, `(windows, MEASURED_FRAMES, 203)`; there may be none."""


class Yardstick:
    """Measures motions against those that were learnt."""

    def __init__(self, material: Material, extractor: Extractor, *, clips: int):
        """`clips`: that are generated of each class."""
        self._material, self._extractor, self._clips = material, extractor, clips
        self.learnt = [material.windows(action, stride=_STRIDE) for action in range(len(material.classes))]
        self._has_held_out = [action for action, windows in enumerate(material.held_out) if len(windows)]

    def table(self, generator: MotionGenerator, tell: Callable[[str], None] = lambda what: None) -> dict[str, Column]:
        """All columns; `tell` is told which one is measured."""
        lots = torch.Generator().manual_seed(_FIRST_SEED)
        classes, count = range(len(self.learnt)), self._clips * _WINDOWS
        sources: dict[str, Callable[[], Windows]] = {
            LEARNT: lambda: [self._material.windows(action, stride=_STRIDE, start=_STRIDE // 2) for action in classes],
            REAL: lambda: self._material.held_out,
            MADE: lambda: generated(generator, plant=False, clips=self._clips),
            HELD: lambda: generated(generator, plant=True, clips=self._clips),
            BLENDED: lambda: [interpolated(windows, count, lots) for windows in self.learnt],
            DRAWN: lambda: [gaussian_frames(windows, count, lots) for windows in self.learnt],
        }
        made = {}
        for name, windows in sources.items():
            tell(f"measuring: {name}")
            made[name] = self.column(windows())
        return made

    def column(self, windows: Windows) -> Column:
        """How these motions are."""
        there = [action for action, of_one in enumerate(windows) if len(of_one)]
        everywhere = len(there) == len(windows)
        both = [action for action in there if action in self._has_held_out]
        rate = float(self._material.recipe.rate)
        some = [_evenly(windows[action], min(_MEASURED, len(windows[action]))) for action in there]
        found = [_physics(of_one, rate) for of_one in some]
        return Column(
            distance=self._distance(windows, there) if everywhere else float("nan"),
            distance_held_out=self._distance(windows, both) if both else float("nan"),
            recognised=_mean([self._extractor.recognised(windows[action], action) for action in there]),
            diversity_m=_mean([_diversity(windows[action]) for action in there]),
            nearest_m=_mean([self._nearest(windows[action], action) for action in there]),
            skate_cm_s=_mean([each[0] for each in found]),
            bones_percent=max((each[1] for each in found), default=float("nan")),
            acceleration_m_s2=_mean([each[2] for each in found]),
            jerk_m_s3=_mean([each[3] for each in found]),
        )

    def _distance(self, windows: Windows, actions: Sequence[int]) -> float:
        """Classes weigh alike: of each, as many windows are taken as of the smallest."""
        known, asked = (self._features([of[action] for action in actions]) for of in (self.learnt, windows))
        wanted = gaussian([known])
        # Features have a scale of their own; what the real windows differ by is a unit that means something.
        return distance(wanted, gaussian([asked])) / float(wanted.covariance.trace())

    def _features(self, several: Sequence[Tensor]) -> Tensor:
        count = min(map(len, several))
        return torch.cat([self._extractor(_evenly(windows, count)) for windows in several])

    def _nearest(self, windows: Tensor, action: int) -> float:
        """Of positions alone, and of the body: where on the floor it is does not matter."""
        asked = _evenly(windows, min(_COMPARED, len(windows)))[:, :, POSITIONS].unflatten(-1, (-1, 3))
        known = self._material.windows(action, stride=2)[:, :, POSITIONS].unflatten(-1, (-1, 3))
        least = [(known - window).norm(dim=-1).mean((1, 2)).min() for window in asked]
        return float(torch.stack(least).mean())


@torch.no_grad()
def generated(generator: MotionGenerator, *, plant: bool, clips: int) -> Windows:
    """Windows of clips of each class, at the generator's own rate."""
    made = []
    for action in generator.config.classes:
        seeds = range(_FIRST_SEED, _FIRST_SEED + clips)
        found = [_clip(generator, action, seed, plant=plant) for seed in seeds]
        made.append(torch.cat([windows_of(torch.from_numpy(features_of(clip)), _STRIDE) for clip in found]))
    return made


def _clip(generator: MotionGenerator, action: str, seed: int, *, plant: bool) -> Clip:
    return generate(generator, [(action, CLIP_S)], seed=seed, rate=generator.config.rate, plant=plant)


def world_of(features: np.ndarray, rate: float) -> np.ndarray:
    """Metres of joints in the world, `(frames, 22, 3)`, of features' own positions, however long bones are there."""
    values = features.astype(np.float64)
    yaw = np.concatenate([[0.0], np.cumsum(values[1:, 0])]) / rate
    left, ahead = values[1:, VELOCITY].T / rate
    made = np.zeros((len(values), len(FIGURE.names), 3))
    sine, cosine = np.sin(yaw), np.cos(yaw)
    made[1:, 0, 0] = np.cumsum(cosine[:-1] * left + sine[:-1] * ahead)
    made[1:, 0, 2] = np.cumsum(cosine[:-1] * ahead - sine[:-1] * left)
    made[:, 0, 1] = values[:, HEIGHT.start]
    places = values[:, POSITIONS].reshape(len(values), -1, 3)
    made[:, 1:, 0] = cosine[:, None] * places[..., 0] + sine[:, None] * places[..., 2]
    made[:, 1:, 1] = places[..., 1]
    made[:, 1:, 2] = cosine[:, None] * places[..., 2] - sine[:, None] * places[..., 0]
    made[:, 1:] += made[:, :1]
    return made


def _physics(windows: Tensor, rate: float) -> tuple[float, float, float, float]:
    """Foot-skate in cm/s, the worst bone in per cent, acceleration and jerk."""
    rows = []
    for window in windows.numpy():
        world, touching = world_of(window, rate), window[:, CONTACTS] > 0.5
        exact = Fraction(rate)
        skate = measures.foot_skate_cm_s(world, exact, touching)
        bones = 100 * measures.bone_deviation(world, FIGURE)[1]
        rows.append((skate, bones, measures.acceleration_m_s2(world, exact), measures.jerk_m_s3(world, exact)))
    found = np.array(rows)
    return float(found[:, 0].mean()), float(found[:, 1].max()), float(found[:, 2].mean()), float(found[:, 3].mean())


def _diversity(windows: Tensor) -> float:
    lots = torch.Generator().manual_seed(_FIRST_SEED)
    first, second = torch.randint(len(windows), (2, _PAIRS), generator=lots)
    places = windows[:, :, POSITIONS].unflatten(-1, (-1, 3))
    return float((places[first] - places[second]).norm(dim=-1).mean())


def _evenly(windows: Tensor, count: int) -> Tensor:
    return windows[torch.arange(count) * len(windows) // count]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


ROWS: Mapping[str, tuple[str, str]] = {
    "distance": ("Fréchet distance, all classes", ".3f"),
    "distance_held_out": ("Fréchet distance, classes with held-out motion", ".3f"),
    "recognised": ("recognised as its class", ".0%"),
    "diversity_m": ("joints apart in two windows of a class, m", ".3f"),
    "nearest_m": ("joints apart from the nearest window learnt, m", ".3f"),
    "skate_cm_s": ("foot-skate, cm/s", ".1f"),
    "bones_percent": ("worst bone's deviation, %", ".2f"),
    "acceleration_m_s2": ("acceleration, m/s²", ".1f"),
    "jerk_m_s3": ("jerk, m/s³", ".0f"),
}
"""Of the table: what each number is called, and how it is written."""


def in_markdown(table: Mapping[str, Column]) -> str:
    """The table as Markdown."""
    lines = ["| | " + " | ".join(table) + " |", "|---" * (len(table) + 1) + "|"]
    for key, (name, form) in ROWS.items():
        values = [getattr(column, key) for column in table.values()]
        cells = [format(value, form) if math.isfinite(value) else "-" for value in values]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
