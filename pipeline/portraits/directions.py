"""Directions in w along which portraits change in one respect: from files, or out of the generator's own weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline.arrays import read_npy, read_npz
from pipeline.errors import ConfigError, ModelError
from pipeline.models.stylegan.config import GeneratorConfig
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.synthesis3 import Synthesis3
from pipeline.portraits.mixing import check_layers

_MOST_BYTES = 64_000_000


def edited(ws: Tensor, direction: Tensor, *, strength: float, layers: Sequence[int] | None = None) -> Tensor:
    """Styles `(N, num_ws, w_dim)`, moved along a direction `(w_dim,)` or `(num_ws, w_dim)` in these layers, or in all.

    Raises: ConfigError if a layer is none of the network's.
    """
    chosen = range(ws.shape[1]) if layers is None else layers
    check_layers(chosen, ws.shape[1])
    where = torch.zeros(ws.shape[1], 1, device=ws.device, dtype=ws.dtype)
    where[list(chosen)] = strength
    return ws + where * direction.to(ws)


def read(path: Path, config: GeneratorConfig) -> Tensor:
    """A direction of a .npy file, or the only array of a .npz file: `(w_dim,)` or `(num_ws, w_dim)` float32.

    Raises: ModelError if the file is missing or damaged, or the direction is another generator's.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such direction; give a .npy or .npz file")
    values = _only(path) if path.suffix == ".npz" else read_npy(path, most=_MOST_BYTES)
    layers, width = config.num_ws, config.mapping.w_dim
    if values.ndim > 1 and values.shape[0] == 1:
        # Some write a dimension more.
        values = values[0]
    if values.shape not in ((width,), (layers, width)):
        raise ModelError(
            f"{path}: is {values.shape}, and this generator's directions are ({width},) or ({layers}, {width})"
        )
    if not np.isfinite(values).all():
        raise ModelError(f"{path}: holds values that are not finite; find the direction again")
    return torch.from_numpy(values.astype(np.float32))


def _only(path: Path) -> np.ndarray:
    arrays = list(read_npz(path, most=_MOST_BYTES).values())
    if len(arrays) != 1:
        raise ModelError(f"{path}: holds {len(arrays)} arrays; give a file with one direction")
    return arrays[0]


def factorised(generator: Generator, count: int, layers: Sequence[int] | None = None) -> Tensor:
    """The directions that change the styles of these layers, or of all, most: `(count, w_dim)`, unit, strongest first.

    Each points to where its largest number is positive.
    Raises: ConfigError if a layer is none of the network's, or there are not so many directions.
    Source: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", arXiv:2007.06600, equation 4: the
    eigenvectors of AᵀA, A being what styles are made with.
    """
    weights = style_weights(generator)
    chosen = range(len(weights)) if layers is None else layers
    check_layers(chosen, len(weights))
    width = generator.config.mapping.w_dim
    if not 1 <= count <= width:
        raise ConfigError(f"directions: {count} asked for; this generator has {width}")
    whole = torch.cat([weights[layer] for layer in chosen]).double().cpu()
    _, vectors = torch.linalg.eigh(whole.T @ whole)
    # Smallest first, in columns.
    found = vectors.flip(1).T[:count]
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    return (found * largest.sign()).float()


def style_weights(generator: Generator) -> list[Tensor]:
    """For each layer that takes a style, what makes it of w: `(channels, w_dim)`.

    Where a convolution and a picture of StyleGAN2 take the same, it is the convolution's.
    """
    synthesis = generator.synthesis
    if isinstance(synthesis, Synthesis3):
        made = [synthesis.input, *(getattr(synthesis, layer.name) for layer in synthesis.config.layers)]
    else:
        blocks = [getattr(synthesis, f"b{size}") for size in synthesis.config.sizes]
        made = [part for block in blocks for part in ([] if block.first else [block.conv0]) + [block.conv1]]
        made.append(blocks[-1].torgb)
    return [part.affine.weight.detach() * part.affine.scale for part in made]
