"""Our network that doubles pictures: its contract, what ships, and files that are not it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from pipeline import device
from pipeline.errors import ModelError
from pipeline.models import upscale
from pipeline.models.upscale import UpscaleNetwork
from pipeline.training.upscaling import export
from tests.models.checkpoints import seeded


@pytest.fixture(scope="module")
def shipped():
    return upscale.load()


@pytest.fixture
def frames():
    return torch.rand(3, 3, 20, 27, generator=torch.Generator().manual_seed(0))


def test_the_shipped_network_is_small_and_has_a_model_card():
    assert upscale.SHIPPED.stat().st_size <= 500_000
    card = upscale.SHIPPED.with_suffix(".md").read_text(encoding="utf-8")
    assert all(row in card for row in ("pictures", "losses", "iterations", "licence"))


def test_an_untrained_network_enlarges_as_a_bicubic_filter_does(frames):
    smooth = F.interpolate(frames, scale_factor=2, mode="bicubic", align_corners=False).clamp(0, 1)
    with torch.no_grad():
        torch.testing.assert_close(UpscaleNetwork(8, 1)(frames), smooth)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (7, 2), (31, 18)])
@torch.inference_mode()
def test_pictures_of_any_size_are_doubled(shipped, height, width):
    doubled = shipped(torch.rand(2, 3, height, width))
    assert doubled.shape == (2, 3, 2 * height, 2 * width)
    assert doubled.dtype == torch.float32
    assert 0 <= doubled.min() <= doubled.max() <= 1


@torch.inference_mode()
def test_a_frames_bits_do_not_depend_on_its_batch(shipped, frames):
    assert torch.equal(shipped(frames)[1], shipped(frames[1:2])[0])
    assert torch.equal(shipped(frames), shipped(frames))


@torch.inference_mode()
def test_pixels_farther_away_than_the_reach_change_nothing():
    network = seeded(UpscaleNetwork, channels=8, blocks=2)
    torch.nn.init.normal_(network.tail.weight, generator=torch.Generator().manual_seed(0))
    picture = torch.rand(1, 3, 1, 60, generator=torch.Generator().manual_seed(1))
    other = picture.clone()
    other[..., 30 + network.reach_px + 1 :] = 0
    apart = (network.enlarge(picture) - network.enlarge(other)).abs().amax((0, 1, 2))
    assert apart[:62].max() < 1e-6
    assert apart[62:].min() > 0


@torch.inference_mode()
def test_an_even_picture_keeps_its_colour(shipped):
    colours = torch.tensor([[0.9, 0.85, 0.7], [0.05, 0.1, 0.2], [0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])
    even = colours[..., None, None].expand(-1, -1, 16, 16)
    assert (shipped(even) - colours[..., None, None]).abs().max() < 2.5 / 255


@torch.inference_mode()
def test_half_precision_is_within_a_few_codes(shipped, frames):
    light = device.lighten(upscale.load(), torch.bfloat16)(frames)
    assert light.dtype == torch.float32
    assert (light - shipped(frames)).abs().max() < 6 / 255


def test_half_precision_weights_load_into_a_float32_network_ready_to_paint(shipped):
    assert not shipped.training
    assert {parameter.dtype for parameter in shipped.parameters()} == {torch.float32}


def test_a_written_network_is_read_as_it_was(tmp_path):
    network = seeded(UpscaleNetwork, channels=8, blocks=2)
    export(network, tmp_path / "a.safetensors", {})
    read = upscale.load(tmp_path / "a.safetensors")
    assert read.sizes == network.sizes
    torch.testing.assert_close(read.head.weight, network.head.weight, atol=1e-3, rtol=0)


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.safetensors: "):
        upscale.load(tmp_path / "a.safetensors")


def test_a_file_that_is_cut_off_is_refused_in_one_sentence(tmp_path):
    whole = upscale.SHIPPED.read_bytes()
    (tmp_path / "a.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"a\.safetensors: is no whole safetensors file") as caught:
        upscale.load(tmp_path / "a.safetensors")
    assert "\n" not in str(caught.value)


def test_another_architecture_is_refused_by_name(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata={"architecture": "mosaic-9"})
    with pytest.raises(ModelError, match=r"a\.safetensors: holds mosaic-9, not atelier-upscale-1; give an upscaler"):
        upscale.load(tmp_path / "a.safetensors")


@pytest.mark.parametrize(("key", "value"), [("channels", "many"), ("channels", "0"), ("blocks", "99999")])
def test_nonsense_sizes_in_metadata_are_refused(tmp_path, key, value):
    said = {"architecture": upscale.ARCHITECTURE, "channels": "8", "blocks": "2", key: value}
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata=said)
    with pytest.raises(ModelError, match=r"a\.safetensors: its metadata"):
        upscale.load(tmp_path / "a.safetensors")


def test_missing_tensors_are_named(tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors", metadata=UpscaleNetwork(8, 2).metadata())
    with pytest.raises(ModelError, match="is no UpscaleNetwork checkpoint"):
        upscale.load(tmp_path / "a.safetensors")


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    network = UpscaleNetwork(8, 1)
    torch.nn.init.constant_(network.head.weight, float("nan"))
    export(network, tmp_path / "a.safetensors", {})
    with pytest.raises(ModelError, match=r"head\.weight holds values that are not finite"):
        upscale.load(tmp_path / "a.safetensors")
