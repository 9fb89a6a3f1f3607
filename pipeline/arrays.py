"""NumPy's files, .npy and .npz, of anybody's making: numbers only, never objects. Torch-free."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from pipeline.errors import ModelError
from pipeline.headers import check_archive

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file was seen to raise."""


def read_npz(path: Path, *, most: int) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name. `most`: bytes that they may have in all.

    Raises: ModelError if the file is damaged, holds objects, or unpacks to more.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, path, most=most, packed=True)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: _numbers(arrays[name]) for name in arrays.files}
    except _DAMAGE as error:
        raise ModelError(f"{path}: is no whole .npz file; copy it again") from error


def read_npy(path: Path, *, most: int) -> np.ndarray:
    """The array of a .npy file. Raises: ModelError if it is damaged, holds objects, or has more bytes than `most`."""
    try:
        if path.stat().st_size > most:
            raise ModelError(f"{path}: has more than {most:,} bytes, as no such file does; copy it again")
        with path.open("rb") as file:
            return _numbers(np.lib.format.read_array(file, allow_pickle=False))
    except _DAMAGE as error:
        raise ModelError(f"{path}: is no whole .npy file; copy it again") from error


def _numbers(array: np.ndarray) -> np.ndarray:
    """The array in this machine's order of bytes. Raises: ValueError if it holds anything but numbers."""
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"{array.dtype} are no numbers")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def as_float32(values: np.ndarray, where: str, *, most: int) -> np.ndarray:
    """Numbers as networks take them.

    Raises: ModelError if one is not finite, or too large, or they would take more than `most` bytes.
    """
    if values.size * 4 > most:
        raise ModelError(f"{where}: has {values.size:,} numbers, as no such file does; copy it again")
    with np.errstate(over="ignore"):
        made = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(made).all():
        raise ModelError(f"{where}: holds values that are not finite, or too large; make or save it again")
    return made
