"""Tiny generators, of random weights, whose means and mappings are those of trained ones as far as it matters."""

from __future__ import annotations

import pytest
import torch

from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
from pipeline.models.stylegan.generator import Generator

SMALL = {"z_dim": 16, "w_dim": 16, "channel_base": 256, "channel_max": 16}


def tiny(family: str, **options: int) -> Generator:
    """A generator of 32 px."""
    config = stylegan2(32, **SMALL, **options) if family == "stylegan2" else stylegan3(32, **SMALL, **options)
    return untrained(config, seed=1).requires_grad_(False)


@pytest.fixture(params=["stylegan2", "stylegan3"])
def generator(request: pytest.FixtureRequest) -> Generator:
    """Of each family."""
    return tiny(request.param)


@pytest.fixture
def chance() -> torch.Generator:
    """A fixed seed."""
    return torch.Generator().manual_seed(0)
