"""NumPy's files, .npy and .npz, of anybody's making: numbers only, never objects. Torch-free."""

from __future__ import annotations

import io
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

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


def read_npz(source: Path | bytes, *, most: int, where: str = "") -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name. `most`: bytes that they may have in all; `where`: the file's name, of bytes.

    Raises: ModelError if the file is damaged, holds objects, or unpacks to more.
    """
    name = Path(where) if isinstance(source, bytes) else source
    try:
        with _opened(source) as file, zipfile.ZipFile(file) as archive:
            check_archive(archive, name, most=most, packed=True)
        with _opened(source) as file, np.load(file, allow_pickle=False) as arrays:
            return {each: _numbers(arrays[each]) for each in arrays.files}
    except _DAMAGE as error:
        raise ModelError(f"{name}: is no whole .npz file; copy it again") from error


def read_npy(source: Path | bytes, *, most: int, where: str = "") -> np.ndarray:
    """The array of a .npy file. `where`: its name, of bytes.

    Raises: ModelError if it is damaged, holds objects, or has more bytes than `most`.
    """
    name = where if isinstance(source, bytes) else source
    try:
        if (len(source) if isinstance(source, bytes) else source.stat().st_size) > most:
            raise ModelError(f"{name}: has more than {most:,} bytes, as no such file does; copy it again")
        with _opened(source) as file:
            return _numbers(np.lib.format.read_array(file, allow_pickle=False))
    except _DAMAGE as error:
        raise ModelError(f"{name}: is no whole .npy file; copy it again") from error


def _opened(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


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
