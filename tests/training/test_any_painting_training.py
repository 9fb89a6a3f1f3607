"""Training the network for any painting: textures, losses, and a run from the command line."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models import any_painting
from pipeline.models.features import FeatureNetwork
from pipeline.training import networks
from pipeline.training.any_painting import (
    AnyPaintingTask,
    Recipe,
    export,
    fresh_network,
    pairwise_loss,
    shape_loss,
)
from pipeline.training.photos import Photos
from pipeline.training.textures import Textures, pattern, recolour
from pipeline.weights import read
from tests.training.tiny import draw_pictures, write_features, write_vgg


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_textures_are_pictures_and_come_again_from_their_seed(folder, generator):
    textures = Textures([Photos(folder)])
    found = textures.batch(12, size_px=24, generator=generator)
    assert found.shape == (12, 3, 24, 24)
    assert 0 <= found.min() < found.max() <= 1
    assert torch.equal(found, textures.batch(12, size_px=24, generator=torch.Generator().manual_seed(0)))
    assert all(not torch.equal(one, other) for one, other in pairwise(found))


def test_recolouring_keeps_shapes_and_changes_colours(folder, generator):
    picture = Photos(folder).batch(1, size_px=32, generator=generator)
    found = recolour(picture, generator)
    assert found.shape == picture.shape
    assert 0 <= found.min() <= found.max() <= 1
    assert (found - picture).abs().mean() > 0.02


def test_patterns_have_more_than_one_colour(generator):
    for _ in range(8):
        found = pattern(24, generator)
        assert found.shape == (1, 3, 24, 24)
        assert 0 <= found.min() <= found.max() <= 1
        assert found.std((2, 3)).max() > 0


def test_pairs_are_compared_each_with_its_own():
    grams = torch.rand(2, 4, 4)
    assert pairwise_loss(grams, grams) == 0
    assert pairwise_loss(grams, grams.flip(0)) > 0
    assert pairwise_loss(grams * 0, grams) == pytest.approx(1)


def test_shape_loss_sees_neither_brightness_nor_contrast():
    features = torch.randn(1, 3, 8, 8)
    assert shape_loss(features * 3 + 5, features) == pytest.approx(0, abs=1e-4)
    assert shape_loss(features.flip(3), features) > 0.5


def test_features_are_scaled_to_one(folder, generator):
    pictures = Photos(folder).batch(6, size_px=32, generator=generator)
    network = fresh_network(FeatureNetwork(), pictures)
    planes = network.encoder.planes(pictures, ["relu3_1"])["relu3_1"]
    torch.testing.assert_close((planes.std((0, 2, 3)) * network.deep_scale), torch.ones(len(network.deep_scale)))


def test_every_weight_but_the_encoders_learns(folder, generator):
    photos, encoder = Photos(folder), FeatureNetwork()
    network = fresh_network(encoder, photos.batch(4, size_px=32, generator=generator))
    task = AnyPaintingTask(network, encoder.requires_grad_(False), photos, Textures([photos]), Recipe(crop_px=48))
    losses = task.losses(generator)
    assert set(losses) == {"content", "style", "shading", "variation", "temporal", "likeness"}
    torch.stack(list(losses.values())).sum().backward()
    without = {name.split(".")[0] for name, parameter in network.named_parameters() if parameter.grad is None}
    assert without == {"encoder"}


@pytest.fixture
def arguments(folder, tmp_path):
    return [
        *("--photos", str(folder), "--paintings", str(folder), "--iterations", "1", "--crop-px", "32"),
        *("--device", "cpu", "--out", str(tmp_path / "net.safetensors")),
    ]


def test_any_painting_is_trained_from_the_command_line(arguments, tmp_path):
    features = write_features(tmp_path / "features.safetensors")
    vgg = write_vgg(tmp_path / "vgg.npz")
    # An encoder of other ranks than the network's is none of its own.
    assert networks.main(["any-painting", *arguments, "--vgg", str(vgg), "--encoder", str(features)]) == 2
    assert networks.main(["any-painting", *arguments, "--vgg", str(vgg)]) == 0
    network = any_painting.load(tmp_path / "net.safetensors")
    assert network.bind([torch.rand(1, 3, 9, 9)], [1])(torch.rand(1, 3, 9, 9)).shape == (1, 3, 9, 9)
    assert read(tmp_path / "net.safetensors").metadata["features"].startswith("VGG19 up to conv3_4")


def test_features_are_distilled_from_the_command_line(arguments, tmp_path):
    vgg = write_vgg(tmp_path / "vgg.npz")
    assert networks.main(["features", *arguments, "--vgg", str(vgg)]) == 0
    assert read(tmp_path / "net.safetensors").metadata["iterations"] == "1"


def test_what_is_wrong_is_said_in_one_sentence_with_exit_code_2(arguments, capsys):
    assert networks.main(["features", *arguments, "--vgg", "gone.npz"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gone.npz: no such file")
    assert said.count("\n") == 1


def test_only_networks_for_any_painting_are_exported(tmp_path):
    with pytest.raises(ModelError, match="a Linear is no AnyPainting"):
        export(torch.nn.Linear(1, 1), tmp_path / "a.safetensors", {})
