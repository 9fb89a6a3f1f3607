"""Instance normalisation: right, the same for any number of threads, and float32 where it adds up."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pipeline.models.norm import InstanceNorm


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def norm(channels: int) -> InstanceNorm:
    layer = InstanceNorm(channels)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(-1, 2, channels))
        layer.bias.copy_(torch.linspace(1, -1, channels))
    return layer


def laid(features: torch.Tensor) -> torch.Tensor:
    return features.contiguous(memory_format=torch.channels_last)


def expected(layer: InstanceNorm, features: torch.Tensor) -> torch.Tensor:
    return F.instance_norm(features.double(), weight=layer.weight.double(), bias=layer.bias.double(), eps=1e-5).float()


@torch.inference_mode()
@pytest.mark.parametrize("count", [1, 3])
def test_it_normalises_as_pytorch_does(count):
    layer, features = norm(6), laid(torch.rand(count, 6, 19, 23) * 3 + 5)
    torch.testing.assert_close(layer(features), expected(layer, features), atol=1e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("whole", [False, True], ids=["parameters-float32", "parameters-bfloat16"])
def test_half_precision_is_off_by_its_own_rounding_alone(whole):
    layer, features = norm(6), laid(torch.randn(1, 6, 190, 230) + 3).bfloat16()
    wanted = expected(layer, features)
    painted = (layer.bfloat16() if whole else layer)(features)
    assert painted.dtype is torch.bfloat16
    torch.testing.assert_close(painted.float(), wanted, atol=0.02, rtol=0.01)
    assert (painted.float() - wanted).mean().abs() < 1e-3


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("size", [(48, 90, 160), (16, 181, 317), (3, 7, 5)])
def test_threads_change_no_bit(threads, dtype, size):
    layer, features = norm(size[0]), laid(torch.rand(1, *size)).to(dtype)
    painted = []
    for count in (1, 2, 3):
        threads(count)
        painted.append(layer(features))
    assert torch.equal(painted[0], painted[1])
    assert torch.equal(painted[0], painted[2])


@torch.inference_mode()
def test_what_is_even_becomes_the_bias():
    layer = norm(4)
    painted = layer(laid(torch.full((1, 4, 8, 8), 7.0)))
    torch.testing.assert_close(painted, layer.bias.view(1, 4, 1, 1).expand_as(painted), atol=1e-3, rtol=0)


def test_gradients_pass_through():
    features = torch.rand(2, 4, 8, 8, requires_grad=True)
    norm(4)(features).square().sum().backward()
    assert features.grad is not None
