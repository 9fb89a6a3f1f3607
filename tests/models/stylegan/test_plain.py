"""What the benchmark measures against makes the same pictures."""

from __future__ import annotations

import pytest
import torch

from bench.plain_stylegan import plain_picture
from pipeline.models.stylegan.config import GeneratorConfig
from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained

SMALL = {"z_dim": 16, "w_dim": 16, "channel_base": 256, "channel_max": 16}

CONFIGS = {
    "stylegan2": stylegan2(32, **SMALL),
    "stylegan3-t": stylegan3(32, **SMALL),
    "stylegan3-r": stylegan3(32, rotates=True, **SMALL),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@torch.inference_mode()
def test_the_plain_formulation_makes_the_same_picture(config: GeneratorConfig) -> None:
    generator = untrained(config)
    ws = generator.styles(torch.randn(1, 16))
    torch.testing.assert_close(plain_picture(generator, ws), generator.picture(ws), atol=1e-4, rtol=0)
