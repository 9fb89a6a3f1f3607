"""The directions in w that a generator's own weights tell: along them, its pictures change most.

Source: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", arXiv:2007.06600.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.errors import ConfigError
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.synthesis3 import Synthesis3
from pipeline.portraits.mixing import check_layers


def factorised(generator: Generator, count: int, layers: Sequence[int] | None = None) -> Tensor:
    """The directions that change the styles of these layers, or of all, most: `(count, w_dim)`, unit, strongest first.

    Each points to where its largest number is positive.
    Raises: ConfigError if a layer is none of the network's, or there are not so many directions.
    Source: equation 4: the eigenvectors of AᵀA, A being what styles are made with.
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
