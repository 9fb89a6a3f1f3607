"""Paints an artwork: checks what it is given, and gives the film of how it comes into being.

Nothing is printed and no file touched: callbacks tell how it goes and take the states to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pipeline.artwork.objective import Objective
from pipeline.artwork.painting import Painting, check_pictures
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.artwork.run import Progress, Run, Snapshot
from pipeline.artwork.state import fingerprint_of, pack, unpack
from pipeline.artwork.subject import Subject
from pipeline.device import has_fast_bfloat16
from pipeline.errors import ConfigError
from pipeline.models.features import Features

__all__ = ["Progress", "Snapshot", "paint"]

HALF_NOISE = 1e-4
"""By which part of itself a loss computed in bfloat16 may differ from itself."""

_LEAST_TILE_PX = 64


def paint(
    content: Tensor,
    paintings: Sequence[Painting],
    recipe: ArtworkRecipe,
    *,
    network: Features,
    frames: int = 1,
    half: bool | None = None,
    tile_px: int = 1024,
    state: bytes | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    keep: Callable[[bytes], None] = lambda state: None,
) -> Iterator[Snapshot]:
    """The artwork's film of `frames` pictures, the last of which is the artwork itself.

    `content`: `(1, 3, H, W)` float in [0, 1], sRGB, any size. Everything is computed on the network's device.
    `half`: compute features in bfloat16; None where the hardware is made for it. `tile_px`: side of the tiles that
    bound the memory. `report` may raise to stop.

    `keep` is given a state after each size, and every `recipe.keep_every` evaluations of one. Given back as `state`,
    with everything else as it was, it makes the run go on from there; the frames before it are not given again. On a
    CPU with as many threads the bits are then those of an unbroken run.

    Raises: MediaError if a picture is misshapen; ConfigError if a value is out of range or the losses are not finite;
    ModelError if `state` is damaged or another artwork's.
    """
    check_pictures(content, paintings)
    if not 1 <= frames <= recipe.iterations + 1:
        raise ConfigError(f"frames: {frames} asked for; give 1 to {recipe.iterations + 1}, one more than iterations")
    if tile_px < _LEAST_TILE_PX:
        raise ConfigError(f"tile_px: {tile_px} px is too small; give {_LEAST_TILE_PX} or more")
    device = next(network.buffers()).device
    half = has_fast_bfloat16(device) if half is None else half
    owner = fingerprint_of(
        [content, *(painting.picture for painting in paintings), *(painting.mask for painting in paintings)],
        *([painting.weight for painting in paintings], recipe, frames, network.origin),
    )
    begun = None if state is None else unpack(state, owner)
    subject = Subject(content.to(device), [_moved(painting, device) for painting in paintings], recipe)
    dtype = torch.bfloat16 if half else torch.float32

    def objective(longest: int) -> Objective:
        return subject.objective(network, longest, tile_px=tile_px, dtype=dtype)

    run = Run(
        subject,
        recipe,
        objective,
        frames=frames,
        noise=HALF_NOISE if half else 0.0,
        report=report,
        keep=lambda state: keep(pack(state, owner)),
    )
    return run.film(begun)


def _moved(painting: Painting, device: torch.device) -> Painting:
    mask = None if painting.mask is None else painting.mask.to(device)
    return replace(painting, picture=painting.picture.to(device), mask=mask)
