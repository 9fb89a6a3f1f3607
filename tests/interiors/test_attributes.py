"""Files of attributes: what is read, and every sentence about what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pipeline.errors import ModelError
from pipeline.interiors.attributes import read

SAID = {"architecture": "atelier-directions-1", "attributes": '["calm", "height"]', "modelSha256": "ab" * 32}


def written(folder: Path, values: torch.Tensor | None = None, **said: str) -> Path:
    """A file of two attributes of four numbers, or with other values or metadata."""
    path = folder / "mine.safetensors"
    tensor = torch.arange(8.0).view(2, 4) if values is None else values
    save_file({"directions": tensor}, path, {**SAID, **said})
    return path


@pytest.mark.parametrize("kind", [torch.float16, torch.float32, torch.float64])
def test_directions_are_read_as_float32_with_their_names(tmp_path: Path, kind: torch.dtype) -> None:
    found = read(written(tmp_path, torch.arange(8, dtype=kind).view(2, 4)), latent=4, sha256="ab" * 32)
    assert found.names == ("calm", "height")
    assert found.values.dtype == np.float32
    assert (found.values == np.arange(8).reshape(2, 4)).all()


@pytest.mark.parametrize(
    ("values", "said", "told"),
    [
        (None, {"architecture": "stylegan2"}, "holds stylegan2 and no attributes; give an atelier-directions-1 file"),
        (None, {"attributes": "calm"}, "its metadata lists no names under `attributes`; fit them again"),
        (None, {"attributes": '["calm", "calm"]'}, "its metadata lists no names"),
        (None, {"attributes": '["calm", "a/b"]'}, "its metadata lists no names"),
        (None, {"attributes": json.dumps(["calm", "x" * 61])}, "its metadata lists no names"),
        (None, {"attributes": '["calm"]'}, r"holds directions of \(2, 4\) for 1 attributes"),
        (torch.ones(8), {}, r"holds directions of \(8,\) for 2 attributes"),
        (torch.ones(2, 5), {}, "its directions have 5 numbers, and latents of this model have 4"),
        (
            None,
            {"modelSha256": "cd" * 32},
            "is for the model cdcdcdcdcdcd…, and this is abababababab…; fit the attributes",
        ),
        (None, {"modelSha256": ""}, "is for a model that it does not name"),
        (torch.full((2, 4), torch.inf), {}, "directions holds values that are not finite"),
        (torch.full((2, 4), 1e300, dtype=torch.float64), {}, "directions holds values that are not finite"),
        (torch.ones(2, 4, dtype=torch.bfloat16), {}, "directions are BF16; save them as F16, F32, F64"),
        (torch.ones(2, 4, dtype=torch.int64), {}, "directions are I64; save them as F16, F32, F64"),
    ],
)
def test_what_is_no_file_of_attributes_is_refused(
    tmp_path: Path, values: torch.Tensor | None, said: dict[str, str], told: str
) -> None:
    with pytest.raises(ModelError, match=rf"mine\.safetensors: {told}"):
        read(written(tmp_path, values, **said), latent=4, sha256="ab" * 32)


def test_damaged_and_missing_files_are_told(tmp_path: Path) -> None:
    whole = written(tmp_path).read_bytes()
    (tmp_path / "half.safetensors").write_bytes(whole[:-3])
    with pytest.raises(ModelError, match=r"half\.safetensors: is no whole safetensors file"):
        read(tmp_path / "half.safetensors", latent=4, sha256="ab" * 32)
    with pytest.raises(ModelError, match=r"gone\.safetensors: no such attributes"):
        read(tmp_path / "gone.safetensors", latent=4, sha256="ab" * 32)
