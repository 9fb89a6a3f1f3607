"""Devices are picked by name or by what there is; seeds give the same numbers on all."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pipeline import device
from pipeline.errors import ConfigError
from pipeline.models.style import StyleNetwork
from tests.models.checkpoints import seeded

CPU = torch.device("cpu")


def test_a_named_device_is_taken():
    assert device.pick("cpu") == torch.device("cpu")


def test_without_a_name_the_best_device_is_taken():
    assert device.pick().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "mps:0", ""])
def test_a_device_that_is_not_there_is_explained(name):
    with pytest.raises(ConfigError, match="give cpu"):
        device.pick(name)


@pytest.mark.parametrize(
    ("able", "dtype"),
    [
        ({}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"bf16": True, "architecture": "aarch64"}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
    ],
)
def test_cpus_compute_in_bfloat16_where_they_have_it(monkeypatch, able, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert device.precision(CPU) is dtype


@pytest.mark.parametrize(("capability", "dtype"), [((6, 1), torch.float32), ((7, 0), torch.float16)])
def test_gpus_compute_in_float16_where_they_have_tensor_cores(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda gpu: capability)
    assert device.precision(torch.device("cuda", 0)) is dtype


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_a_precision_that_was_asked_for_is_taken(name):
    assert device.precision(CPU, name) is getattr(torch, name)


@pytest.mark.parametrize("name", ["half", "", "float64", "Auto"])
def test_an_unknown_precision_is_explained(name):
    with pytest.raises(ConfigError, match=r"unknown precision .*; give auto, float32, bfloat16, float16"):
        device.precision(CPU, name)


def test_float16_is_not_for_cpus():
    with pytest.raises(ConfigError, match="float16 is for GPUs"):
        device.precision(CPU, "float16")


def test_bfloat16_is_not_for_old_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *, including_emulation: including_emulation)
    with pytest.raises(ConfigError, match="beyond the GPU cuda:0; give auto"):
        device.precision(torch.device("cuda", 0), "bfloat16")


def test_lightened_networks_keep_all_but_their_convolutions_in_float32():
    network = device.lighten(seeded(StyleNetwork, half=8, quarter=8, blocks=1), torch.bfloat16)
    light = {name for name, parameter in network.named_parameters() if parameter.dtype is torch.bfloat16}
    assert light == {name for name in light if isinstance(network.get_submodule(name.rpartition(".")[0]), nn.Conv2d)}
    assert len(light) == 2 * sum(isinstance(layer, nn.Conv2d) for layer in network.modules())


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
