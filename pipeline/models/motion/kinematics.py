"""Where turns bring our figure's joints, through which gradients pass. clip.posed is the same for clips, in NumPy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.motion.figure import FIGURE

JOINTS = len(FIGURE.names)

_LEAST = 1e-6


def matrices_of(six: Tensor) -> Tensor:
    """Rotation matrices `(…, 3, 3)` of any `(…, 6)`: two columns, made perpendicular and of length 1.

    Source: Zhou et al., "On the continuity of rotation representations in neural networks", CVPR 2019, equation 15.
    """
    first = F.normalize(six[..., :3], dim=-1, eps=_LEAST)
    rest = six[..., 3:] - (first * six[..., 3:]).sum(-1, keepdim=True) * first
    second = F.normalize(rest, dim=-1, eps=_LEAST)
    return torch.stack([first, second, torch.linalg.cross(first, second)], dim=-1)


def about_vertical(cosine: Tensor, sine: Tensor) -> Tensor:
    """Matrices `(…, 3, 3)` that turn about y by the angles of which cosine and sine `(…)` are given."""
    zero, one = torch.zeros_like(cosine), torch.ones_like(cosine)
    rows = [cosine, zero, sine, zero, one, zero, -sine, zero, cosine]
    return torch.stack(rows, dim=-1).unflatten(-1, (3, 3))


def without_yaw(matrices: Tensor) -> Tensor:
    """Turns `(…, 3, 3)` less their turn about the vertical, so that what is left is the least tilt.

    As rotations.yaw_of has it: twice the arc tangent of y / w, of which these are the sine and cosine without the arc.
    """
    w = 1 + matrices[..., 0, 0] + matrices[..., 1, 1] + matrices[..., 2, 2]
    y = matrices[..., 0, 2] - matrices[..., 2, 0]
    square = (w * w + y * y).clamp(min=_LEAST)
    return about_vertical((w * w - y * y) / square, -2 * w * y / square) @ matrices


def positions_of(turns: Tensor) -> Tensor:
    """Metres from the hips to every joint, `(…, 22, 3)`, of turns from the parents, matrices `(…, 22, 3, 3)`."""
    offsets = torch.tensor(FIGURE.offsets, dtype=turns.dtype, device=turns.device)
    world = [turns[..., 0, :, :]]
    places = [torch.zeros_like(turns[..., 0, :, 0])]
    for joint, parent in enumerate(FIGURE.parents[1:], start=1):
        world.append(world[parent] @ turns[..., joint, :, :])
        places.append(places[parent] + world[parent] @ offsets[joint])
    return torch.stack(places, dim=-2)
