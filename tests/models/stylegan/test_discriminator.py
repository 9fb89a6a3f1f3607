"""The discriminator: official ones fit into it, half sizes are where the plain formulation has them, classes count."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from pipeline.models.stylegan.discriminator import Convolution, Discriminator, with_deviation
from pipeline.models.stylegan.resample import filtering
from pipeline.official import read_networks
from tests.models.stylegan.test_official_outputs import FILES


def test_an_official_discriminator_fits_name_by_name() -> None:
    path = FILES / "sg2ada_nosrc.pkl"
    if not path.exists():
        pytest.skip("needs the folder shared/data/checkpoints beside the checkout")
    official = read_networks(path)["D"].tensors
    ours = Discriminator(64, (16, 16, 16, 16, 8))
    # Its last block has a filter that nothing uses.
    assert {name: value.shape for name, value in ours.state_dict().items()} == {
        name: value.shape for name, value in official.items()
    }
    ours.load_state_dict(official)
    assert ours(torch.rand(4, 3, 64, 64) * 2 - 1).isfinite().all()


def test_a_shrinking_convolution_is_a_filter_and_every_second_place_of_a_whole_one() -> None:
    layer = Convolution(2, 3, 3, shrinks=True, active=False)
    features = torch.randn(1, 2, 8, 8)
    kernel = layer.resample_filter.expand(2, 1, 4, 4)
    blurred = F.conv2d(F.pad(features, (2, 2, 2, 2)), kernel, groups=2)
    whole = F.conv2d(blurred, layer.weight * layer.scale)
    torch.testing.assert_close(layer(features), whole[:, :, ::2, ::2])


@pytest.mark.parametrize("kernel", [1, 3])
def test_a_filter_and_a_kernel_are_one_larger_kernel(kernel: int) -> None:
    layer = Convolution(4, 6, kernel, shrinks=True, active=False).double()
    features = torch.randn(2, 4, 8, 8, dtype=torch.float64)
    large = filtering(layer.weight * layer.scale, layer.resample_filter)
    assert large.shape == (6, 4, kernel + 3, kernel + 3)
    torch.testing.assert_close(F.conv2d(features, large, stride=2, padding=1 + kernel // 2), layer(features))


def test_a_batch_of_equal_pictures_deviates_by_nothing() -> None:
    features = torch.randn(1, 3, 4, 4).expand(8, -1, -1, -1)
    assert float(with_deviation(features)[:, 3].abs().max()) == pytest.approx(1e-4, rel=1e-3)


@pytest.mark.parametrize(("count", "group"), [(2, 2), (4, 4), (6, 3), (8, 4)])
def test_groups_divide_the_batch(count: int, group: int) -> None:
    features = torch.randn(count, 3, 2, 2)
    planes = with_deviation(features)[:, 3, 0, 0]
    assert len(planes.unique()) == count // group


def test_a_picture_without_others_deviates_by_nothing() -> None:
    assert with_deviation(torch.randn(7, 3, 2, 2))[:, 3].unique().tolist() == pytest.approx([1e-4])


def test_deviation_is_that_of_a_group_of_four() -> None:
    features = torch.randn(4, 3, 2, 2)
    expected = features.numpy().std(0).mean()
    assert float(with_deviation(features)[0, 3, 0, 0]) == pytest.approx(float(expected), rel=1e-4)


def test_a_class_changes_what_looks_real() -> None:
    network = Discriminator(16, (8, 8, 8), c_dim=2, layers=2)
    pictures = torch.rand(2, 3, 16, 16).expand(2, -1, -1, -1)
    assert not torch.equal(network(pictures, torch.eye(2)), network(pictures, torch.eye(2).flip(0)))
    assert "mapping.w_avg" not in network.state_dict()


def test_half_precision_gives_nearly_the_same_in_float32() -> None:
    torch.manual_seed(1)
    network = Discriminator(16, (8, 8, 8))
    pictures = torch.rand(4, 3, 16, 16) * 2 - 1
    coarse = network(pictures, precision=torch.bfloat16)
    assert coarse.dtype == torch.float32
    torch.testing.assert_close(coarse, network(pictures), atol=0.05, rtol=0.05)
