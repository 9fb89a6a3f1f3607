"""Actions and a seed to a clip of our figure, of any length and rate. The one module here that needs torch.

All of a clip's noise follows from its seed, step after step from its beginning, and the network is asked in windows on
a fixed grid, each with as much around it as has a part in it. So whoever makes a clip gets the same one, and a longer
clip of the same seed begins as the shorter one, but for the shorter one's last step.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pipeline.device import generator as chance_of
from pipeline.errors import MediaError
from pipeline.models.motion.config import STEP_FRAMES, MotionConfig
from pipeline.models.motion.network import MotionGenerator, features_told
from pipeline.motion.clip import Clip, posed
from pipeline.motion.contacts import contacts
from pipeline.motion.editing import cut, resampled
from pipeline.motion.features import CONTACTS, clip_of
from pipeline.motion.planting import lasting, planted
from pipeline.motion.steadying import steadied
from pipeline.motion.steering import Path, steered

Actions = Sequence[tuple[str, float]]
"""What is done, and for how many seconds, one after the other."""

WINDOW_FRAMES = 240
"""That are made at once, without what is around them."""

MIX_S = 0.6
"""Seconds in which one action becomes the next."""

_STANDS = 0.5
"""From so sure a contact on, a foot is held."""

_SETTLING = 32
"""Steps of noise before the first one that counts, so that a clip does not begin at the mean of its class."""

_BEAT_VARIES = 0.04
"""By which share of it a clip's beat is faster or slower than the class', at most."""


def generate(
    network: MotionGenerator,
    actions: Actions,
    *,
    seed: int | Sequence[int],
    rate: Fraction,
    path: Path | None = None,
    plant: bool = True,
) -> Clip:
    """A clip of our figure in which the actions follow each other. It begins at the origin and faces z.

    `network`: on the CPU, in evaluation mode. `seed`: of all actions, or one for each.
    `rate`: frames a second; what the network makes is resampled to it.
    `path`: points of the floor that it is led along; None: where it goes by itself.
    `plant`: whether feet that it says are on the floor, or that look so, are held where they stand.
    Raises: MediaError if an action is none of the network's, or takes no time, or the path is none.
    """
    check(network.config, actions)
    frames = max(1, round(sum(seconds for _, seconds in actions) * rate))
    native = network.config.rate
    # One more than needed, so that the last frame, too, lies between two.
    told = features(network, actions, int((frames - 1) * native / rate) + 2, seed=seed)
    made = clip_of(told, native)
    touching = lasting((told[:, CONTACTS] > _STANDS) | contacts(posed(made).positions, native))
    if plant:
        made = steadied(made, touching)
    if path is not None:
        made = steered(made, path)
    if plant:
        made = planted(made, touching)
    return cut(resampled(made, rate), 0, frames)


def check(config: MotionConfig, actions: Actions) -> None:
    """Raises: MediaError if an action is none of the network's, or takes no time, or there is none."""
    if not actions:
        raise MediaError(f"a motion needs an action; this network knows {', '.join(config.classes)}")
    for action, seconds in actions:
        if action not in config.classes:
            raise MediaError(f"nobody trained {action!r}; this network knows {', '.join(config.classes)}")
        if not seconds > 0:
            raise MediaError(f"{action} takes {seconds:g} seconds; write more than 0")


@torch.no_grad()
def features(
    network: MotionGenerator, actions: Actions, frames: int, *, seed: int | Sequence[int], window: int = WINDOW_FRAMES
) -> np.ndarray:
    """`(frames, 203)` at the network's rate, but for positions; made `window` frames at a time, a multiple of 8.

    How large windows are makes no difference beyond rounding: each is made with all around it that has a part in it.
    """
    reach = network.config.reach
    windows = -(-frames // window)
    total = windows * window + 2 * reach
    seeds = [seed] * len(actions) if isinstance(seed, int) else list(seed)
    doing = [network.config.classes.index(action) for action, _ in actions]
    weights = _weights(network.config, actions, total, before=reach)
    shares = torch.zeros(len(network.config.classes), total, dtype=torch.float64)
    shares = shares.index_add(0, torch.tensor(doing), weights).float()
    noise = _noise(network, doing, weights.float(), seeds)
    beats = _beats(network, doing, weights, seeds)
    made = []
    for start in range(0, windows * window, window):
        stop = start + window + 2 * reach
        steps = slice(start // STEP_FRAMES, stop // STEP_FRAMES)
        told = network(noise[None, :, steps], shares[None, :, start:stop], beats[None, :, start:stop])
        made.append(features_told(told[0, reach:-reach]))
    return torch.cat(made)[:frames].numpy()


def _weights(config: MotionConfig, actions: Actions, frames: int, *, before: int) -> Tensor:
    """The share of each action in each frame, `(actions, frames)`; the first one begins `before` frames earlier."""
    at = (torch.arange(frames, dtype=torch.float64) - before) / float(config.rate)
    made = torch.zeros(len(actions), frames, dtype=torch.float64)
    ends = [*np.cumsum([seconds for _, seconds in actions])[:-1], None]
    left = torch.ones(frames, dtype=torch.float64)
    for number, end in enumerate(ends):
        over = torch.zeros_like(at) if end is None else ((at - end) / MIX_S + 0.5).clamp(0, 1)
        over = over * over * (3 - 2 * over)
        made[number] = left * (1 - over)
        left = left * over
    return made


def _noise(network: MotionGenerator, doing: list[int], weights: Tensor, seeds: list[int]) -> Tensor:
    """`(noise, steps)`: each action's own, of its class and seed, and between actions a mixture."""
    steps = weights.shape[1] // STEP_FRAMES
    mixed = weights.unflatten(1, (steps, STEP_FRAMES)).mean(2)
    of_seed = {seed: _noise_of(network, steps, seed) for seed in dict.fromkeys(seeds)}
    own = torch.stack([of_seed[seed][:, place] for place, seed in zip(doing, seeds, strict=True)])
    return torch.einsum("atn,at->nt", own, mixed)


def _noise_of(network: MotionGenerator, steps: int, seed: int) -> Tensor:
    """`(steps, classes, noise)`: what each class has of a seed."""
    classes = len(network.config.classes)
    white = torch.randn(_SETTLING + steps, network.config.noise, generator=chance_of(seed))
    made = torch.empty(len(white), classes, network.config.noise)
    now = torch.zeros(classes, network.config.noise)
    for step, new in enumerate(white):
        now = (network.follow @ now[:, :, None])[:, :, 0] + network.fresh @ new
        made[step] = now
    return made[_SETTLING:] + network.usual


def _beats(network: MotionGenerator, doing: list[int], weights: Tensor, seeds: list[int]) -> Tensor:
    """`(BEATS, frames)`: 0 where a class has no strides. The phase goes on from action to action."""
    lots = [torch.rand(2, generator=chance_of(seed + 1)).tolist() for seed in seeds]
    hz = network.beat_hz.double()[doing]
    weight = (hz > 0).double() @ weights
    faster = torch.tensor([1 + _BEAT_VARIES * (2 * lot - 1) for lot, _ in lots], dtype=torch.float64)
    now = ((hz * faster) @ weights) / weight.clamp(min=1e-6)
    phase = 2 * torch.pi * (lots[0][1] + torch.cumsum(now / float(network.config.rate), 0))
    waves = [phase.sin(), phase.cos(), (2 * phase).sin(), (2 * phase).cos()]
    return (torch.stack(waves) * weight).float()
