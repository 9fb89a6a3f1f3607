"""Clips and labels as windows to learn from: short cycles repeated, slower and faster, in a mirror; and what is not
learnt, for measuring.

Torch tensors on the CPU: minutes of motion take megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pipeline.motion.clip import Clip
from pipeline.motion.dataset import Motions
from pipeline.motion.editing import mirrored, resampled
from pipeline.motion.features import features_of
from pipeline.training.motion.brief import MEASURED_FRAMES, MotionRecipe
from pipeline.training.motion.parting import parted
from pipeline.training.motion.strides import beat_of

_HELD_OUT_STRIDE = 4
_SPEEDS = 2
"""Slower ones, and as many faster ones, besides a take's own."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Something continuous to learn from."""

    action: int
    """Place of its class."""
    features: Tensor
    """`(frames, 203)` float32."""
    beats: Tensor
    """`(BEATS, frames)`: sine and cosine of its stride's phase, and of twice its phase; 0 where it has no strides."""
    hz: float
    """Strides a second; 0 without."""
    is_own: bool
    """Neither mirrored nor at another speed."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows to learn from."""

    features: Tensor
    """`(N, frames, 203)` float32."""
    actions: Tensor
    """`(N,)` int64: places of their classes."""
    beats: Tensor
    """`(N, BEATS, frames)`."""


class Material:
    """What a training learns from, and what it is measured by."""

    def __init__(self, motions: Motions, recipe: MotionRecipe):
        """Raises: MediaError if a class has too little to learn from."""
        self.classes, self.rate, self.recipe = motions.classes, motions.rate, recipe
        parts = parted(motions, recipe)
        self.looped = parts.looped
        """Classes all of whose takes are repeated cycles."""
        self.held_out = [windows_of(torch.from_numpy(features), _HELD_OUT_STRIDE) for features in parts.held_out]
        """`(windows, MEASURED_FRAMES, 203)` of each class, of which there may be none."""
        self.pieces = [piece for clip, action in parts.learnt for piece in _pieces(clip, action, recipe)]
        self._starts = [
            [(piece, start) for piece in self._of(action) for start in range(len(piece.features) - recipe.window + 1)]
            for action in range(len(self.classes))
        ]
        self.seconds = {
            name: sum(len(piece.features) for piece in self._of(number) if piece.is_own) / recipe.rate
            for number, name in enumerate(self.classes)
        }
        """Of each class, as it is learnt: cycles as often as they are repeated."""

    def _of(self, action: int) -> list[Piece]:
        return [piece for piece in self.pieces if piece.action == action]

    @property
    def beat_hz(self) -> Tensor:
        """`(classes,)` strides a second; 0 where most takes have none."""
        made = torch.zeros(len(self.classes))
        for action in range(len(self.classes)):
            own = [piece for piece in self._of(action) if piece.is_own]
            has = [piece for piece in own if piece.hz]
            if 2 * sum(len(piece.features) for piece in has) > sum(len(piece.features) for piece in own):
                made[action] = sum(piece.hz for piece in has) / len(has)
        return made

    def batch(self, count: int, lots: torch.Generator) -> Batch:
        """Random windows: every class as often as any other."""
        actions = torch.randint(len(self.classes), (count,), generator=lots)
        chosen = []
        for action in actions.tolist():
            starts = self._starts[action]
            chosen.append(starts[int(torch.randint(len(starts), (1,), generator=lots))])
        frames = self.recipe.window
        return Batch(
            torch.stack([piece.features[start : start + frames] for piece, start in chosen]),
            actions,
            torch.stack([piece.beats[:, start : start + frames] for piece, start in chosen]),
        )

    def windows(self, action: int, *, stride: int, start: int = 0) -> Tensor:
        """Windows of a class that were learnt, `(windows, MEASURED_FRAMES, 203)`: from a frame on, every so many."""
        return torch.cat([windows_of(piece.features[start:], stride) for piece in self._of(action)])


def windows_of(features: Tensor, stride: int) -> Tensor:
    """All windows of MEASURED_FRAMES frames in `(frames, 203)`, every so many frames: `(windows, …, 203)`."""
    if len(features) < MEASURED_FRAMES:
        return features.new_empty(0, MEASURED_FRAMES, features.shape[1])
    return features.unfold(0, MEASURED_FRAMES, stride).transpose(1, 2)


def _pieces(clip: Clip, action: int, recipe: MotionRecipe) -> list[Piece]:
    made = []
    for number in range(-_SPEEDS, _SPEEDS + 1):
        speed = 1 + recipe.stretch * number / _SPEEDS
        if number and not recipe.stretch:
            continue
        stretched = resampled(clip, clip.rate / Fraction(speed).limit_denominator(100)) if number else clip
        stretched = replace(stretched, rate=clip.rate)
        sides = [stretched, mirrored(stretched)] if recipe.mirror else [stretched]
        for side, turned in enumerate(sides):
            if turned.frames >= recipe.window:
                made.append(_piece(turned, action, is_own=not number and not side))
    return made


def _piece(clip: Clip, action: int, *, is_own: bool) -> Piece:
    features = features_of(clip)
    beat = beat_of(features, clip.rate)
    phase = np.zeros(clip.frames) if beat is None else beat.phase
    waves = np.stack([np.sin(phase), np.cos(phase), np.sin(2 * phase), np.cos(2 * phase)])
    beats = torch.from_numpy(waves.astype(np.float32)) * (beat is not None)
    return Piece(action, torch.from_numpy(features), beats, beat.hz if beat else 0.0, is_own)
