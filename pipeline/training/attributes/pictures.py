"""Which latents labelled pictures have: a design's own, or where the model sees a photograph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.errors import AccessDenied, MediaError, ModelError
from pipeline.film.access import read_bytes
from pipeline.images import read_picture
from pipeline.interiors.squares import middle_square, resized
from pipeline.models.vae.network import Vae
from pipeline.tensors import to_tensor
from pipeline.training.attributes.looking import looked_at


class Found(NamedTuple):
    """The latents of some pictures."""

    names: tuple[str, ...]
    z: Tensor
    """Of each of them, `(N, latent)` float32 on the CPU."""
    designs: int
    """How many of them are designs of the model."""
    skipped: tuple[str, ...]
    """Pictures that are not usable, each with the reason."""


@torch.no_grad()
def found(paths: Sequence[Path], vae: Vae, *, sha256: str, report: Callable[[int], None] = lambda seen: None) -> Found:
    """The latents of pictures. `sha256`: the model's. `report` is told how many were looked at, and may raise to stop.

    Raises: ModelError if a picture is a design of another model, or the model gives what is not finite.
    """
    names: list[str] = []
    rows: list[Tensor] = []
    skipped: list[str] = []
    designs = 0
    for seen, path in enumerate(paths, 1):
        try:
            data = read_bytes(str(path))
            told = looked_at(data, path.name, latent=vae.config.latent, sha256=sha256)
            z = _encoded(data, path.name, vae) if told is None else torch.from_numpy(told)
        except (MediaError, AccessDenied) as error:
            skipped.append(str(error).replace(str(path), path.name))
        else:
            names.append(path.name)
            rows.append(z)
            designs += told is not None
        report(seen)
    z = torch.stack(rows) if rows else torch.zeros(0, vae.config.latent)
    return Found(tuple(names), z, designs, tuple(skipped))


def _encoded(data: bytes, name: str, vae: Vae) -> Tensor:
    """What the model makes of a photograph's middle square: `(latent,)`."""
    square = resized(middle_square(read_picture(data, where=name)), vae.config.size_px)
    z = vae.encode(to_tensor(square[None], vae.centre.device)).mean[0].float().cpu()
    if not torch.isfinite(z).all():
        raise ModelError(f"{name}: the model sees values in it that are not finite; its weights are damaged")
    return z
