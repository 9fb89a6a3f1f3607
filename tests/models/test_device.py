"""Devices are picked by name or by what there is; seeds give the same numbers on all."""

from __future__ import annotations

import pytest
import torch

from pipeline import device
from pipeline.errors import ConfigError


def test_a_named_device_is_taken():
    assert device.pick("cpu") == torch.device("cpu")


def test_without_a_name_the_best_device_is_taken():
    assert device.pick().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "mps:0", ""])
def test_a_device_that_is_not_there_is_explained(name):
    with pytest.raises(ConfigError, match="give cpu"):
        device.pick(name)


def test_cpus_compute_in_float32():
    assert device.precision(torch.device("cpu")) is torch.float32


def test_one_seed_gives_the_same_numbers():
    assert torch.equal(torch.rand(3, generator=device.generator(7)), torch.rand(3, generator=device.generator(7)))
    assert not torch.equal(torch.rand(3, generator=device.generator(7)), torch.rand(3, generator=device.generator(8)))


@pytest.fixture
def restored():
    yield
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.deterministic = False
    torch.backends.cudnn.allow_tf32 = True


def test_deterministic_kernels_are_chosen_without_failing_on_others(restored):
    device.make_deterministic(torch.device("cuda"))
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert not torch.backends.cudnn.benchmark
