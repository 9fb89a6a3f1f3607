"""What a checkpoint file says of itself, read without torch and without making any of its objects.

catalog.py decides by it what a file is; weights.py reads the tensors.
"""

from __future__ import annotations

import io
import pickletools
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from safetensors import SafetensorError, safe_open

from pipeline.errors import ModelError

_PICKLE_BYTES = 16_000_000
"""Names and shapes of the largest networks take far less; what is longer is cut off."""

_DAMAGE = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
)
"""What looking into a file that torch.save did not write, or not to its end, may raise."""

_OLD_PICKLES = 4
"""Before 1.6, torch.save wrote a magic number, a version, facts of the system, and the tensors' names."""


def architecture_said(path: Path) -> str | None:
    """The `architecture` in a safetensors file's metadata, if it has any.

    Raises: ModelError if the file is damaged or no safetensors file.
    """
    with _opened(path) as file:
        return (file.metadata() or {}).get("architecture")


def header(path: Path) -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
    """A safetensors file's metadata, and the shape of each of its tensors by name.

    Raises: ModelError if the file is damaged or no safetensors file.
    """
    with _opened(path) as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        return file.metadata() or {}, shapes


def not_finite(path: Path) -> str | None:
    """A tensor of a safetensors file in which a float32 is infinite or no number, by name.

    Raises: ModelError if the file is damaged or no safetensors file.
    """
    with _opened(path) as file:
        for name in file.keys():  # noqa: SIM118
            if file.get_slice(name).get_dtype() == "F32" and not np.isfinite(file.get_tensor(name)).all():
                return str(name)
    return None


def check_finite(path: Path) -> None:
    """Raises: ModelError if a float32 of a safetensors file is infinite or no number, or the file is damaged."""
    if name := not_finite(path):
        raise ModelError(f"{path}: {name} holds values that are not finite; its training failed, take an earlier one")


def tensor_names(path: Path) -> set[str]:
    """The names of the tensors in a safetensors or torch.save file; of the latter, every other word in it as well.

    Raises: ModelError if the file is damaged or of neither kind.
    """
    if path.suffix == ".safetensors":
        return set(header(path)[1])
    try:
        with path.open("rb") as file:
            return set(_words(file, path))
    except _DAMAGE as error:
        raise ModelError(f"{path}: is no whole torch checkpoint; copy or save it again") from error
    except OSError as error:
        raise ModelError(f"{path}: the checkpoint cannot be read ({error.strerror}); check path and rights") from error


def check_archive(archive: zipfile.ZipFile, path: Path, *, most: int, packed: bool = False) -> None:
    """Refuse an archive that unpacks to more than it should: entries that are packed, overlap, or are too many.

    `most`: bytes that its entries may have in all. `packed`: whether they may be smaller in the file.
    Raises: ModelError.
    """
    entries = archive.infolist()
    if not packed and any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        # torch stores and never packs; what others packed may unpack to anything.
        raise ModelError(f"{path}: is packed, as torch.save packs none; save it again with torch.save")
    if sum(entry.file_size for entry in entries) > most:
        raise ModelError(f"{path}: unpacks to more than {most:,} bytes, as no such file does; copy it again")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: is no whole safetensors file ({error}); copy or train it again") from error


def _words(file: BinaryIO, path: Path) -> Iterator[str]:
    if not zipfile.is_zipfile(file):
        file.seek(0)
        # In memory, where no string of 2^60 bytes is made room for.
        start = io.BytesIO(file.read(_PICKLE_BYTES))
        for _ in range(_OLD_PICKLES):
            yield from _strings(start)
        return
    with zipfile.ZipFile(file) as archive:
        check_archive(archive, path, most=path.stat().st_size)
        [inner] = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
        with archive.open(inner) as pickle:
            yield from _strings(io.BytesIO(pickle.read(_PICKLE_BYTES)))


def _strings(pickle: BinaryIO) -> Iterator[str]:
    """The strings of the next pickle. Its instructions are looked at, and none is carried out."""
    for _, value, _ in pickletools.genops(pickle):
        if isinstance(value, str):
            yield value
