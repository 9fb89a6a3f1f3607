"""Whether labelled pictures are designs or photographs, and what becomes of those that are neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.catalog import digest
from pipeline.errors import ModelError
from pipeline.images import encode_png
from pipeline.models.vae.files import load
from pipeline.tensors import to_tensor
from pipeline.training.attributes.pictures import found
from tests.interiors.making import LATENT, SIZE, photograph, write_design, write_designer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures")
    model = write_designer(made / "rooms.safetensors")
    write_design(made / "design.png", model, np.arange(LATENT, dtype=np.float32))
    write_design(made / "torn.png", model, np.zeros(LATENT, np.float32), wShape="7")
    write_design(made / "foreign.png", write_designer(made / "other.safetensors", seed=1), np.zeros(8, np.float32))
    (made / "photo.png").write_bytes(encode_png(photograph(SIZE, SIZE)))
    (made / "tiny.png").write_bytes(encode_png(photograph(15, 40)))
    (made / "half.png").write_bytes((made / "photo.png").read_bytes()[:900])
    (made / "none.png").write_bytes(b"no picture")
    return made


def test_designs_tell_their_latent_and_photographs_are_encoded(folder: Path) -> None:
    vae, sha256 = load(folder / "rooms.safetensors"), digest(folder / "rooms.safetensors")
    names = ("design", "gone", "half", "none", "photo", "tiny", "torn")
    seen: list[int] = []
    pictures = found([folder / f"{name}.png" for name in names], vae, sha256=sha256, report=seen.append)
    assert (pictures.names, pictures.designs) == (("design.png", "photo.png"), 1)
    assert pictures.z[0].tolist() == list(range(LATENT))
    with torch.no_grad():
        own = vae.encode(to_tensor(photograph(SIZE, SIZE)[None])).mean[0]
    assert torch.equal(pictures.z[1], own)
    assert [said.partition(":")[0] for said in pictures.skipped] == [
        *("gone.png", "half.png", "none.png", "tiny.png", "torn.png")
    ]
    assert str(folder) not in "".join(pictures.skipped)
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_a_design_of_another_model_is_refused(folder: Path) -> None:
    vae, sha256 = load(folder / "rooms.safetensors"), digest(folder / "rooms.safetensors")
    with pytest.raises(ModelError, match=r"^foreign\.png: its latent is of other"):
        found([folder / "foreign.png"], vae, sha256=sha256)
