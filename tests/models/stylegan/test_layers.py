"""Dense layers and modulated convolutions."""

from __future__ import annotations

import pytest
import torch

from pipeline.models.stylegan.config import Synthesis2Config
from pipeline.models.stylegan.layers import Dense, activated, normalised
from pipeline.models.stylegan.synthesis2 import ModulatedLayer, ToRGB
from tests.models.stylegan.plain import modulated, upsampled_then_convolved

CONFIG = Synthesis2Config(w_dim=8, resolution=16, channels=(6, 5, 4))


def test_a_dense_layers_output_has_unit_variance_whatever_its_learning_rate() -> None:
    torch.manual_seed(0)
    for rate in (1.0, 0.01):
        assert 0.9 < Dense(512, 512, rate=rate)(torch.randn(64, 512)).std().item() < 1.1


def test_a_dense_layers_bias_is_what_was_asked_for() -> None:
    layer = Dense(4, 3, bias=1.0, rate=0.01)
    torch.testing.assert_close(layer(torch.zeros(1, 4)), torch.ones(1, 3))


def test_normalised_rows_have_unit_mean_square() -> None:
    rows = normalised(torch.randn(5, 32) * 100)
    torch.testing.assert_close(rows.square().mean(1), torch.ones(5))


def test_activation_is_bounded_after_its_gain() -> None:
    out = activated(torch.tensor([[[[100.0, -100.0]]]]), torch.zeros(1), gain=0.5, most=10)
    assert out.flatten().tolist() == [5.0, -5.0]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("graded", [True, False])
def test_a_layer_is_the_grouped_convolution_of_the_paper(count: int, graded: bool) -> None:
    torch.manual_seed(0)
    layer = ModulatedLayer(6, 5, 16, CONFIG, enlarges=False)
    torch.nn.init.normal_(layer.bias)
    features, w = torch.randn(count, 6, 16, 16), torch.randn(count, 8)
    expected = modulated(features, layer.weight, layer.affine(w), demodulates=True, padding=1)
    expected = torch.nn.functional.leaky_relu(expected + layer.bias.view(1, -1, 1, 1), 0.2) * 2**0.5
    before = features.clone()
    with torch.set_grad_enabled(graded):
        torch.testing.assert_close(layer(features, w, "none"), expected, atol=1e-5, rtol=1e-5)
    assert torch.equal(features, before), "what is finished in place is the layer's own"


def test_a_layer_that_enlarges_filters_before_it_convolves() -> None:
    torch.manual_seed(0)
    layer = ModulatedLayer(6, 5, 16, CONFIG, enlarges=True)
    features = torch.randn(2, 6, 8, 8)
    expected = upsampled_then_convolved(features, layer.weight, layer.resample_filter)
    torch.testing.assert_close(layer._convolved(features, layer.weight), expected, atol=1e-5, rtol=1e-5)


def test_a_picture_is_not_demodulated() -> None:
    torch.manual_seed(0)
    layer = ToRGB(6, CONFIG)
    features, w = torch.randn(3, 6, 4, 4), torch.randn(3, 8)
    expected = modulated(features, layer.weight, layer.affine(w) / 6**0.5, demodulates=False, padding=0)
    torch.testing.assert_close(layer(features, w), expected, atol=1e-5, rtol=1e-5)


def test_noise_is_the_layers_own_or_none_or_each_pictures_own() -> None:
    torch.manual_seed(0)
    layer = ModulatedLayer(6, 5, 16, CONFIG, enlarges=False)
    torch.nn.init.ones_(layer.noise_strength)
    features, w = torch.randn(2, 6, 16, 16), torch.randn(2, 8)

    def random(*seeds: int) -> torch.Tensor:
        return layer(features[: len(seeds)], w[: len(seeds)], [torch.Generator().manual_seed(seed) for seed in seeds])

    const, none = layer(features, w, "const"), layer(features, w, "none")
    assert not torch.allclose(const, none)
    assert not torch.allclose(random(1, 2), const)
    torch.testing.assert_close(random(1, 2)[:1], random(1))
    assert not torch.allclose(random(1, 1)[0], random(1, 2)[1])
