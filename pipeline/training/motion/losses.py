"""What the generator wants small besides its critics: to copy what it was shown, and feet and bodies to move like such.

Bones keep their lengths by the way positions are made, so no loss is needed for them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.motion.network import TOUCHING
from pipeline.motion.contacts import FEET_PLACES
from pipeline.motion.figure import REST_HEIGHTS_M
from pipeline.training.motion.seeing import Scene

_SIXES, _MOVES, _TOUCHING, _ROOT = 1.0, 0.25, 0.1, 0.5
"""Weights of parts of `copied`, besides places."""


def copied(made: Scene, numbers: Tensor, shown: Scene, *, rate: float, places: float) -> Tensor:
    """How far a copy is from the original: turns, places, how all moves over the floor, contacts.

    `numbers`: what the generator told, for its contacts' logits. `places`: weight of metres.
    """
    apart = F.l1_loss(made.places, shown.places) * places
    turned = F.l1_loss(made.sixes, shown.sixes) * _SIXES
    moved = F.l1_loss(made.moves(rate), shown.moves(rate)) * _MOVES
    root = F.l1_loss(made.root, shown.root) * _ROOT
    touching = F.binary_cross_entropy_with_logits(numbers[..., TOUCHING], shown.touching) * _TOUCHING
    return apart + turned + moved + root + touching


def sliding(scene: Scene, rate: float) -> Tensor:
    """How fast feet move, (m/s)², and how far they are from the floor, in decimetres squared, that are said to stand.

    What is said is taken for granted: otherwise a generator learns to say that nothing ever stands.
    """
    feet = list(FEET_PLACES)
    stands = scene.touching.detach()
    both = torch.minimum(stands[..., 1:, :], stands[..., :-1, :])
    speed = scene.moves(rate)[..., feet, :].square().sum(-1)
    above = scene.places[..., feet, 1] + scene.root[..., 3:4] - torch.tensor(REST_HEIGHTS_M, device=stands.device)
    return (both * speed).mean() + (stands * (10 * above).square()).mean()


def jerky(scene: Scene, rate: float, usual: Tensor) -> Tensor:
    """By how much accelerations, m/s², are beyond what is usual of each joint, `(22,)`."""
    moves = scene.moves(rate)
    changes = (moves[..., 1:, :, :] - moves[..., :-1, :, :]).norm(dim=-1) * rate
    return F.relu(changes - usual).mean()
