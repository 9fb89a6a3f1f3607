"""What a speaker sounds like, as files say it: SpeechT5's x-vectors, Bark's prompts. No pickle is read. Torch-free.

Source: x-vectors are of Snyder et al., X-Vectors: Robust DNN Embeddings for Speaker Recognition, 2018; a prompt of
Bark's is what a speaker said before, in the tokens of its three models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors

from pipeline.arrays import read_npy, read_npz
from pipeline.errors import ModelError

SUFFIXES = (".npy", ".npz", ".safetensors")
"""Of files that say it."""

PARTS = ("semantic_prompt", "coarse_prompt", "fine_prompt")
"""Of Bark's prompt."""

_AXES = {"semantic_prompt": 1, "coarse_prompt": 2, "fine_prompt": 2}

_MOST_BYTES = 8_000_000
"""Of a file: a thousand times an x-vector."""

_NPY, _ZIP = b"\x93NUMPY", b"PK"
"""What files begin with; .npz are archives."""


def vector(data: bytes, where: str) -> np.ndarray:
    """An x-vector: (n,) float32. Raises: ModelError if the file holds none, or is damaged."""
    found = _arrays(data, where)
    if len(found) != 1:
        raise ModelError(f"{where}: holds {len(found)} rows of numbers; an x-vector is one")
    row = np.squeeze(next(iter(found.values())))
    if row.ndim != 1 or row.dtype.kind != "f":
        said = "x".join(map(str, row.shape)) or "one number"
        raise ModelError(f"{where}: is {said} of {row.dtype}; an x-vector is one row of floats")
    if not np.isfinite(row).all():
        raise ModelError(f"{where}: holds numbers that are not finite; take another x-vector")
    return row.astype(np.float32)


def check_vector(data: bytes, where: str, wanted: int) -> None:
    """Raises: ModelError if it is none of so many numbers."""
    size = vector(data, where).size
    if size != wanted:
        raise ModelError(f"{where}: has {size} numbers, and the voice takes {wanted}; take an x-vector made for it")


def prompt(files: Sequence[bytes], where: str) -> dict[str, np.ndarray]:
    """Bark's prompt, of one .npz or of three .npy in the order of PARTS. Raises: ModelError if it is none."""
    if len(files) == len(PARTS):
        found = {part: next(iter(_arrays(data, where).values())) for part, data in zip(PARTS, files, strict=True)}
    else:
        found = dict(_arrays(files[0], where))
    for part in PARTS:
        array = found.get(part)
        if array is None or array.dtype.kind not in "iu" or array.ndim != _AXES[part]:
            raise ModelError(f"{where}: is no prompt of Bark's: it wants {', '.join(PARTS)}, of whole numbers")
    return {part: found[part].astype(np.int64) for part in PARTS}


def _arrays(data: bytes, where: str) -> Mapping[str, np.ndarray]:
    if data.startswith(_NPY):
        return {"": read_npy(data, most=_MOST_BYTES, where=where)}
    if data.startswith(_ZIP):
        return read_npz(data, most=_MOST_BYTES, where=where)
    try:
        found = load_safetensors(data) if len(data) <= _MOST_BYTES else {}
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        right = f"give a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file; pickles are not read"
        raise ModelError(f"{where}: says nothing of how a speaker sounds; {right}") from error
    if not found:
        raise ModelError(f"{where}: holds no speaker, or far more than one")
    return found
