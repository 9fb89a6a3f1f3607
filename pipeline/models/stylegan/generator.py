"""A whole generator, StyleGAN2's or StyleGAN3's: from z and class to styles, from styles to a picture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pipeline.models.stylegan.config import GeneratorConfig, Synthesis3Config
from pipeline.models.stylegan.mapping import Mapping
from pipeline.models.stylegan.synthesis2 import Noise, Synthesis2
from pipeline.models.stylegan.synthesis3 import Synthesis3


class Generator(nn.Module):
    """`mapping` and `synthesis`, called as in NVIDIA's checkpoints."""

    def __init__(self, config: GeneratorConfig):
        super().__init__()
        self.config = config
        self.mapping = Mapping(config.mapping)
        synthesis = config.synthesis
        self.synthesis: Synthesis2 | Synthesis3 = (
            Synthesis3(synthesis) if isinstance(synthesis, Synthesis3Config) else Synthesis2(synthesis)
        )

    def lighten(self, dtype: torch.dtype) -> None:
        """Have large maps computed in bfloat16 or float16; weights, styles and pictures stay float32."""
        self.synthesis.large_dtype = dtype

    def styles(self, z: Tensor, c: Tensor | None = None, *, psi: float = 1.0, cutoff: int | None = None) -> Tensor:
        """A style for every layer, `(N, num_ws, w_dim)`: all equal, but for the first `cutoff`, or all, being
        truncated by `psi`."""
        return self.truncated(self.mapping(z, c).unsqueeze(1), psi=psi, cutoff=cutoff)

    def truncated(self, ws: Tensor, *, psi: float, cutoff: int | None = None) -> Tensor:
        """Styles `(N, 1 or num_ws, w_dim)`, one for every layer, the first `cutoff`, or all, truncated by `psi`."""
        ws = ws.repeat(1, self.config.num_ws // ws.shape[1], 1)
        if psi != 1:
            ws[:, :cutoff] = self.mapping.truncated(ws[:, :cutoff], psi)
        return ws

    def class_of(self, label: int | None, count: int = 1) -> Tensor | None:
        """A class' c, `(count, c_dim)`, on the generator's device; the first class' without a label, and None of a
        generator that knows no classes."""
        classes = self.config.mapping.c_dim
        if not classes:
            return None
        c = torch.zeros(count, classes, device=self.mapping.w_avg.device)
        c[:, label or 0] = 1
        return c

    def picture(self, ws: Tensor, *, noise: Noise = "const", transform: Tensor | None = None) -> Tensor:
        """Pictures `(N, 3, resolution, resolution)` float32, mostly in [-1, 1], sRGB.

        `noise` is StyleGAN2's, `transform` StyleGAN3's; the other network has no use for it.
        """
        if isinstance(self.synthesis, Synthesis3):
            return self.synthesis(ws, transform)
        return self.synthesis(ws, noise)


def to_pixels(pictures: Tensor) -> Tensor:
    """Pictures `(N, C, H, W)` in [-1, 1] as `(N, H, W, C)` uint8, rounded as the official tool does."""
    return (pictures.permute(0, 2, 3, 1) * 127.5 + 128).clamp(0, 255).to(torch.uint8)
