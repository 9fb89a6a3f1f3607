"""Directions in w along which portraits change in one respect, out of files. Torch-free."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.arrays import as_float32, read_npy, read_npz
from pipeline.errors import ModelError
from pipeline.models.stylegan.config import GeneratorConfig

_MOST_BYTES = 64_000_000


def read(path: Path, config: GeneratorConfig) -> np.ndarray:
    """A direction of a .npy file, or the only array of a .npz file: `(w_dim,)` or `(num_ws, w_dim)` float32.

    Raises: ModelError if the file is missing or damaged, or the direction is another generator's.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such direction; give a .npy or .npz file")
    values = _only(path) if path.suffix == ".npz" else read_npy(path, most=_MOST_BYTES)
    layers, width = config.num_ws, config.mapping.w_dim
    if values.ndim > 1 and values.shape[0] == 1:
        # Some write a dimension more.
        values = values[0]
    if values.shape not in ((width,), (layers, width)):
        raise ModelError(
            f"{path}: is {values.shape}, and this generator's directions are ({width},) or ({layers}, {width})"
        )
    return as_float32(values, str(path), most=_MOST_BYTES)


def _only(path: Path) -> np.ndarray:
    arrays = list(read_npz(path, most=_MOST_BYTES).values())
    if len(arrays) != 1:
        raise ModelError(f"{path}: holds {len(arrays)} arrays; give a file with one direction")
    return arrays[0]
