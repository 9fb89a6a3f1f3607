"""AdaIN's checkpoints and outputs, and everything that is not one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.adain import AdaIN, AdainDecoder, AdainEncoder, load_decoder, load_encoder
from tests.models.checkpoints import SHARED, seeded

FIXTURES = SHARED / "checkpoints"
official = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the official implementation's fixtures are not at hand")


def fixture(name):
    return torch.from_numpy(np.load(FIXTURES / f"adain_{name}.npy"))


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """An encoder as long as the official one, and a decoder."""
    folder = tmp_path_factory.mktemp("adain")
    deeper = {"32.weight": torch.zeros(2, 2), "51.bias": torch.zeros(2)}
    torch.save({**seeded(AdainEncoder).state_dict(), **deeper}, folder / "vgg_normalised.pth")
    torch.save(seeded(AdainDecoder).state_dict(), folder / "decoder.pth")
    return folder / "vgg_normalised.pth", folder / "decoder.pth"


def test_a_whole_vgg_is_read_as_far_as_it_is_needed(halves):
    adain = AdaIN(load_encoder(halves[0]), load_decoder(halves[1]))
    painted = adain.bind([torch.rand(1, 3, 20, 30)], [1])(torch.rand(1, 3, 17, 40))
    assert painted.shape == (1, 3, 17, 40)
    assert not any(parameter.requires_grad for parameter in adain.parameters())


def test_halves_that_are_swapped_are_told_apart(halves):
    with pytest.raises(ModelError, match=r"decoder\.pth: is AdaIN's decoder; give vgg_normalised\.pth"):
        load_encoder(halves[1])
    with pytest.raises(ModelError, match=r"vgg_normalised\.pth: is AdaIN's encoder; give decoder\.pth"):
        load_decoder(halves[0])


@pytest.mark.parametrize("load", [load_encoder, load_decoder])
@pytest.mark.parametrize("content", [None, b"", b"no network"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, load, content):
    if content is not None:
        (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ModelError, match=r"a\.pth: "):
        load(tmp_path / "a.pth")


@pytest.mark.parametrize("load", [load_encoder, load_decoder])
def test_another_network_is_refused(tmp_path, load):
    torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"a\.pth: is no Adain(En|De)coder checkpoint"):
        load(tmp_path / "a.pth")


@official
@torch.no_grad()
@pytest.mark.parametrize(("strength", "name"), [(1.0, "alpha1"), (0.5, "alpha05")])
def test_outputs_equal_the_official_implementations(strength, name):
    adain = AdaIN(load_encoder(FIXTURES / "adain_vgg_first31.pth"), load_decoder(FIXTURES / "adain_decoder.pth"))
    painted = adain.bind([fixture("style")], [1], strength=strength)(fixture("content"))
    assert (painted - fixture(f"out_{name}").clamp(0, 1)).abs().max() < 1e-4


@official
@torch.no_grad()
def test_features_equal_the_official_implementations():
    encoder = load_encoder(FIXTURES / "adain_vgg_first31.pth")
    assert (encoder(fixture("content")) - fixture("feat_content")).abs().max() < 1e-4
