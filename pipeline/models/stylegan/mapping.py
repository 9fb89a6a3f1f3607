"""From noise to style: z, and a class if the network knows any, to the intermediate latent w.

Source: Karras et al., "A Style-Based Generator Architecture for GANs", arXiv:1812.04948, section 2 and appendix B
(truncation).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from pipeline.models.stylegan.config import MappingConfig
from pipeline.models.stylegan.layers import Dense, normalised


class Mapping(nn.Module):
    """`z` (N, z_dim), and `c` (N, c_dim) one-hot, to `w` (N, w_dim)."""

    w_avg: Tensor

    def __init__(self, config: MappingConfig):
        super().__init__()
        self.config = config
        if config.c_dim:
            self.embed = Dense(config.c_dim, config.embed_features)
        widths = config.widths
        for layer, (inputs, outputs) in enumerate(pairwise(widths)):
            setattr(self, f"fc{layer}", Dense(inputs, outputs, active=True, rate=config.rate))
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        parts = [] if z is None or not self.config.z_dim else [normalised(z.float())]
        if self.config.c_dim:
            assert c is not None, "callers give a class to networks that know classes"
            parts.append(normalised(self.embed(c.float())))
        values = torch.cat(parts, 1)
        for layer in range(len(self.config.widths) - 1):
            values = getattr(self, f"fc{layer}")(values)
        return values

    def truncated(self, w: Tensor, psi: float) -> Tensor:
        """Nearer to the mean latent: `psi` 1 keeps w, 0 gives the mean."""
        return self.w_avg.lerp(w, psi)
