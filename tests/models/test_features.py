"""The feature network that ships: VGG19's layers and nearly its answers, and files that are neither."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from pipeline.errors import ModelError
from pipeline.models import features
from pipeline.models.features import FeatureNetwork, open_features
from pipeline.models.vgg import LAYERS, Vgg19, load_vgg
from pipeline.training.distill import export
from pipeline.training.losses import gram
from pipeline.training.photos import Photos
from tests.models.checkpoints import SHARED
from tests.training.tiny import write_vgg

OXFORD = SHARED / "vgg19/vgg19_conv1_1_to_conv3_4.npz"
TO_RELU3_4 = LAYERS[:8]


@pytest.fixture(scope="module")
def shipped() -> FeatureNetwork:
    network = open_features()
    assert isinstance(network, FeatureNetwork)
    return network


def test_the_shipped_features_say_what_they_are(shipped):
    assert shipped.origin == "a small network of Atelier's own, distilled from VGG19 up to conv3_4"
    assert shipped.layers == TO_RELU3_4


def test_the_shipped_features_are_small_and_have_a_model_card():
    assert features.SHIPPED.stat().st_size <= 3_000_000
    card = features.SHIPPED.with_suffix(".md").read_text(encoding="utf-8")
    assert all(word in card for word in ("CC BY 4.0", "Oxford", "BSDS500", "losses", "iterations"))


@torch.no_grad()
def test_layers_have_vgg19s_shapes(shipped):
    picture = torch.rand(2, 3, 33, 20)
    ours, vggs = shipped(picture, TO_RELU3_4), Vgg19(bgr=True, depth=8)(picture, TO_RELU3_4)
    assert list(ours) == list(vggs)
    assert [ours[layer].shape for layer in ours] == [vggs[layer].shape for layer in vggs]


@torch.no_grad()
def test_only_the_layers_asked_for_are_given(shipped):
    assert set(shipped(torch.rand(1, 3, 8, 8), ["relu2_1", "relu1_1"])) == {"relu1_1", "relu2_1"}


@pytest.mark.parametrize("network", [FeatureNetwork(), Vgg19(bgr=True, depth=8)], ids=["ours", "vgg19"])
def test_a_layer_that_is_lacking_is_refused_by_name(network):
    with pytest.raises(ModelError, match=r"has no layer relu5_1; its layers are relu1_1, .*relu3_4"):
        network(torch.rand(1, 3, 16, 16), ["relu1_1", "relu5_1"])


def test_gradients_reach_the_picture_alone(shipped):
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    shipped(picture, ["relu3_4"])["relu3_4"].sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in shipped.parameters())


@torch.no_grad()
def test_planes_are_what_features_are_lifted_from(shipped):
    picture = torch.rand(1, 3, 16, 16)
    plane = shipped.planes(picture, ["relu2_1"])["relu2_1"]
    assert plane.shape == (1, shipped.ranks[1], 8, 8)
    lift = shipped.convolutions["relu2_1"][1]
    torch.testing.assert_close(F.relu(lift(plane)), shipped(picture, ["relu2_1"])["relu2_1"])


def test_features_can_be_opened_from_every_kind_of_file(tmp_path):
    vgg = load_vgg(write_vgg(tmp_path / "vgg.npz"))
    state: dict[str, Tensor] = {}
    for name, (index, _, _) in zip(vgg.layers, [(0, 0, 0), (2, 0, 0), (5, 0, 0), (7, 0, 0)], strict=False):
        state[f"features.{index}.weight"] = vgg.convolutions[name].weight.detach().clone()
        state[f"features.{index}.bias"] = vgg.convolutions[name].bias.detach().clone()
    torch.save(state, tmp_path / "vgg.pth")
    save_file(state, tmp_path / "vgg.safetensors")
    export(FeatureNetwork((2, 2)), tmp_path / "ours.safetensors", {})
    kinds = {path.name: open_features(path) for path in tmp_path.iterdir()}
    assert {name: len(kind.layers) for name, kind in kinds.items()} == {
        "vgg.npz": 8,
        "vgg.pth": 4,
        "vgg.safetensors": 4,
        "ours.safetensors": 3,
    }
    assert kinds["vgg.pth"].origin.startswith("VGG19 up to conv2_2, from ")


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "f.safetensors"
    if content is not None:
        path.write_bytes(content)
    for read in (open_features, features.load):
        with pytest.raises(ModelError, match=r"f\.safetensors: "):
            read(path)


@pytest.mark.parametrize("ranks", ["many", "0", "9999", "1 " * 16])
def test_nonsense_ranks_in_metadata_are_refused(tmp_path, ranks):
    path = tmp_path / "f.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata={"architecture": features.ARCHITECTURE, "ranks": ranks})
    with pytest.raises(ModelError, match="its metadata"):
        open_features(path)


def test_another_networks_file_is_refused(tmp_path):
    path = tmp_path / "f.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata={"architecture": "mosaic-9"})
    with pytest.raises(ModelError, match="holds mosaic-9, not atelier-features-1"):
        features.load(path)
    with pytest.raises(ModelError, match=r"features\.0 is missing"):
        open_features(path)


@pytest.mark.skipif(not OXFORD.is_file(), reason="VGG19's weights are not at hand")
@torch.no_grad()
def test_the_shipped_features_answer_as_vgg19_does(shipped):
    vgg, layers = load_vgg(OXFORD), ("relu1_2", "relu2_2", "relu3_1", "relu3_4")
    generator = torch.Generator().manual_seed(1)
    pictures = Photos(SHARED / "paintings").batch(2, size_px=128, generator=generator)
    ours, vggs = shipped(pictures, layers), vgg(pictures, layers)
    for layer in layers:
        assert F.cosine_similarity(ours[layer], vggs[layer]).mean() > 0.98
        assert F.mse_loss(gram(ours[layer]), gram(vggs[layer])) < 0.01 * gram(vggs[layer]).square().mean()
