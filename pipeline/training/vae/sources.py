"""Where an autoencoder's pictures come from: a folder's files, of which some may be unusable, or rooms that we draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline import drawing
from pipeline.drawing import rooms as rooms_drawing
from pipeline.drawing.rooms import MEASURED, MEASURES, draw, measure_pixels, measures, sample, settled
from pipeline.errors import MediaError
from pipeline.stream import spread
from pipeline.training.material import skipped_in_words
from pipeline.training.pictures import Opened, Pictures, mark_of
from pipeline.training.vae.brief import FEWEST, VaeRecipe
from pipeline.training.vae.labels import Labels
from pipeline.training.vae.material import Material

_OPENING = 4
"""Pictures opened side by side."""


@dataclass(frozen=True)
class Rooms:
    """Rooms of our own, all seen from one place."""

    size_px: int

    def __call__(self, number: int) -> np.ndarray:
        return draw(settled(sample(number)), self.size_px)


@dataclass(frozen=True)
class Source:
    """What a training begins with."""

    material: Material
    known: Callable[[Sequence[int]], Tensor]
    """What is known of these pictures: `(N, attributes)` float32; not a number where it is not known."""
    skipped: tuple[str, ...] = ()
    """Files that are no usable pictures, each with the reason."""
    labelled: tuple[int, ...] = ()
    """Pictures of which more is known than of the others."""


def rooms(count: int, recipe: VaeRecipe, *, file: Path | None = None) -> Source:
    """So many rooms, drawn when they are wanted; `file` keeps them."""
    pictures = Pictures(Rooms(recipe.opened_px), count, recipe.opened_px, file=file)

    @lru_cache(maxsize=count)
    def known(number: int) -> tuple[float, ...]:
        return tuple(measures(settled(sample(number)), pictures.pixels(number)).values())

    def known_of(numbers: Sequence[int]) -> Tensor:
        return torch.tensor([known(number) for number in numbers], dtype=torch.float32)

    return Source(Material(pictures, recipe, MEASURES), known_of)


def folder(
    paths: Sequence[Path],
    said: str,
    recipe: VaeRecipe,
    *,
    labels: Labels | None = None,
    report: Callable[[int], None] = lambda opened: None,
) -> Source:
    """A folder's pictures; those that cannot be read, or are smaller than what is learnt, are skipped and told.

    `said`: what its user calls the folder. `report` is told how many were opened.
    Raises: MediaError if too few are left, or a label is called as what is measured, or does not vary.
    """
    if labels is not None:
        labels.check_are_new(MEASURED)
    opened: list[np.ndarray] = []
    names: list[str] = []
    skipped: list[str] = []

    def attempt(path: Path) -> np.ndarray | MediaError:
        try:
            return Opened([path], recipe.opened_px, least_px=recipe.size_px)(0)
        except MediaError as error:
            return error

    for path, made in zip(paths, spread(attempt, paths, threads=_OPENING, name="open"), strict=True):
        if isinstance(made, MediaError):
            skipped.append(str(made).replace(str(path), path.name))
        else:
            opened.append(made)
            names.append(path.name)
        report(len(opened) + len(skipped))
    if len(opened) < FEWEST:
        why = f" ({skipped_in_words(skipped)})" if skipped else ""
        raise MediaError(f"{said}: holds {len(opened)} usable pictures{why}, and a training needs {FEWEST}")
    array = np.stack(opened)
    known = [measure_pixels(picture) for picture in array]
    measured: tuple[str, ...] = MEASURED
    labelled: tuple[int, ...] = ()
    columns = torch.tensor([[row[name] for name in MEASURED] for row in known], dtype=torch.float32)
    if labels is not None:
        columns = torch.cat([columns, torch.tensor(labels.of(names), dtype=torch.float32)], 1)
        labels.check_vary(names)
        measured = (*measured, *labels.attributes)
        labelled = tuple(number for number, name in enumerate(names) if name in labels.rows)
    material = Material(Pictures.kept(array), recipe, measured)
    return Source(material, lambda numbers: columns[list(numbers)], tuple(skipped), labelled)


def drawing_mark() -> str:
    """Changes when the way in which we draw rooms does."""
    return mark_of(drawing, rooms_drawing)
