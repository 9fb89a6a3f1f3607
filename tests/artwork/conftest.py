"""Small pictures, and networks that look at them as VGG19 would, with seeded weights that mean nothing."""

from __future__ import annotations

import pytest
import torch

from pipeline.models.features import FeatureNetwork


def drawn(height, width, seed=0):
    """A picture with large shapes and some grain."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return (smooth + 0.1 * torch.randn(1, 3, height, width, generator=generator)).clamp(0, 1)


def seeded(ranks):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return FeatureNetwork(ranks).requires_grad_(False).eval()


@pytest.fixture(scope="session")
def network():
    """As deep as the networks at hand, up to relu3_4."""
    return seeded((4,) * 7)


@pytest.fixture(scope="session")
def deep_network():
    """As deep as whole VGG19 is used, up to relu5_1."""
    return seeded((2,) * 12)


@pytest.fixture(autouse=True)
def one_thread():
    """Pictures this small are painted faster so, and the bits are then the same everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
