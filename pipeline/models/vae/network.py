"""The two networks of a variational autoencoder: pictures to a Gaussian over latents, and latents to pictures.

Beside its residual network, each of the two has a linear map between a small picture and the latent. Principal
components are what such maps are best at, so a training starts from them (`sketch_by`) instead of from noise, and the
residual networks learn what is not linear.

Source: Kingma and Welling, "Auto-Encoding Variational Bayes", arXiv:1312.6114 (the model); Tipping and Bishop,
"Probabilistic Principal Component Analysis", 1999, and Lucas et al., arXiv:1911.02469 (a linear one is principal
components); De and Smith, arXiv:2002.10444 (residual branches that begin small need no normalisation); Perez et
al., arXiv:1709.07871 (scales and shifts that come from the latent).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.models.frames import each_frame
from pipeline.models.vae.config import PATCH_PX, SKETCH_PX, SMALLEST_PX, VaeConfig

_LOG_VARIANCES = (-12.0, 4.0)
"""Beyond, exp() of them gains nothing but trouble."""

_SEEN_PX = 2 * PATCH_PX
"""A side of the squares of pixels that are one place of the encoder's finest features."""

_SLOPE = 0.2

_GAIN = 0.25
"""Of residual branches, to begin with: little, so that no normalisation is needed."""


class Posterior(NamedTuple):
    """Where a picture may lie in the latent space: a Gaussian with a diagonal covariance."""

    mean: Tensor
    """μ, `(N, latent)` float32."""
    log_variance: Tensor
    """log σ², `(N, latent)` float32."""

    def sample(self, generator: torch.Generator) -> Tensor:
        """z: the mean, and normal noise as wide as the deviation. `(N, latent)`; gradients pass through."""
        noise = torch.randn(self.mean.shape, generator=generator, device=generator.device).to(self.mean.device)
        return self.mean + (self.log_variance / 2).exp() * noise


class Block(nn.Module):
    """Features and what two convolutions add to them; a latent, where it is known, scales and shifts between them."""

    def __init__(self, channels: int, latent: int = 0):
        super().__init__()
        self.first = _conv3(channels, channels)
        self.second = _conv3(channels, channels)
        self.gain = nn.Parameter(torch.tensor(_GAIN))
        self.manner = nn.Linear(latent, 2 * channels) if latent else None
        if self.manner is not None:
            nn.init.zeros_(self.manner.bias)
            self.manner.weight.data *= 0.1

    def forward(self, features: Tensor, z: Tensor | None = None) -> Tensor:
        between = self.first(F.leaky_relu(features, _SLOPE))
        if self.manner is not None and z is not None:
            scale, shift = self.manner(z)[:, :, None, None].chunk(2, 1)
            between = between * (1 + scale) + shift
        added: Tensor = features + self.gain * self.second(F.leaky_relu(between, _SLOPE))
        return added


class Encoder(nn.Module):
    """Pictures `(N, 3, S, S)` float32 in [-1, 1] to μ and log σ², `(N, 2 latent)`."""

    def __init__(self, config: VaeConfig):
        super().__init__()
        # Fine features cost most, and only painting needs them.
        stages = config.stages[1:]
        self.enter = _conv3(3 * _SEEN_PX**2, stages[0][1])
        layers: list[nn.Module] = []
        for (_, channels), (_, coarser) in zip(stages, (*stages[1:], (0, 0)), strict=True):
            layers += [Block(channels) for _ in range(config.blocks)]
            if coarser:
                layers.append(nn.Conv2d(channels, coarser, 2, stride=2))
        self.layers = nn.Sequential(*layers)
        self.leave = nn.Linear(stages[-1][1] * SMALLEST_PX**2, 2 * config.latent)
        self.sketch = nn.Linear(3 * SKETCH_PX**2, config.latent)

    def forward(self, pictures: Tensor) -> Tensor:
        features = self.layers(self.enter(F.pixel_unshuffle(pictures, _SEEN_PX)))
        told: Tensor = self.leave(F.leaky_relu(features, _SLOPE).flatten(1)).float()
        mean, log_variance = told.chunk(2, 1)
        with torch.autocast(pictures.device.type, enabled=False):
            small = F.adaptive_avg_pool2d(pictures.float(), SKETCH_PX)
            mean = mean + self.sketch(small.flatten(1))
        return torch.cat([mean, log_variance], 1)


class Decoder(nn.Module):
    """Latents `(N, latent)` float32 to pictures `(N, 3, S, S)` float32, about [-1, 1]."""

    def __init__(self, config: VaeConfig):
        super().__init__()
        stages = config.stages[::-1]
        self.enter = nn.Linear(config.latent, stages[0][1] * SMALLEST_PX**2)
        self.blocks = nn.ModuleList()
        self.enlarge = nn.ModuleList()
        for (_, channels), (_, finer) in zip(stages, (*stages[1:], (0, 0)), strict=True):
            self.blocks.append(nn.ModuleList(Block(channels, config.latent) for _ in range(config.blocks)))
            if finer:
                self.enlarge.append(_conv3(channels, finer))
        self.leave = _conv3(stages[-1][1], 3 * PATCH_PX**2)
        self.sketch = nn.Linear(config.latent, 3 * SKETCH_PX**2)
        self._size = config.size_px

    def forward(self, z: Tensor) -> Tensor:
        features = self.enter(z).unflatten(1, (-1, SMALLEST_PX, SMALLEST_PX))
        features = features.contiguous(memory_format=torch.channels_last)
        for number, blocks in enumerate(self.blocks):
            for block in blocks:  # type: ignore[attr-defined]
                features = block(features, z)
            if number < len(self.enlarge):
                features = self.enlarge[number](F.interpolate(features, scale_factor=2, mode="nearest"))
        painted = F.pixel_shuffle(self.leave(F.leaky_relu(features, _SLOPE)).float(), PATCH_PX)
        with torch.autocast(z.device.type, enabled=False):
            sketch = self.sketch(z.float()).unflatten(1, (3, SKETCH_PX, SKETCH_PX))
            large = F.interpolate(sketch, size=self._size, mode="bilinear", align_corners=False)
        return painted + large


class Vae(nn.Module):
    """Both networks, how latents are spread, and which way attributes lie."""

    def __init__(self, config: VaeConfig):
        super().__init__()
        self.config = config
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        latent = config.latent
        self.register_buffer("centre", torch.zeros(latent))
        self.register_buffer("spread", torch.eye(latent))
        self.register_buffer("directions", torch.zeros(len(config.attributes), latent))

    centre: Tensor
    """The mean of the latents of the pictures that were learnt: `(latent,)`."""
    spread: Tensor
    """L of their covariance L Lᵀ, lower triangular: `(latent, latent)`. Sampling from where pictures really lie, rather
    than from where the loss wanted them to, is what Ghosh et al., arXiv:1903.12436, call ex-post density estimation."""
    directions: Tensor
    """How z moves when an attribute grows by one standard deviation and the others stay: `(attributes, latent)`."""

    def encode(self, pictures: Tensor) -> Posterior:
        """Of pictures `(N, 3, S, S)` float32 in [0, 1], sRGB."""
        mean, log_variance = each_frame(self.encoder, pictures * 2 - 1).chunk(2, 1)
        return Posterior(mean, log_variance.clamp(*_LOG_VARIANCES))

    def decode(self, z: Tensor) -> Tensor:
        """`(N, latent)` float32 to `(N, 3, S, S)` float32, sRGB; within [0, 1] but for overshoots."""
        return (each_frame(self.decoder, z) + 1) / 2

    def place(self, normal: Tensor) -> Tensor:
        """Normal numbers `(N, latent)` to latents that are spread as those of pictures are."""
        return self.centre + normal @ self.spread.T

    def normal(self, z: Tensor) -> Tensor:
        """The way back: what `place` would make a latent `(N, latent)` of."""
        solved: Tensor = torch.linalg.solve_triangular(self.spread, (z - self.centre).T, upper=False)
        return solved.T

    def settled(self, z: Tensor, rounds: int) -> Tensor:
        """Latents `(N, latent)` nearer to those of pictures: decoded and encoded again, so many times.

        What is drawn by chance may be half of one thing and half of another; each round takes it to what the encoder
        makes of it, which is rather the one or the other. Source: Bengio et al., arXiv:1305.6663 (autoencoders as
        Markov chains whose pictures become likely ones); here without noise, so that a latent settles in one place.
        """
        for _ in range(rounds):
            z = self.encode(self.decode(z).clamp(0, 1)).mean
        return z


@torch.no_grad()
def sketch_by(vae: Vae, small: Tensor) -> None:
    """Let the linear maps begin with the principal components of pictures, `(M, 3, 32, 32)` in [-1, 1].

    They are whitened: each latent number begins with variance 1 over the pictures.
    """
    rows = small.flatten(1)
    mean = rows.mean(0)
    count = min(vae.config.latent, len(rows) - 1, rows.shape[1])
    _, values, vectors = torch.pca_lowrank(rows - mean, q=min(count + 16, *rows.shape), center=False, niter=4)
    deviations = (values[:count] / math.sqrt(len(rows) - 1)).clamp(min=1e-4)
    there, back = vectors[:, :count].T / deviations[:, None], vectors[:, :count] * deviations
    for layer in (vae.encoder.sketch, vae.decoder.sketch, vae.encoder.leave):
        layer.weight.zero_()
        layer.bias.zero_()
    vae.encoder.sketch.weight[:count] = there
    vae.encoder.sketch.bias[:count] = -there @ mean
    vae.decoder.sketch.weight[:, :count] = back
    vae.decoder.sketch.bias.copy_(mean)
    # The residual network begins with little to say, but not with nothing: that it could not learn from.
    vae.decoder.leave.load_state_dict({name: kept * 0.1 for name, kept in vae.decoder.leave.state_dict().items()})
    # What is left over is the noise that the posterior of probabilistic principal components has.
    left = (rows - mean).square().mean() - (deviations.square().sum() / rows.shape[1])
    share = left.clamp(min=1e-6) / (deviations.square() + left.clamp(min=1e-6))
    vae.encoder.leave.bias[vae.config.latent : vae.config.latent + count] = share.log().clamp(*_LOG_VARIANCES)


def _conv3(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
