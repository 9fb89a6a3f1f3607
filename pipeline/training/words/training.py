"""Training a model of words, and writing what came of it: weights, and sheets of pictures on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from pipeline.drawing.told import KINDS
from pipeline.models.words import files
from pipeline.models.words.config import WordsConfig
from pipeline.models.words.flow import guided, times, walk
from pipeline.models.words.unet import WordsNetwork
from pipeline.models.words.vocabulary import vocabulary_of
from pipeline.tensors import to_pixels
from pipeline.training.loop import Progress, Schedule, train
from pipeline.training.muon import Muon
from pipeline.training.words.learning import WordsTask
from pipeline.training.words.pictures import Told

SHOWN = (
    "a portrait of a young woman with long wavy ginger hair and glasses, wearing a dark green jumper, smiling",
    "a portrait of an elderly man with grey hair and a full beard, wearing a blue shirt, before a yellow wall",
    "a portrait of a man with a black afro, wearing a red t-shirt, smiling broadly, before a light blue wall",
    "a portrait of a woman with a blonde bob, wearing a purple beanie and a white roll-neck, before a pink wall",
    "a living room on a bright day with light blue walls, a red sofa, a beige rug and plants",
    "a living room at night with dark green walls, a yellow sofa, no rug and an armchair",
    "a living room in the evening with pink walls and a dark blue sofa",
    "a living room with white walls, a black sofa and a painting",
    "a poster of two red hearts on a white ground",
    "a poster of orange mountains with white snow on a dark blue ground",
    "a poster of a boat with white sails on a teal sea on a yellow ground",
    "a poster of a green balloon with a red basket on a light blue ground",
)
"""Sentences of which a sheet shows a picture each."""

_NOT_HIDDEN = ("places", "text.words", "enter", "leave")
"""Parameters of these names turn words, pixels and places into features, or back: Adam moves them."""


def network_for(told: Told, size_px: int, seed: int = 0) -> WordsNetwork:
    """An untrained network that knows every word that the pictures are told in."""
    words = vocabulary_of(KINDS[facts["kind"]].sentence(facts) for facts in told.facts)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return WordsNetwork(WordsConfig(size_px=size_px, words=words))


def muon(network: nn.Module, rate: float) -> torch.optim.Optimizer:
    """Muon for what is hidden."""
    hidden: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        is_hidden = parameter.ndim >= 2 and not any(part in name for part in _NOT_HIDDEN)
        (hidden if is_hidden else others).append(parameter)
    return Muon(hidden, others, rate=rate)


def train_words(
    network: WordsNetwork,
    told: Told,
    out: Path,
    *,
    batch: int,
    schedule: Schedule,
    report: Callable[[Progress], None] = lambda progress: None,
) -> WordsNetwork:
    """Train, and write `out` (float16), `out`.state to go on from, and `out`.png, a sheet, whenever it is saved.

    Raises: ConfigError if the loss is no longer finite; ModelError if the state is of another training.
    """

    def save(averaged: nn.Module, iteration: int) -> None:
        assert isinstance(averaged, WordsNetwork)
        about = {"name": out.stem, "iterations": str(iteration)}
        out.write_bytes(files.to_safetensors(averaged, about, dtype=torch.float16))
        if schedule.is_shown(iteration):
            Image.fromarray(sheet(averaged)).save(out.with_suffix(".png"))

    network.to(memory_format=torch.channels_last)
    task = WordsTask(network, told, batch)
    state = out.with_suffix(".state")
    averaged = train(task, schedule, state=state, optimise=muon, report=report, save=save)
    assert isinstance(averaged, WordsNetwork)
    return averaged


@torch.no_grad()
def sheet(network: WordsNetwork, *, each: int = 4, steps: int = 12, guidance: float = 3.0) -> np.ndarray:
    """A row for each of SHOWN, (rows of S, `each` * S, 3) uint8: what there is of the model."""
    side, device = network.config.size_px, next(network.parameters()).device
    noise = torch.randn(each, 3, side, side, generator=torch.Generator().manual_seed(0)).to(device)
    rows = []
    for sentence in SHOWN:
        guess = guided(network, network.numbers([sentence] * each), network.numbers([""] * each), guidance)
        rows.append(np.concatenate(list(to_pixels((walk(guess, noise, times(steps)) + 1) / 2)), axis=1))
    half = len(rows) // 2
    return np.concatenate([np.concatenate(rows[:half], axis=0), np.concatenate(rows[half:], axis=0)], axis=1)
