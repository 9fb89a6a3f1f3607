"""What the official code made of the official checkpoints, ours makes within 1e-4, in every mode.

Outputs by NVlabs/stylegan2-ada-pytorch and NVlabs/stylegan3, float32 on a CPU; they lie beside the checkout.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
from pipeline.models.stylegan.files import load, load_official, to_safetensors
from pipeline.models.stylegan.generator import Generator, to_pixels

FILES = Path(__file__).parents[3].parent / "shared/data/checkpoints"

pytestmark = pytest.mark.skipif(
    not FILES.is_dir(), reason="needs the folder shared/data/checkpoints beside the checkout"
)

KINDS = ("sg2ada", "sg3t")
TOLERANCE = 1e-4


@cache
def official(kind: str) -> Generator:
    """The checkpoint, as ours."""
    return load_official(FILES / f"{kind}_nosrc.pkl")


def output(kind: str, name: str) -> Tensor:
    """What the official code gave."""
    return torch.from_numpy(np.load(FILES / f"{kind}__{name}.npy"))


def near(ours: Tensor, theirs: Tensor) -> None:
    """Return if they are the same within the tolerance."""
    torch.testing.assert_close(ours, theirs.to(ours.dtype), atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("psi", "cutoff", "name"), [(1, None, "psi1"), (0.7, None, "psi0.7"), (0.5, 4, "psi0.5_cut4")])
@torch.no_grad()
def test_styles(kind: str, psi: float, cutoff: int | None, name: str) -> None:
    near(official(kind).styles(output(kind, "z"), psi=psi, cutoff=cutoff), output(kind, f"ws_{name}"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("psi", "noise"), [(1, "const"), (1, "none"), (0.7, "const")])
@torch.no_grad()
def test_pictures(kind: str, psi: float, noise: str) -> None:
    generator = official(kind)
    ws = generator.styles(output(kind, "z"), psi=psi)
    near(generator.picture(ws, noise=noise), output(kind, f"img_psi{psi}_{noise}"))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_random_noise_is_one_generators_in_the_order_of_layers(kind: str) -> None:
    generator = official(kind)
    ws = generator.styles(output(kind, "z")[:1])
    made = generator.picture(ws, noise=[torch.Generator().manual_seed(7)])
    near(made, output(kind, "img_psi1_random_tseed7"))


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_mixed_styles(kind: str) -> None:
    generator = official(kind)
    row, column, _ = generator.styles(output(kind, "z"))
    mixed = torch.cat([column[:4], row[4:]])
    near(generator.picture(mixed[None]), output(kind, "img_mix_row0_col1_styles0-3"))


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_pixels(kind: str) -> None:
    generator = official(kind)
    made = to_pixels(generator.picture(generator.styles(output(kind, "z")))).int()
    # Where a value lies on the edge of two codes, 1e-6 decides.
    assert (made - output(kind, "uint8_psi1_const").int()).abs().max() <= 1


@torch.no_grad()
def test_moved_and_turned() -> None:
    generator = official("sg3t")
    cosine, sine = math.cos(math.radians(30)), math.sin(math.radians(30))
    moved = torch.tensor([[cosine, sine, 0.1], [-sine, cosine, -0.05], [0, 0, 1]], dtype=torch.float64)
    made = generator.picture(generator.styles(output("sg3t", "z")), transform=moved.inverse())
    near(made, output("sg3t", "img_psi1_translate_x0.1_y-0.05_rot30deg"))


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_imported_checkpoint_gives_the_same_bits(kind: str, tmp_path: Path) -> None:
    generator = official(kind)
    path = tmp_path / "imported.safetensors"
    path.write_bytes(to_safetensors(generator))
    ws = generator.styles(output(kind, "z"))
    assert torch.equal(load(path).picture(ws), generator.picture(ws))


def test_our_designs_are_the_official_ones() -> None:
    small = {"z_dim": 64, "w_dim": 64, "channel_base": 2048, "channel_max": 64}
    assert stylegan2(64, **small) == official("sg2ada").config
    ours, theirs = untrained(stylegan3(64, **small)), official("sg3t")
    assert ours.config == theirs.config
    for name, tensor in theirs.state_dict().items():
        if name.endswith("_filter"):
            torch.testing.assert_close(ours.state_dict()[name], tensor, atol=1e-6, rtol=0)
