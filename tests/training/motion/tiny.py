"""A motion generator and its training, small and quick enough for tests."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import torch

from pipeline.models.motion.config import MotionConfig
from pipeline.models.motion.network import MotionGenerator
from pipeline.motion import bvh, bvh_text
from pipeline.motion.dataset import Motions, Take
from pipeline.motion.features import features_of
from pipeline.training.motion.brief import MotionBrief, MotionRecipe
from pipeline.training.motion.contest import Contest
from pipeline.training.motion.material import Material
from pipeline.training.schedule import Schedule
from tests.motion.making import walk

RECIPE: dict[str, Any] = {
    "window": 64, "noise": 3, "width": 8, "blocks": 1, "critic_width": 8, "batch": 2, "adversarial_from": 2,
    "r1_every": 2, "stretch": 0.0, "loop": 0.0, "measured_clips": 0,
}  # fmt: skip

LABELS = "file,action\nwalk.bvh,walk\nstoop.bvh,stoop\n"


def brief(*, iterations: int = 4, save_every: int = 2, preview_every: int = 2, **recipe: Any) -> MotionBrief:
    """A training of less than a second."""
    schedule = Schedule(
        iterations=iterations, save_every=save_every, preview_every=preview_every, warmup=1, learning_rate=1e-3
    )
    return MotionBrief(name="tiny", data="clips/", recipe=MotionRecipe(**(RECIPE | recipe)), schedule=schedule)


@cache
def motions(seconds: float = 6.0) -> Motions:
    """Two classes, a take each."""
    takes = [(f"{action}.bvh", action, walk(seconds, bend=bend)) for action, bend in (("stoop", 0.6), ("walk", 0.0))]
    made = tuple(Take(file, action, clip, features_of(clip)) for file, action, clip in takes)
    return Motions(("stoop", "walk"), made, Fraction(30), ())


@cache
def material(asked: MotionRecipe | None = None) -> Material:
    return Material(motions(), asked or MotionRecipe(**RECIPE))


def contest(asked: MotionBrief) -> Contest:
    return Contest(asked, material(asked.recipe))


def network(seed: int = 0, *, beat_hz: float = 1.0) -> MotionGenerator:
    """A generator of random numbers that tells more than its mean: `run` has strides, `stand` has none."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = MotionGenerator(MotionConfig(classes=("run", "stand"), noise=3, width=8, blocks=1))
        made.mean.normal_(0, 0.5)
        made.follow.copy_(0.8 * torch.eye(3).repeat(2, 1, 1))
        made.usual.normal_()
    made.beat_hz.copy_(torch.tensor([beat_hz, 0.0]))
    return made.requires_grad_(False).eval()


def write_clips(folder: Path, seconds: float = 4.0) -> Path:
    """A folder of recordings and `labels.csv`."""
    folder.mkdir(parents=True)
    for name, bend in (("walk", 0.0), ("stoop", 0.6)):
        bvh_text.write(bvh.bvh_of(walk(seconds, bend=bend)), folder / f"{name}.bvh")
    (folder / "labels.csv").write_text(LABELS)
    return folder
