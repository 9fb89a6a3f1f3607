"""The generator of motions: noise, actions and a beat to a motion of any length, by convolutions in time alone.

It begins at an eighth of its rate and doubles it three times. What it tells of a frame are turns, velocities, height
and contacts; positions follow from the turns, so bones keep their lengths whatever it has learnt.

Its noise is not white: in each class, one step follows from the step before as it does in real motions (`follow`), and
what is new is normal (`fresh`). Where a class has strides, a beat carries their phase, so that steps come evenly for as
long as one likes.

Source: Li et al., "GANimator", SIGGRAPH 2022, arXiv:2205.02625 (levels by frame rate, single clips to learn from);
Perez et al., arXiv:1709.07871 (scales and shifts that come from the class); De and Smith, arXiv:2002.10444 (residual
branches that begin small need no normalisation); Holden et al., "Phase-functioned neural networks for character
control", SIGGRAPH 2017 (a phase for strides); Ghosh et al., arXiv:1903.12436 (sampling latents as they are found to be
spread).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.motion.config import BEATS, KERNEL, STAGES, TOLD, MotionConfig
from pipeline.motion.features import POSITIONS, TURNS, VELOCITY, WIDTH

ROOT = slice(0, VELOCITY.stop + 1)
"""Of the told numbers: yaw rate, velocity to the left and ahead, height; as features.py has them."""
SIXES = slice(ROOT.stop, ROOT.stop + TURNS.stop - TURNS.start)
"""Of the told numbers: 6-D turns."""
TOUCHING = slice(SIXES.stop, TOLD)
"""Of the told numbers: contacts, as logits."""

_GAIN = 0.25
"""Of residual branches, to begin with."""


class Block(nn.Module):
    """Features `(N, width, T)` and what they become with their neighbours in time; the class scales and shifts."""

    def __init__(self, width: int, classes: int):
        super().__init__()
        self.near = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width, padding_mode="replicate")
        self.manner = nn.Conv1d(classes, 2 * width, 1, bias=False)
        self.first = nn.Conv1d(width, 2 * width, 1)
        self.second = nn.Conv1d(2 * width, width, 1)
        self.gain = nn.Parameter(torch.tensor(_GAIN))
        self.manner.weight.data *= 0.1

    def forward(self, features: Tensor, actions: Tensor) -> Tensor:
        scale, shift = self.manner(actions).chunk(2, 1)
        between = self.near(features) * (1 + scale) + shift
        added: Tensor = features + self.gain * self.second(F.gelu(self.first(between)))
        return added


class MotionGenerator(nn.Module):
    """Makes motions. Its time is in steps of STEP_FRAMES frames where it begins, and in frames where it ends."""

    def __init__(self, config: MotionConfig):
        super().__init__()
        self.config = config
        classes, width, noise = len(config.classes), config.width, config.noise
        self.enter = nn.Conv1d(noise + classes, width, KERNEL, padding=KERNEL // 2, padding_mode="replicate")
        self.beats = nn.ModuleList(nn.Conv1d(BEATS, width, 1) for _ in range(STAGES))
        self.stages = nn.ModuleList(
            nn.ModuleList(Block(width, classes) for _ in range(config.blocks)) for _ in range(STAGES)
        )
        self.leave = nn.Conv1d(width, TOLD, 1)
        self.register_buffer("mean", torch.zeros(TOLD))
        self.register_buffer("spread", torch.ones(TOLD))
        self.register_buffer("usual", torch.zeros(classes, noise))
        self.register_buffer("follow", torch.zeros(classes, noise, noise))
        self.register_buffer("fresh", torch.eye(noise).repeat(classes, 1, 1))
        self.register_buffer("beat_hz", torch.zeros(classes))

    mean: Tensor
    """`(TOLD,)`: what told numbers are on average in the motions learnt …"""
    spread: Tensor
    """… and by how much they vary."""
    usual: Tensor
    """`(classes, noise)`: the mean of the noise in each class."""
    follow: Tensor
    """`(classes, noise, noise)`: what of a step's noise, less its mean, is left in the next."""
    fresh: Tensor
    """`(classes, noise, noise)`: lower triangular; times white noise, it is what is new in each step."""
    beat_hz: Tensor
    """`(classes,)` strides a second; 0 where a class has none."""

    def forward(self, noise: Tensor, actions: Tensor, beats: Tensor) -> Tensor:
        """What is told of each frame, `(N, T, TOLD)` in metres, radians and seconds; contacts are logits.

        `noise`: `(N, noise, T / STEP_FRAMES)`. `actions`: `(N, classes, T)`, the share of each class. `beats`:
        `(N, BEATS, T)`.
        """
        steps = noise.shape[-1]
        features = self.enter(torch.cat([noise, _slower(actions, steps)], 1))
        for number, (blocks, beat) in enumerate(zip(self.stages, self.beats, strict=True)):
            if number:
                features = F.interpolate(features, scale_factor=2, mode="linear", align_corners=False)
            at = steps << number
            shares = _slower(actions, at)
            features = features + beat(_slower(beats, at))
            for block in blocks:  # type: ignore[attr-defined]
                features = block(features, shares)
        told = self.leave(features).transpose(1, 2)
        return told * self.spread + self.mean


def features_told(told: Tensor) -> Tensor:
    """Told numbers `(…, TOLD)` as features `(…, 203)` with contacts from 0 to 1; positions are left at 0.

    clip_of needs none.
    """
    positions = torch.zeros(*told.shape[:-1], POSITIONS.stop - POSITIONS.start, dtype=told.dtype, device=told.device)
    made = torch.cat([told[..., ROOT], positions, told[..., SIXES], told[..., TOUCHING].sigmoid()], -1)
    assert made.shape[-1] == WIDTH
    return made


def _slower(values: Tensor, steps: int) -> Tensor:
    """Values over time `(N, C, T)` as means over each of so many steps."""
    return values if values.shape[-1] == steps else F.avg_pool1d(values, values.shape[-1] // steps)
