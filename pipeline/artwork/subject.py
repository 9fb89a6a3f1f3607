"""What an artwork is painted from: the content and its paintings, at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pipeline.artwork.colours import after_painting, before_painting
from pipeline.artwork.objective import Objective
from pipeline.artwork.painting import Painting, areas, coverage, resize
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.models.features import Features


class Subject:
    """The content and paintings of one recipe, in the colours that it is painted with."""

    def __init__(self, content: Tensor, paintings: Sequence[Painting], recipe: ArtworkRecipe):
        """`content`: `(1, 3, H, W)` float in [0, 1], sRGB, on the paintings' device."""
        self._recipe = recipe
        self._coloured = content.float().clamp(0, 1)
        self._content = before_painting(recipe.colours, self._coloured)
        self._paintings = [
            replace(painting, picture=before_painting(recipe.colours, painting.picture.float(), like=self._coloured))
            for painting in paintings
        ]

    def content(self, longest: int) -> Tensor:
        """The content as the losses see it, with this longest side in px."""
        return _sized(self._content, longest)

    def objective(self, network: Features, longest: int, *, tile_px: int, dtype: torch.dtype) -> Objective:
        """What is made small at this size."""
        content = self.content(longest)
        found = areas(self._paintings, *content.shape[2:])
        return Objective(network, self._recipe, content, found, tile_px=tile_px, dtype=dtype)

    def finished(self, picture: Tensor) -> Tensor:
        """The picture as it is delivered: of the final size and colours, the content where nothing is painted."""
        content = _sized(self._coloured, self._recipe.size)
        painted = after_painting(self._recipe.colours, resize(picture, *content.shape[2:]), content)
        covered = coverage(areas(self._paintings, *content.shape[2:]))
        return painted if covered is None else content.lerp(painted, covered)


def _sized(picture: Tensor, longest: int) -> Tensor:
    height, width = picture.shape[2:]
    scale = longest / max(height, width)
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale)))
