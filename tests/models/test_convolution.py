"""Reflected borders, and enlarging convolutions computed at the small size: the same numbers, sooner."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pipeline.models.convolution import EnlargingConv2d, ReflectConv2d, phase_kernels
from tests.models.checkpoints import seeded


def enlarging(size: int, *, normed: bool = False) -> EnlargingConv2d:
    return seeded(EnlargingConv2d, inputs=5, outputs=3, size=size, normed=normed)


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("size", [(2, 2), (3, 2), (4, 5), (8, 9), (17, 12)])
def test_painting_at_the_small_size_equals_enlarging_first_up_to_the_border(kernel, size):
    layer, features = enlarging(kernel), torch.rand(2, 5, *size)
    enlarged = F.interpolate(features, scale_factor=2, mode="bilinear")
    if kernel // 2 >= 2 * min(size):
        pytest.skip("PyTorch itself cannot reflect so far")
    expected = F.conv2d(F.pad(enlarged, (kernel // 2,) * 4, mode="reflect"), layer.weight, layer.bias)
    with torch.no_grad():
        painted = layer(features)
    torch.testing.assert_close(painted, expected.detach(), atol=1e-5, rtol=0)


def test_training_and_painting_compute_the_same():
    layer, features = enlarging(5), torch.rand(1, 5, 9, 11)
    with torch.no_grad():
        painted = layer(features)
    torch.testing.assert_close(layer(features).detach(), painted, atol=1e-5, rtol=0)


def test_phase_kernels_keep_the_sum_of_the_kernel():
    weight = torch.rand(3, 5, 5, 5)
    kernels, reach = phase_kernels(weight)
    assert kernels.shape == (12, 5, 2 * reach + 1, 2 * reach + 1)
    torch.testing.assert_close(kernels.sum((2, 3)), weight.sum((2, 3)).repeat(4, 1))


def test_a_bias_before_a_normalisation_is_trained_but_not_painted_with():
    layer, features = seeded(ReflectConv2d, inputs=2, outputs=3, size=3), torch.rand(1, 2, 6, 6)
    with torch.no_grad():
        painted = layer(features)
    torch.testing.assert_close(
        layer(features).detach() - painted, layer.bias.detach().view(1, 3, 1, 1).expand(1, 3, 6, 6)
    )


def test_a_bias_that_no_normalisation_takes_away_is_kept():
    layer = seeded(ReflectConv2d, inputs=2, outputs=3, size=3, normed=False)
    with torch.no_grad():
        assert torch.equal(layer(torch.zeros(1, 2, 6, 6))[0, :, 0, 0], layer.bias)
