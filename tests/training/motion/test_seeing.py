"""What critics see is the same whether it is told or real, and gradients pass through the figure's kinematics."""

from __future__ import annotations

import numpy as np
import torch

from pipeline.models.motion.kinematics import matrices_of, positions_of, without_yaw
from pipeline.models.motion.network import ROOT, SIXES, features_told
from pipeline.motion.clip import posed
from pipeline.motion.features import CONTACTS, HEIGHT, TURNS, clip_of, features_of
from pipeline.motion.rotations import to_matrices, yaw_of
from pipeline.training.motion.seeing import real, told
from tests.motion.making import far, walk


def numbers_of(features: np.ndarray) -> torch.Tensor:
    """What a generator would tell of these features."""
    logits = (features[:, CONTACTS] - 0.5) * 40
    return torch.from_numpy(np.concatenate([features[:, : HEIGHT.stop], features[:, TURNS], logits], 1))


def test_kinematics_place_joints_as_posed_does() -> None:
    clip = walk(1.0)
    places = positions_of(torch.from_numpy(to_matrices(clip.turns)))
    pose = posed(clip).positions
    assert far(places, pose - pose[:, :1]) < 1e-12


def test_yaw_is_taken_off_as_clips_have_it() -> None:
    hips = walk(3.0).turns[:, 0]
    left = without_yaw(torch.from_numpy(to_matrices(hips)))
    w = 1 + left.diagonal(dim1=-2, dim2=-1).sum(-1)
    assert far(left[:, 0, 2] - left[:, 2, 0], 0) < 1e-9
    assert (w > 0).all()
    assert np.ptp(yaw_of(hips)) > 0.3


def test_told_and_real_motions_look_alike() -> None:
    features = features_of(walk(2.0))
    made, shown = told(numbers_of(features)), real(torch.from_numpy(features))
    assert far(made.seen(30.0), shown.seen(30.0)) < 1e-3


def test_moves_are_those_over_the_floor() -> None:
    clip = walk(2.0)
    steps = np.linalg.norm(np.diff(posed(clip).positions, axis=0), axis=-1) * 30
    seen = real(torch.from_numpy(features_of(clip))).moves(30.0).norm(dim=-1)
    assert far(seen, steps) < 1e-3


def test_gradients_reach_every_turn() -> None:
    numbers = numbers_of(features_of(walk(0.5)))
    numbers[..., SIXES] += 0.01 * torch.randn(numbers[..., SIXES].shape, generator=torch.Generator().manual_seed(0))
    numbers.requires_grad_()
    (told(numbers).seen(30.0) ** 2).sum().backward()
    assert numbers.grad is not None
    assert torch.isfinite(numbers.grad).all()
    assert (numbers.grad[..., SIXES].abs().sum(0) > 0).all()
    assert (numbers.grad[..., ROOT].abs().sum(0) > 0).all()


def test_any_six_numbers_are_a_turn() -> None:
    six = torch.tensor([[0.0] * 6, [1.0, 0, 0, 2, 0, 0], [3.0, 1, 2, -1, 0, 5]])
    made = matrices_of(six)
    assert torch.isfinite(made).all()
    assert far(made[2] @ made[2].T, np.eye(3)) < 1e-6


def test_told_features_are_those_that_clips_are_made_of() -> None:
    clip = walk(2.0)
    features = features_of(clip)
    made = clip_of(features_told(numbers_of(features)).numpy(), clip.rate)
    pose = posed(clip).positions
    start = posed(made).positions
    assert far(start[:, :, 1], pose[:, :, 1]) < 1e-3
