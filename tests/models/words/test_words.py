"""The networks, the flow, and their files. The networks are tiny and random; what they compute is not."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from pipeline import weights
from pipeline.errors import ModelError
from pipeline.models.words import files
from pipeline.models.words.config import WordsConfig
from pipeline.models.words.flow import guided, mixed, times, velocity, walk
from pipeline.models.words.text import stacked
from pipeline.models.words.unet import WordsNetwork

CONFIG = WordsConfig(
    size_px=32, channels=16, depth=1, head=8, text_width=16, text_depth=1, tokens=8, words=("blue", "red", "sofa")
)


@pytest.fixture(scope="module")
def network() -> WordsNetwork:
    """Random all through: at birth it would answer with nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = WordsNetwork(CONFIG)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
    return network.requires_grad_(False).eval()


def sentences(network: WordsNetwork, *said: str) -> torch.Tensor:
    return stacked([network.vocabulary.read(each).numbers for each in said])


def noise(count: int = 1) -> torch.Tensor:
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_a_picture_depends_on_its_own_sentence_and_on_nothing_else_in_its_batch(network: WordsNetwork) -> None:
    numbers = sentences(network, "red sofa", "a blue sofa and a red sofa")
    share = torch.tensor([0.3, 0.7])
    together = network(noise(2), share, *network.encode(numbers))
    alone = network(noise(2)[:1], share[:1], *network.encode(sentences(network, "red sofa")))
    assert torch.allclose(together[:1], alone, atol=1e-5)
    other = network(noise(2)[:1], share[:1], *network.encode(sentences(network, "blue sofa")))
    assert (other - alone).abs().max() > 1e-4


def test_time_and_words_both_count(network: WordsNetwork) -> None:
    said = network.encode(sentences(network, "red"))
    early, late = (network(noise(), torch.tensor([t]), *said) for t in (0.1, 0.9))
    assert (early - late).abs().max() > 1e-3


def test_an_untrained_network_guesses_nothing() -> None:
    fresh = WordsNetwork(CONFIG)
    guess = fresh(noise(), torch.tensor([0.5]), *fresh.encode(sentences(fresh, "red")))
    assert guess.abs().max() == fresh.leave.bias.abs().max()


# The flow


def test_walking_along_a_right_guess_arrives() -> None:
    picture = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    for is_euler in (False, True):
        made = walk(lambda x, t: picture, noise(), times(4), is_euler=is_euler)
        assert torch.allclose(made, picture, atol=1e-4)


def test_heun_follows_a_bend_that_euler_cuts() -> None:
    # Of pictures that are Gaussian themselves the best guess is known, and so is where each noise leads to.
    spread = 0.5

    def guess(x: torch.Tensor, t: float) -> torch.Tensor:
        return x * t * spread**2 / (t**2 * spread**2 + (1 - t) ** 2)

    exact = walk(guess, noise(), times(2000, shift=1.0))
    # Near the end velocities are held back a little: LATEST.
    assert torch.allclose(exact, noise() * spread, atol=0.05)
    apart = {
        is_euler: float((walk(guess, noise(), times(8), is_euler=is_euler) - exact).abs().mean())
        for is_euler in (False, True)
    }
    assert apart[False] < apart[True] / 2


def test_times_go_from_start_to_one_and_are_denser_in_noise() -> None:
    assert times(4, shift=1.0) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    shifted = times(4, start=0.2)
    assert (shifted[0], shifted[-1]) == (pytest.approx(0.2), 1)
    steps = [after - before for before, after in pairwise(shifted)]
    assert steps == sorted(steps)


def test_velocity_points_from_noise_to_picture() -> None:
    picture, start = torch.full((1, 3, 4, 4), 0.5), torch.zeros(1, 3, 4, 4)
    at = mixed(picture, start, 0.25)
    assert torch.allclose(velocity(picture, at, 0.25), picture - start)
    assert velocity(picture, at, 1.0).isfinite().all()


def test_guidance_of_one_asks_once_and_more_goes_further(network: WordsNetwork) -> None:
    told, silent = sentences(network, "red sofa"), sentences(network, "")
    once = guided(network, told, silent, 1)(noise(), 0.4)
    plain = network(noise(), torch.tensor([0.4]), *network.encode(told))
    without = network(noise(), torch.tensor([0.4]), *network.encode(silent))
    assert torch.equal(once, plain)
    assert torch.allclose(guided(network, told, silent, 3)(noise(), 0.4), without + 3 * (plain - without), atol=1e-6)


def test_what_is_kept_is_put_back_after_every_step() -> None:
    seen = []

    def kept(x: torch.Tensor, t: float) -> torch.Tensor:
        seen.append(t)
        return torch.zeros_like(x)

    assert walk(lambda x, t: x, noise(), times(3), kept=kept).abs().max() == 0
    assert seen == pytest.approx(times(3)[1:])


# Files


def test_a_file_gives_the_network_back(network: WordsNetwork, tmp_path: Path) -> None:
    path = tmp_path / "words.safetensors"
    path.write_bytes(files.to_safetensors(network, {"name": "test"}))
    loaded = files.load(path)
    assert loaded.config == CONFIG
    said = sentences(network, "red sofa")
    both = [each(noise(), torch.tensor([0.5]), *each.encode(said)) for each in (network, loaded)]
    assert torch.equal(*both)
    half = tmp_path / "half.safetensors"
    half.write_bytes(files.to_safetensors(network, dtype=torch.float16))
    assert half.stat().st_size < 0.6 * path.stat().st_size
    assert files.load(half).places.dtype == torch.float32


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size_px": 48}, "size_px is 48"),
        ({"channels": 0}, "channels is 0"),
        ({"depth": "2"}, "depth is '2'"),
        ({"head": 7}, "head is 7"),
        ({"text_width": 12}, "text_width is 12"),
        ({"words": ["red", "red"]}, "its words are not words, each once"),
        ({"words": []}, "0 words"),
        ({"words": None}, "describes no network of ours"),
        ({"colour": 1}, "describes no network of ours"),
    ],
)
def test_a_file_that_describes_no_network_is_refused(
    network: WordsNetwork, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    config = {**json.loads(CONFIG.to_json()), **change}
    path = tmp_path / "odd.safetensors"
    metadata = {"architecture": "atelier-words-1", "config": json.dumps(config)}
    path.write_bytes(weights.packed_network(network, metadata, torch.float32))
    with pytest.raises(ModelError, match=said):
        files.load(path)


def test_a_file_of_another_design_or_damage_is_refused(network: WordsNetwork, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(weights.packed_network(network, {"architecture": "atelier-vae-1"}, torch.float32))
    with pytest.raises(ModelError, match="holds atelier-vae-1, not atelier-words-1; give one that reads words"):
        files.load(path)
    path.write_bytes(
        weights.packed_network(
            network,
            {
                "architecture": "atelier-words-1",
                "config": replace(CONFIG, channels=32, head=32, text_width=32).to_json(),
            },
            torch.float32,
        )
    )
    with pytest.raises(ModelError, match="is not a checkpoint of this WordsNetwork"):
        files.load(path)
    network.places.data[0, 0, 0, 0] = math.nan
    path.write_bytes(files.to_safetensors(network))
    network.places.data[0, 0, 0, 0] = 0
    with pytest.raises(ModelError, match="places holds values that are not finite"):
        files.load(path)
