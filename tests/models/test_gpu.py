"""What only a CUDA device can show."""

import pytest
import torch

from pipeline.catalog import MODELS
from pipeline.device import make_deterministic
from pipeline.models import open_model

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.kind == "style"])
def test_gpu_paints_what_the_cpu_paints_within_two_codes(name: str) -> None:
    make_deterministic(torch.device("cuda"))
    frames = torch.rand(4, 3, 90, 160, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = open_model(MODELS[name])(frames)
        painted = open_model(MODELS[name], "cuda")(frames.cuda()).cpu()
    assert (painted - expected).abs().max() < 2 / 255
