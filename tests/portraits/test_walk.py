"""Walks through latents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from pipeline.errors import ConfigError
from pipeline.models.stylegan.generator import Generator
from pipeline.portraits.latents import z_of
from pipeline.portraits.walk import Walk, seed_keyframes

KEYFRAMES = np.random.default_rng(0).normal(size=(4, 16))


def _walk(**values: Any) -> Walk:
    return Walk(**({"keyframes": KEYFRAMES, "frames": 30, "space": "z"} | values))


@pytest.mark.parametrize("way", ["linear", "slerp", "cubic"])
@pytest.mark.parametrize("steady", [True, False])
def test_a_walk_begins_at_its_first_keyframe_and_ends_at_its_last(way: str, steady: bool) -> None:
    walk = _walk(way=way, steady=steady)
    np.testing.assert_allclose(walk.latent(0), KEYFRAMES[0], atol=1e-12)
    np.testing.assert_allclose(walk.latent(29), KEYFRAMES[3], atol=1e-12)


@pytest.mark.parametrize("way", ["linear", "slerp", "cubic"])
@pytest.mark.parametrize("steady", [True, False])
def test_a_loops_last_frame_is_one_step_before_its_first(way: str, steady: bool) -> None:
    walk = _walk(way=way, steady=steady, loop=True, frames=400)
    steps = [np.linalg.norm(walk.latent((frame + 1) % 400) - walk.latent(frame)) for frame in range(400)]
    np.testing.assert_allclose(walk.latent(0), KEYFRAMES[0], atol=1e-12)
    assert 0.9 * min(steps) <= steps[-1] <= 1.1 * max(steps)
    assert steps[-1] < 1.2 * steps[-2]


def test_keyframes_are_equally_many_frames_apart() -> None:
    walk = _walk(frames=40, loop=True)
    for at in range(4):
        np.testing.assert_allclose(walk.latent(10 * at), KEYFRAMES[at], atol=1e-12)


@pytest.mark.parametrize("way", ["linear", "slerp", "cubic"])
def test_a_steady_walk_takes_equal_steps(way: str) -> None:
    uneven = KEYFRAMES.copy()
    uneven[2] = 0.9 * uneven[1] + 0.1 * uneven[2]
    walk = _walk(keyframes=uneven, way=way, steady=True, frames=200)
    steps = [np.linalg.norm(walk.latent(frame + 1) - walk.latent(frame)) for frame in range(199)]
    assert np.percentile(steps, 95) < 1.05 * np.percentile(steps, 5)


def test_a_steady_walk_stands_still_where_it_has_nowhere_to_go() -> None:
    walk = _walk(keyframes=np.repeat(KEYFRAMES[:1], 3, 0), way="linear", steady=True)
    np.testing.assert_allclose(walk.latent(17), KEYFRAMES[0])


def test_a_frame_does_not_depend_on_the_frames_before() -> None:
    whole = [_walk(steady=True).latent(frame) for frame in range(30)]
    again = _walk(steady=True)
    for frame in (17, 3, 29):
        assert np.array_equal(again.latent(frame), whole[frame])


@pytest.mark.parametrize("space", ["z", "w"])
def test_a_walk_shows_its_seeds(space: Any, generator: Generator) -> None:
    keyframes = seed_keyframes(generator, [3, 5], space)
    walk = Walk(keyframes=keyframes, frames=5, space=space, way="linear")
    own = generator.styles(torch.from_numpy(z_of(5, 16)), psi=0.7, cutoff=2)
    with torch.no_grad():
        torch.testing.assert_close(walk.styles(generator, 4, psi=0.7, cutoff=2), own, atol=1e-6, rtol=1e-5)


def test_a_walk_goes_through_styles_of_each_layer(generator: Generator) -> None:
    keyframes = torch.randn(2, generator.config.num_ws, 16, dtype=torch.float64)
    walk = Walk(keyframes=keyframes.flatten(1).numpy(), frames=3, space="w", way="linear")
    torch.testing.assert_close(walk.styles(generator, 1), keyframes.mean(0, keepdim=True).float())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"keyframes": KEYFRAMES[:1]}, "keyframes"),
        ({"frames": 1}, "frames"),
        ({"way": "square"}, "square"),
        ({"way": "slerp", "space": "w"}, "slerp"),
    ],
)
def test_what_makes_no_walk_is_said_in_a_sentence(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        _walk(**values)
