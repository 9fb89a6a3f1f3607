"""fast_neural_style checkpoints: every layout they come in, and the official outputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.examples_network import ExamplesNetwork
from pipeline.device import lighten
from pipeline.errors import ModelError
from pipeline.models import fns
from tests.models.checkpoints import SHARED, seeded, write_fns

FIXTURES = SHARED / "checkpoints"


def old_layout(tensors):
    norms = {name.split(".weight")[0]: t for name, t in tensors.items() if ".in" in f".{name}" and t.ndim == 1}
    extra = {f"{name}.running_mean": torch.zeros_like(t) for name, t in norms.items() if not name.endswith("bias")}
    return {**tensors, **extra, **{name.replace("mean", "var"): t + 1 for name, t in extra.items()}}


LAYOUTS = {"modern": dict, "old": old_layout, "wrapped": lambda tensors: {"state_dict": tensors, "epoch": 2}}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_loads_to_the_same_network(tmp_path, layout):
    network = seeded(fns.TransformerNetwork)
    torch.save(LAYOUTS[layout](dict(network.state_dict())), tmp_path / "a.pth")
    frames = torch.rand(1, 3, 24, 32)
    with torch.no_grad():
        assert torch.equal(fns.load(tmp_path / "a.pth")(frames), network(frames))


def test_the_old_layout_really_has_the_old_keys():
    keys = old_layout(seeded(fns.TransformerNetwork).state_dict()).keys()
    assert sum(key.endswith("running_mean") for key in keys) == 15


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (5, 5), (13, 18), (24, 32)])
def test_every_size_keeps_its_shape_and_range(size):
    with torch.no_grad():
        painted = seeded(fns.TransformerNetwork)(torch.rand(2, 3, *size))
    assert painted.shape == (2, 3, *size)
    assert 0 <= painted.min() <= painted.max() <= 1


@torch.inference_mode()
def test_a_frame_is_bit_identical_alone_and_in_a_batch():
    frames, network = torch.rand(3, 3, 40, 56), seeded(fns.TransformerNetwork)
    assert torch.equal(network(frames)[1:2], network(frames[1:2]))


@torch.inference_mode()
def test_bfloat16_is_within_a_code_or_two_even_in_the_light():
    frame = torch.rand(1, 3, 1, 1) * 0.2 + torch.rand(1, 3, 64, 80) * 0.8
    exact, light = (network(frame) for network in (bright(), lighten(bright(), torch.bfloat16)))
    assert exact.mean() > 0.6
    assert light.dtype is torch.float32
    assert ((light - exact) * 255).abs().mean() < 0.5


def bright():
    network = seeded(fns.TransformerNetwork)
    network.deconv3.conv2d.weight.data *= 30
    network.deconv3.conv2d.bias.data.fill_(200)
    return network


@torch.inference_mode()
@pytest.mark.parametrize("size", [(24, 32), (40, 56)])
def test_the_benchmarks_network_is_the_same_one(size):
    ours, plain, frames = seeded(fns.TransformerNetwork), ExamplesNetwork(), torch.rand(1, 3, *size)
    ours.deconv3.conv2d.bias.fill_(99)
    plain.load_state_dict(dict(zip(plain.state_dict(), ours.state_dict().values(), strict=True)))
    torch.testing.assert_close(plain(frames * 255).clamp(0, 255), ours(frames) * 255, atol=1e-3, rtol=0)


def test_another_networks_checkpoint_is_refused(tmp_path):
    torch.save({"conv9.weight": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"a\.pth: is no TransformerNetwork checkpoint"):
        fns.load(tmp_path / "a.pth")


def test_a_misshapen_tensor_is_refused_by_name(tmp_path):
    tensors = dict(seeded(fns.TransformerNetwork).state_dict())
    torch.save({**tensors, "deconv3.conv2d.bias": torch.zeros(4)}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"deconv3\.conv2d\.bias is \(4,\) where \(3,\) belongs"):
        fns.load(tmp_path / "a.pth")


def test_a_network_with_nan_is_refused(tmp_path):
    path = write_fns(tmp_path / "a.pth")
    tensors = torch.load(path, weights_only=True)
    tensors["in1.bias"][3] = torch.nan
    torch.save(tensors, path)
    with pytest.raises(ModelError, match=r"in1\.bias holds values that are not finite"):
        fns.load(path)


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the official implementation's fixtures are not at hand")
@pytest.mark.parametrize("case", ["", "_odd"])
def test_outputs_equal_the_official_implementations(case):
    frames = torch.from_numpy(np.load(FIXTURES / f"fns_in{case}.npy"))
    official = torch.from_numpy(np.load(FIXTURES / f"fns_out{case}.npy"))
    height, width = frames.shape[-2:]
    with torch.no_grad():
        painted = fns.load(FIXTURES / "fns_transformer.pth")(frames / 255) * 255
    assert (painted - official[..., :height, :width].clamp(0, 255)).abs().max() < 1e-3
