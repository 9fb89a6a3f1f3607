"""Where networks compute, in which precision, and how chance is seeded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from pipeline.errors import ConfigError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
"""What can be asked for by name, besides `auto`."""


def pick(name: str | None = None) -> torch.device:
    """The device of that name, or, unnamed, the first GPU if there is one, else the CPU.

    Raises: ConfigError if the name is none of PyTorch's, or this machine has no such device.
    """
    if name is None:
        return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"unknown device {name!r}; give cpu, cuda or cuda:N") from error
    if device.type == "cpu":
        return device
    if device.type != "cuda":
        raise ConfigError(f"device {name!r} is not supported; give cpu, cuda or cuda:N")
    present = torch.cuda.device_count()
    if (device.index or 0) >= present:
        raise ConfigError(f"there is no device {name!r}: this machine has {present} CUDA devices; give cpu or another")
    return device


def precision(device: torch.device, asked: str = "auto") -> torch.dtype:
    """What networks compute in on the device: `asked`, or, for `auto`, what it has in hardware and is fastest in.

    That is float16 on GPUs with tensor cores and bfloat16 on CPUs with AVX512-BF16 or AMX; float32 elsewhere.

    Raises: ConfigError if `asked` is no precision, or none that the device is good at.
    """
    if asked == "auto":
        return _fastest(device)
    if asked not in PRECISIONS:
        raise ConfigError(f"unknown precision {asked!r}; give auto, {', '.join(PRECISIONS)}")
    if asked == "float16" and device.type == "cpu":
        raise ConfigError("precision float16 is for GPUs, CPUs are slow in it; give auto, float32 or bfloat16")
    if asked == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise ConfigError(f"precision bfloat16 is beyond the GPU {device}; give auto, float32 or float16")
    return PRECISIONS[asked]


def _fastest(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        return torch.float16 if torch.cuda.get_device_capability(device) >= (7, 0) else torch.float32
    return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 there: it needs instructions of its own."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # ARM's bfloat16 is left alone until someone has measured it. Older versions of PyTorch do not tell.
    able: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def lighten(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    """The network itself, its convolutions now computing in `dtype`; all else, and frames in and out, stay float32.

    For networks of models/, which take frames to `computing_dtype` themselves. Training needs float32.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.to(dtype)
    return network


@contextmanager
def threads(count: int) -> Iterator[None]:
    """PyTorch's threads inside one operation, for as long as the block lasts: work that has no second picture to paint
    meanwhile takes all of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def generator(seed: int) -> torch.Generator:
    """The random generator of one seed or absolute frame.

    On the CPU always, so that a seed gives the same numbers whatever device paints them.
    """
    return torch.Generator(device="cpu").manual_seed(seed)


@contextmanager
def fastest(device: torch.device) -> Iterator[None]:
    """Let this process choose among a GPU's kernels by speed alone, for as long as the block lasts.

    For trainings: their bits are promised on CPUs only, and some slopes have no kernel that repeats them.
    """
    if device.type == "cpu":
        yield
        return
    cudnn = torch.backends.cudnn
    repeatable, warns = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    measured, chosen = cudnn.benchmark, cudnn.deterministic
    torch.use_deterministic_algorithms(False)
    cudnn.benchmark, cudnn.deterministic = True, False
    try:
        yield
    finally:
        cudnn.benchmark, cudnn.deterministic = measured, chosen
        torch.use_deterministic_algorithms(repeatable, warn_only=warns)


def make_deterministic(device: torch.device) -> None:
    """Let this process choose only kernels that give the same bits every time, and no faster, coarser arithmetic.

    The CPU kernels of our networks do so anyway, and PyTorch's watch over them would cost a tenth of each frame. On
    GPUs kernels without such a variant warn instead of failing; none of our networks uses one.
    """
    if device.type == "cpu":
        return
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.use_deterministic_algorithms(True, warn_only=True)
