"""Where networks compute, in which precision, and how chance is seeded."""

from __future__ import annotations

import torch

from pipeline.errors import ConfigError


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


def precision(device: torch.device) -> torch.dtype:
    """What networks compute in under autocast: half precision on GPUs that have tensor cores, float32 elsewhere."""
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= (7, 0):
        return torch.float16
    return torch.float32


def generator(seed: int) -> torch.Generator:
    """The random generator of one seed or absolute frame.

    On the CPU always, so that a seed gives the same numbers whatever device paints them.
    """
    return torch.Generator(device="cpu").manual_seed(seed)


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
