"""The plain variational autoencoder to compare with: what collections of them have under "vanilla".

Five convolutions of stride 2 with batch normalisation, 64 px, and the textbook's loss. Nothing of it is used elsewhere.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.models.vae.network import Posterior

SIZE_PX = 64
_CHANNELS = (32, 64, 128, 256, 512)


class PlainVae(nn.Module):
    """Pictures `(N, 3, 64, 64)` in [0, 1] to a posterior, and latents back."""

    def __init__(self, latent: int):
        super().__init__()
        steps: list[nn.Module] = []
        for inputs, outputs in zip((3, *_CHANNELS), _CHANNELS, strict=False):
            steps += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU()]
        self.encoder = nn.Sequential(*steps, nn.Flatten())
        self.mean, self.log_variance = nn.Linear(2048, latent), nn.Linear(2048, latent)
        self.enter = nn.Linear(latent, 2048)
        steps = []
        for inputs, outputs in zip(_CHANNELS[::-1], (*_CHANNELS[-2::-1], _CHANNELS[0]), strict=True):
            steps += [nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU()]
        self.decoder = nn.Sequential(*steps, nn.Conv2d(_CHANNELS[0], 3, 3, padding=1), nn.Sigmoid())

    def encode(self, pictures: Tensor) -> Posterior:
        """Of pictures at any size: they are reduced first."""
        small = F.interpolate(pictures, SIZE_PX, mode="area")
        features = self.encoder(small)
        return Posterior(self.mean(features), self.log_variance(features).clamp(-20, 20))

    def decode(self, z: Tensor) -> Tensor:
        """`(N, latent)` to `(N, 3, 64, 64)` in [0, 1]."""
        made: Tensor = self.decoder(self.enter(z).view(-1, 512, 2, 2))
        return made

    def decode_at(self, z: Tensor, size_px: int) -> Tensor:
        """The same, enlarged bicubically."""
        large = F.interpolate(self.decode(z), size_px, mode="bicubic", align_corners=False)
        return large.clamp(0, 1)


def train_step(network: PlainVae, optimiser: torch.optim.Optimizer, pictures: Tensor, noise: torch.Generator) -> float:
    """One iteration of the textbook's loss: its value."""
    from pipeline.training.vae.losses import textbook

    posterior = network.encode(pictures)
    decoded = network.decode(posterior.sample(noise))
    loss = textbook(decoded, F.interpolate(pictures, SIZE_PX, mode="area"), posterior)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return float(loss.detach())
