"""What is made of the libraries' complaints about a model's files."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import pytest
from safetensors import SafetensorError

from pipeline.complaints import loading
from pipeline.errors import ModelError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            UnpicklingError("Weights only load failed.\nIn PyTorch 2.6 …"),
            "its pickle holds more than tensors, which may",
        ),
        (SafetensorError("header too large"), "diffusers cannot load it: header too large"),
        (OSError("no file /models/m/unet/config.json\nmore"), "diffusers cannot load it: no file unet/config.json"),
        (KeyError(), "diffusers cannot load it: KeyError"),
    ],
)
def test_a_complaint_is_one_sentence_that_names_the_folder(error: Exception, said: str) -> None:
    with pytest.raises(ModelError) as told, loading(Path("/models/m"), "diffusers"):
        raise error
    assert str(told.value).startswith(f"/models/m: {said}")
    assert "\n" not in str(told.value)


def test_memory_that_is_used_up_is_no_damage() -> None:
    with pytest.raises(MemoryError), loading(Path("/models/m"), "diffusers"):
        raise MemoryError
