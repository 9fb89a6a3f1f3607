"""Reading checkpoints without executing anything in them, and putting their tensors into a network.

Safetensors, and torch.save files through `weights_only`. Which file belongs to which model is catalog.py's matter.
"""

from __future__ import annotations

import json
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from pipeline.catalog import digest
from pipeline.errors import IntegrityError, ModelError
from pipeline.headers import check_archive

Network = TypeVar("Network", bound=nn.Module)

_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
)
"""What reading a file that torch.save did not write, or not to its end, was seen to raise."""


_LENGTH_BYTES = 8
"""A safetensors file begins with its header's length, in so many bytes."""


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a file by name, on the CPU, and what the file says about itself."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)


def verify(path: Path, sha256: str) -> None:
    """Return if the file is the one that the digest names.

    Raises: IntegrityError if its bytes differ; ModelError if it cannot be read.
    """
    found = digest(path)
    if found != sha256:
        raise IntegrityError(
            f"{path}: its SHA-256 is {found[:12]}…, not {sha256[:12]}…; it was replaced or damaged, restore the file"
        )


def read(path: Path) -> Checkpoint:
    """A checkpoint's tensors and metadata. A `{"state_dict": …}` around them is taken off.

    Raises: ModelError if the file is missing, damaged, holds Python objects, or holds no tensors.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such checkpoint; name an existing .safetensors, .pth or .pt file")
    checkpoint = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    if not checkpoint.tensors:
        raise ModelError(f"{path}: holds no tensors; give a checkpoint of a trained network")
    return checkpoint


def fill(network: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Copy the tensors into the network's parameters, in the network's own dtype.

    Raises: ModelError, naming `path`, if a name or shape differs or a value is not finite.
    """
    check_fits(network, tensors, path)
    network.load_state_dict(dict(tensors))


def check_fits(network: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Return if the tensors are the network's, which may be one without memory.

    Raises: ModelError, naming `path`, if a name or shape differs or a value is not finite.
    """
    wanted = network.state_dict()
    if odd := sorted(wanted.keys() ^ tensors.keys()):
        what = "lacks" if odd[0] in wanted else "has the unknown"
        family = type(network).__name__
        raise ModelError(f"{path}: is no {family} checkpoint: it {what} {odd[0]} ({len(odd)} names differ)")
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            raise ModelError(
                f"{path}: is not a checkpoint of this {type(network).__name__}: {name} is {tuple(tensor.shape)} "
                f"where {tuple(wanted[name].shape)} belongs"
            )
        if not torch.isfinite(tensor).all():
            raise ModelError(
                f"{path}: {name} holds values that are not finite; its training failed, take an earlier one"
            )


def filled(build: Callable[[], Network], tensors: Mapping[str, Tensor], path: Path) -> Network:
    """What `build` gives, with these tensors: on the CPU, float32, in evaluation mode, without gradients.

    Raises: ModelError, naming `path`, if they are not that network's or a value is not finite.
    """
    # Without memory: what a file asks for is compared with what it holds before any is taken.
    with torch.device("meta"):
        network = build()
    check_fits(network, tensors, path)
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return network.requires_grad_(False).eval()


def packed_network(network: nn.Module, metadata: Mapping[str, str], dtype: torch.dtype) -> bytes:
    """A safetensors file of a network's tensors, as numbers of that type."""
    tensors = {name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in network.state_dict().items()}
    return packed(tensors, metadata)


def packed(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file of these tensors: the same bytes each time, as the library's own, which shuffles metadata, are
    not."""
    data = save(dict(tensors), dict(metadata))
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    header = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    # Tensors begin at a multiple of eight.
    text += b" " * (-len(text) % _LENGTH_BYTES)
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text + data[_LENGTH_BYTES + length :]


def _read_safetensors(path: Path) -> Checkpoint:
    try:
        with safe_open(path, framework="pt") as file:
            return Checkpoint({name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {})  # noqa: SIM118
    except (SafetensorError, *_DAMAGE) as error:
        raise ModelError(f"{path}: is no whole safetensors file ({error}); copy or train it again") from error


def load_plain(file: Path | BinaryIO) -> Any:
    """What torch.save wrote, on the CPU: tensors, numbers, words and collections of them, and no other object.

    Raises: pickle.UnpicklingError for anything else; of a damaged file, whatever torch raises.
    """
    return torch.load(file, map_location="cpu", weights_only=True)


def _read_torch(path: Path) -> Checkpoint:
    _check_packing(path)
    try:
        with warnings.catch_warnings():
            # torch warns of newer pickles that it then reads, or refuses with an error of its own.
            warnings.simplefilter("ignore", UserWarning)
            content = load_plain(path)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path}: is damaged or holds Python objects, which are never executed; save its state_dict() alone"
        ) from error
    except _DAMAGE as error:
        raise ModelError(f"{path}: is no whole torch checkpoint; copy or save it again") from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ModelError(f"{path}: holds something else than named tensors; save the network's state_dict() alone")
    for name, tensor in content.items():
        if not _is_plain(tensor):
            raise ModelError(f"{path}: {name} is no plain tensor of numbers; save the network's float32 state_dict()")
    return Checkpoint({str(name): tensor for name, tensor in content.items()})


def _check_packing(path: Path) -> None:
    """Raises: ModelError if the file is an archive that holds more than its own size."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                check_archive(archive, path, most=path.stat().st_size)
    except _DAMAGE as error:
        raise ModelError(f"{path}: is no whole torch checkpoint; copy or save it again") from error


def _is_plain(tensor: Tensor) -> bool:
    if tensor.layout is not torch.strided or tensor.is_meta or tensor.is_complex() or tensor.is_quantized:
        return False
    # One number may be said to stand at a million places; a copy would hold them all.
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()
