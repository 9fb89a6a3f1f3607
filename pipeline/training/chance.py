"""What is random in one iteration: it comes from the training's seed and the iteration's number, and from nothing else.

So a training that goes on from a state draws what it would have drawn.
"""

from __future__ import annotations

import numpy as np
import torch


class Chance:
    """The generators of one iteration."""

    def __init__(self, seed: int, iteration: int, device: torch.device):
        own, other = np.random.SeedSequence([seed, iteration]).generate_state(2).tolist()
        self.lots = torch.Generator("cpu").manual_seed(own)
        """For what is decided: pictures, augmentations, where styles are mixed."""
        self.noise = torch.Generator(device).manual_seed(other)
        """For latents and noise."""
