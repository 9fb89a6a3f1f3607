"""What a critic sees of a motion, made of what the generator tells, or of real features, in the same way.

From frame to frame it sees where joints are, how they are turned, and how they move over the floor: feet that slide are
plain to see.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.models.motion.kinematics import JOINTS, about_vertical, matrices_of, positions_of, without_yaw
from pipeline.models.motion.network import ROOT, SIXES, TOUCHING
from pipeline.motion.contacts import FEET_PLACES
from pipeline.motion.features import CONTACTS, HEIGHT, POSITIONS, TURNS

_PLACES = 3 * JOINTS
_SIXES = 6 * JOINTS

SEEN = _PLACES + _SIXES + ROOT.stop + len(FEET_PLACES) + _PLACES
"""Numbers a frame."""


class Scene(NamedTuple):
    """A motion as it is seen, `(…, T, …)`."""

    root: Tensor
    """`(…, T, 4)`: yaw rate, velocity to the left and ahead, height."""
    sixes: Tensor
    """`(…, T, 132)`, of columns that are perpendicular and of length 1."""
    places: Tensor
    """`(…, T, 22, 3)` metres from the hips."""
    touching: Tensor
    """`(…, T, 4)` from 0 to 1."""

    def moves(self, rate: float) -> Tensor:
        """`(…, T - 1, 22, 3)` m/s of every joint over the floor, in the heading of the frame before."""
        turn = self.root[..., 1:, 0] / rate
        turned = torch.einsum("...ij,...kj->...ki", about_vertical(turn.cos(), turn.sin()), self.places[..., 1:, :, :])
        height = self.root[..., HEIGHT]
        rise = (height[..., 1:, :] - height[..., :-1, :]) * rate
        ahead = torch.stack([self.root[..., 1:, 1], rise[..., 0], self.root[..., 1:, 2]], -1)
        return (turned - self.places[..., :-1, :, :]) * rate + ahead[..., None, :]

    def seen(self, rate: float) -> Tensor:
        """`(…, T - 1, SEEN)`: all of it in one row, metres and seconds."""
        flat = [self.places[..., 1:, :, :].flatten(-2), self.sixes[..., 1:, :], self.root[..., 1:, :]]
        return torch.cat([*flat, self.touching[..., 1:, :], self.moves(rate).flatten(-2)], -1)


def told(numbers: Tensor) -> Scene:
    """What the generator tells, `(…, T, TOLD)`."""
    matrices = matrices_of(numbers[..., SIXES].unflatten(-1, (JOINTS, 6)))
    hips = without_yaw(matrices[..., :1, :, :])
    turns = torch.cat([hips, matrices[..., 1:, :, :]], -3)
    sixes = torch.cat([turns[..., 0], turns[..., 1]], -1).flatten(-2)
    return Scene(numbers[..., ROOT], sixes, positions_of(turns), numbers[..., TOUCHING].sigmoid())


def real(features: Tensor) -> Scene:
    """Features `(…, T, 203)`."""
    places = features[..., POSITIONS].unflatten(-1, (JOINTS - 1, 3))
    hips = torch.zeros_like(places[..., :1, :])
    return Scene(
        features[..., : HEIGHT.stop], features[..., TURNS], torch.cat([hips, places], -2), features[..., CONTACTS]
    )
