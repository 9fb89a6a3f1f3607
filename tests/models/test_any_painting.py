"""Our own network for any painting: what ships, and files that are not it."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from pipeline.errors import ModelError
from pipeline.models import any_painting
from pipeline.models.any_painting import AnyPainting
from pipeline.training.any_painting import export


@pytest.fixture(scope="module")
def shipped():
    return any_painting.load()


def test_the_shipped_network_is_small_and_has_a_model_card():
    assert any_painting.SHIPPED.stat().st_size <= 8_000_000
    card = any_painting.SHIPPED.with_suffix(".md").read_text(encoding="utf-8")
    assert all(row in card for row in ("painting", "photographs", "losses", "iterations", "licence"))


@torch.inference_mode()
def test_a_frame_takes_on_the_paintings_colours(shipped):
    frame = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
    colour = torch.tensor([0.8, 0.3, 0.2]).view(1, 3, 1, 1)
    painting = colour + 0.1 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    painted = shipped.bind([painting.clamp(0, 1)], [1.0])(frame)
    assert (painted.mean((2, 3)) - colour.flatten()).abs().max() < 0.15


@torch.inference_mode()
def test_without_strength_a_picture_stays_nearly_itself(shipped):
    x, y = torch.meshgrid(torch.linspace(0, 1, 96), torch.linspace(0, 1, 80), indexing="ij")
    picture = torch.stack([x, y, (x * 9).sin() / 2 + 0.5]).unsqueeze(0)
    painted = shipped.bind([picture.flip(1)], [1.0], strength=0)(picture)
    assert (painted - picture).abs().mean() < 0.1


def test_half_precision_weights_load_into_a_float32_network_ready_to_paint(shipped):
    assert not shipped.training
    assert {parameter.dtype for parameter in shipped.parameters()} == {torch.float32}


def test_a_written_network_is_read_as_it_was(tmp_path):
    network = AnyPainting(coarse=8, quarter=8, half=8, full=4)
    export(network, tmp_path / "a.safetensors", {})
    read = any_painting.load(tmp_path / "a.safetensors")
    assert read.sizes == network.sizes
    torch.testing.assert_close(read.to_picture.weight, network.to_picture.weight, atol=1e-3, rtol=0)


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.safetensors: "):
        any_painting.load(tmp_path / "a.safetensors")


def test_another_architecture_is_refused_by_name(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata={"architecture": "mosaic-9"})
    with pytest.raises(ModelError, match=r"a\.safetensors: holds mosaic-9, not atelier-any-1"):
        any_painting.load(tmp_path / "a.safetensors")


@pytest.mark.parametrize("half", ["many", "0", "99999"])
def test_nonsense_sizes_in_metadata_are_refused(tmp_path, half):
    said = {"architecture": any_painting.ARCHITECTURE, "coarse": "8", "quarter": "8", "half": half, "full": "8"}
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata=said)
    with pytest.raises(ModelError, match="its metadata"):
        any_painting.load(tmp_path / "a.safetensors")


def test_missing_tensors_are_named(tmp_path):
    said = {**AnyPainting(coarse=8, quarter=8, half=8, full=4).metadata()}
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata=said)
    with pytest.raises(ModelError, match="is no AnyPainting checkpoint"):
        any_painting.load(tmp_path / "a.safetensors")
