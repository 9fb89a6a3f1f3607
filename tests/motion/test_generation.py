"""Clips of any length and rate from a seed: the same for everybody, without seams, and no class that nobody trained."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import MediaError, ModelError
from pipeline.models.motion.files import load, to_safetensors
from pipeline.motion import generation
from pipeline.motion.clip import posed
from pipeline.motion.described import described
from pipeline.motion.figure import FIGURE
from pipeline.motion.generation import generate
from pipeline.motion.measures import bone_deviation
from tests.motion.making import far
from tests.training.motion.tiny import network

RUN = [("run", 3.0)]
RATE = Fraction(30)


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"),
    [(2.0, Fraction(30), 60), (2.0, Fraction(60), 120), (1.0, Fraction(30000, 1001), 30), (0.01, Fraction(24), 1)],
)
def test_clips_have_the_length_and_rate_that_was_asked_for(seconds: float, rate: Fraction, frames: int) -> None:
    clip = generate(network(), [("run", seconds)], seed=1, rate=rate)
    assert (clip.frames, clip.rate, clip.skeleton) == (frames, rate, FIGURE)
    assert bone_deviation(posed(clip).positions, FIGURE)[1] < 1e-9
    assert far(clip.roots[0, [0, 2]], 0) < 1e-9


def test_a_seed_is_a_motion_and_a_longer_one_begins_as_the_shorter() -> None:
    short, again, other = (generate(network(), RUN, seed=seed, rate=RATE, plant=False) for seed in (1, 1, 2))
    assert far(short.turns, again.turns) == far(short.roots, again.roots) == 0
    assert far(short.turns, other.turns) > 0.01
    longer = generate(network(), [("run", 20.0)], seed=1, rate=RATE, plant=False)
    assert far(longer.turns[: short.frames], short.turns) < 1e-6


def test_each_action_may_have_a_seed_of_its_own() -> None:
    row = [("run", 5.0), ("stand", 5.0)]
    same, listed, other = (generate(network(), row, seed=seed, rate=RATE, plant=False) for seed in (1, [1, 1], [1, 2]))
    assert far(same.turns, listed.turns) == 0
    assert far(same.turns[:30], other.turns[:30]) < 1e-6
    assert far(same.turns[-30:], other.turns[-30:]) > 0.01


def test_windows_leave_no_seam() -> None:
    """Whatever their size, for each is made with all around it that has a part in it."""
    actions, frames = [("run", 7.0), ("stand", 9.0)], 480
    whole = generation.features(network(), actions, frames, seed=3, window=frames)
    for window in (240, 48):
        assert far(generation.features(network(), actions, frames, seed=3, window=window), whole) < 1e-4


def test_the_reach_is_all_that_has_a_part_in_a_frame() -> None:
    made = network()
    steps = 2 * made.config.reach // 8 + 8
    noise, shares, beats = torch.randn(1, 3, steps), torch.full((1, 2, 8 * steps), 0.5), torch.randn(1, 4, 8 * steps)
    before = made(noise, shares, beats)
    noise[..., 0] += 5
    changed = (made(noise, shares, beats) - before).abs().amax((0, 2)) > 1e-7
    assert changed[: 8 + made.config.reach].any()
    assert not changed[8 + made.config.reach :].any()


def test_actions_follow_each_other_smoothly() -> None:
    made = network()
    both = generation.features(made, [("run", 4.0), ("stand", 4.0)], 240, seed=1)
    alone = generation.features(made, [("run", 4.0)], 240, seed=1)
    assert far(both[:30], alone[:30]) < 1e-5
    assert far(both[-30:], alone[-30:]) > 0.01
    steps = np.abs(np.diff(both, axis=0)).max(1)
    assert steps[105:135].max() < 3 * np.abs(np.diff(alone, axis=0)).max() + 0.5


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ([("dance", 2.0)], "nobody trained 'dance'; this network knows run, stand"),
        ([("run", 0.0)], "run takes 0 seconds; write more than 0"),
        ([("run", float("nan"))], "run takes nan seconds"),
        ([], "a motion needs an action; this network knows run, stand"),
    ],
)
def test_what_cannot_be_done_is_said(actions: list[tuple[str, float]], said: str) -> None:
    with pytest.raises(MediaError) as caught:
        generate(network(), actions, seed=1, rate=RATE)
    assert str(caught.value).startswith(said)


def test_a_file_gives_the_generator_back_and_says_what_it_can_do(tmp_path: Path) -> None:
    path = tmp_path / "made.safetensors"
    path.write_bytes(to_safetensors(network(), {"name": "made"}))
    assert described(path).classes == ("run", "stand")
    assert (described(path).rate, load(path).config) == (30, network().config)
    assert (
        far(generate(load(path), RUN, seed=1, rate=RATE).turns, generate(network(), RUN, seed=1, rate=RATE).turns) == 0
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"architecture": "atelier-vae-1"}, "holds atelier-vae-1, not atelier-motion-1"),
        ({"config": "{}"}, "its metadata describes no network of ours"),
        ({"config": '{"classes": ["a|b"], "rate": "30"}'}, "its classes are not names of actions"),
        ({"config": '{"classes": ["run"], "rate": "30", "noise": 3, "width": 8, "blocks": 1}'}, "its noise is not"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, change: dict[str, str], said: str) -> None:
    path = tmp_path / "made.safetensors"
    path.write_bytes(to_safetensors(network(), change))
    with pytest.raises(ModelError, match=said.split(";")[0]):
        described(path)


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    broken = network()
    broken.fresh[0, 0, 0] = float("nan")
    path = tmp_path / "made.safetensors"
    path.write_bytes(to_safetensors(broken))
    with pytest.raises(ModelError, match="fresh holds values that are not finite"):
        described(path)
