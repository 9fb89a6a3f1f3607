"""VGG19's features: layers, input conventions, and files that are not VGG19."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.vgg import LAYERS, Vgg19, load_vgg
from tests.models.checkpoints import SHARED
from tests.training.tiny import write_vgg

OXFORD = SHARED / "vgg19/vgg19_conv1_1_to_conv3_4.npz"


@torch.no_grad()
def test_each_layer_has_its_size_and_channels():
    found = Vgg19(bgr=True)(torch.rand(1, 3, 32, 24), LAYERS)
    sizes = {name: tuple(features.shape[1:]) for name, features in found.items()}
    assert sizes["relu1_2"] == (64, 32, 24)
    assert sizes["relu2_2"] == (128, 16, 12)
    assert sizes["relu3_4"] == (256, 8, 6)
    assert sizes["relu5_4"] == (512, 2, 1)
    assert tuple(found) == LAYERS


def test_only_the_layers_asked_for_are_given():
    assert set(Vgg19(bgr=True, depth=4)(torch.rand(1, 3, 8, 8), ["relu2_1", "relu1_1"])) == {"relu1_1", "relu2_1"}


@pytest.mark.parametrize("bgr", [True, False])
def test_the_mean_colour_is_nothing_to_vgg(tmp_path, bgr):
    vgg = Vgg19(bgr=bgr, depth=1)
    colour = [123.68 / 255, 116.779 / 255, 103.939 / 255] if bgr else [0.485, 0.456, 0.406]
    vgg.convolutions["relu1_1"].bias.data.zero_()
    found = vgg(torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, 8, 8), ["relu1_1"])["relu1_1"]
    assert found.abs().max() < 1e-3


def test_oxfords_input_is_bgr_in_0_to_255(tmp_path):
    vgg = Vgg19(bgr=True, depth=1)
    first = vgg.convolutions["relu1_1"]
    first.weight.data.zero_()
    first.bias.data.zero_()
    first.weight.data[0, 0, 1, 1] = 1
    blue = torch.tensor([0.0, 0.0, 1.0]).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert vgg(blue, ["relu1_1"])["relu1_1"][0, 0, 0, 0] == pytest.approx(255 - 103.939)


def test_vgg_learns_nothing_but_lets_gradients_through(tmp_path):
    vgg, pictures = load_vgg(write_vgg(tmp_path / "vgg.npz")), torch.rand(1, 3, 16, 16, requires_grad=True)
    vgg(pictures, ["relu3_4"])["relu3_4"].sum().backward()
    assert pictures.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in vgg.parameters())


@pytest.mark.parametrize("damage", ["gone", "text", "empty", "cut", "misshapen"])
def test_a_file_that_is_not_vgg_is_named(tmp_path, damage):
    path = tmp_path / "vgg.npz"
    if damage in ("empty", "misshapen"):
        np.savez(path, **({"features.0.weight": np.zeros((2, 2))} if damage == "misshapen" else {}))
    elif damage == "text":
        path.write_text("convolutions")
    elif damage == "cut":
        path.write_bytes(write_vgg(path).read_bytes()[:50_000])
    with pytest.raises(ModelError, match=r"vgg\.npz: "):
        load_vgg(path)


def test_vgg_is_as_deep_as_its_file_and_says_so(tmp_path):
    vgg = load_vgg(write_vgg(tmp_path / "vgg.npz"))
    assert vgg.layers == LAYERS[:8]
    assert vgg.origin == f"VGG19 up to conv3_4, from {tmp_path / 'vgg.npz'}"
    with pytest.raises(ModelError, match=r"vgg\.npz: has no layer relu4_2; its layers are relu1_1"):
        vgg(torch.rand(1, 3, 32, 32), ["relu1_1", "relu4_2"])


@pytest.mark.parametrize("wrap", [dict, lambda state: {"state_dict": state}])
def test_a_torch_file_is_torchvisions_whatever_lies_beside_the_convolutions(tmp_path, wrap):
    with np.load(write_vgg(tmp_path / "vgg.npz")) as arrays:
        state = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    torch.save(wrap({**state, "classifier.0.weight": torch.zeros(2, 2)}), tmp_path / "vgg.pth")
    vgg = load_vgg(tmp_path / "vgg.pth")
    assert (vgg.bgr, vgg.layers) == (False, LAYERS[:8])


def test_a_download_that_fails_is_explained(monkeypatch):
    def fail(*, weights):
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.models.vgg19", fail)
    with pytest.raises(ModelError, match=r"cannot be downloaded \(no route to host\); give its weights as a file"):
        load_vgg()


def test_weights_that_are_not_finite_are_refused(tmp_path):
    with np.load(write_vgg(tmp_path / "vgg.npz")) as arrays:
        state = {name: arrays[name] for name in arrays.files}
    state["features.2.bias"][0] = np.nan
    np.savez(tmp_path / "vgg.npz", **state)
    with pytest.raises(ModelError, match=r"features\.2 holds values that are not finite"):
        load_vgg(tmp_path / "vgg.npz")


@pytest.mark.skipif(not OXFORD.is_file(), reason="VGG19's weights are not at hand")
def test_oxfords_weights_tell_a_picture_from_its_noise():
    vgg = load_vgg(OXFORD)
    smooth = torch.linspace(0, 1, 32).view(1, 1, 1, 32).expand(1, 3, 32, 32)
    noisy = smooth + 0.2 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    calm, busy = (vgg(picture, ["relu1_2"])["relu1_2"].std() for picture in (smooth, noisy))
    assert busy > calm
