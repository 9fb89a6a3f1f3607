"""Distilling VGG19: the planes it begins from, what it is shown, and what is written."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pipeline.errors import ModelError
from pipeline.models.features import FeatureNetwork, load
from pipeline.models.vgg import Vgg19, load_vgg
from pipeline.training.distill import Crops, DistilTask, distil, export, factorise
from pipeline.training.schedule import Schedule
from tests.training.tiny import draw_pictures, write_vgg

LAYERS = ("relu1_1", "relu1_2", "relu2_1")


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    return load_vgg(write_vgg(tmp_path_factory.mktemp("vgg") / "vgg.npz"))


@pytest.fixture(scope="module")
def crops(tmp_path_factory):
    return Crops([draw_pictures(tmp_path_factory.mktemp("a")), draw_pictures(tmp_path_factory.mktemp("b"))], 24)


def shown(crops, count=4):
    return crops.batch(count, torch.Generator().manual_seed(0))


@torch.no_grad()
def test_planes_of_full_rank_lose_nothing(vgg, crops):
    pictures = shown(crops)
    network = factorise(vgg, pictures, (64, 128))
    wanted, found = vgg(pictures, LAYERS), network(pictures, LAYERS)
    for layer in LAYERS:
        torch.testing.assert_close(found[layer], wanted[layer], rtol=1e-3, atol=1e-2)


@torch.no_grad()
def test_wider_planes_lose_less(vgg, crops):
    pictures = shown(crops)
    wanted = vgg(pictures, ["relu2_1"])["relu2_1"]
    lost = [
        F.mse_loss(factorise(vgg, pictures, ranks)(pictures, ["relu2_1"])["relu2_1"], wanted)
        for ranks in ((4, 4), (16, 16), (32, 64))
    ]
    assert lost == sorted(lost, reverse=True)


def test_torchvisions_vgg_is_not_factored(crops):
    with pytest.raises(ModelError, match="give Oxford's convolutions"):
        factorise(Vgg19(bgr=False, depth=3), shown(crops), (4, 4))


def test_a_vgg_that_is_too_shallow_is_refused(crops):
    with pytest.raises(ModelError, match="up to relu2_1"):
        factorise(Vgg19(bgr=True, depth=2), shown(crops), (4, 4))


def test_a_network_that_answers_as_vgg_has_nothing_to_learn(vgg, crops):
    network = factorise(vgg, shown(crops), (64, 128))
    losses = DistilTask(network, vgg, crops).losses(torch.Generator().manual_seed(1))
    assert float(sum(losses.values()).detach()) < 1e-3


def test_crops_come_from_every_folder_and_lie_in_range(crops):
    batch = shown(crops, 6)
    assert batch.shape == (6, 3, 24, 24)
    assert 0 <= batch.min() < batch.max() <= 1
    assert torch.equal(batch, shown(crops, 6))


def test_distilling_writes_features_that_load(vgg, crops, tmp_path):
    folders = [photos.paths[0].parent for photos in crops.folders]
    out = distil(vgg, folders, tmp_path / "f.safetensors", schedule=Schedule(iterations=1), batch=1, crop_px=16)
    network = load(out)
    assert network(torch.rand(1, 3, 16, 16), ["relu3_4"])["relu3_4"].shape == (1, 256, 4, 4)
    assert not network.training


def test_only_feature_networks_are_exported(tmp_path):
    with pytest.raises(ModelError, match="a Linear is no FeatureNetwork"):
        export(torch.nn.Linear(1, 1), tmp_path / "a.safetensors", {})
    export(FeatureNetwork((2,)), tmp_path / "a.safetensors", {})
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
