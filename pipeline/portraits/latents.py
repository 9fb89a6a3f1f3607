"""Latents as things of their own: of a seed, into a file, and out of it again.

Files are .npz as the official projectors write them: `w`, `(N, num_ws, w_dim)` float32. What others write is read, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from pipeline.arrays import as_float32, read_npz
from pipeline.errors import ModelError
from pipeline.models.stylegan.config import GeneratorConfig

Space = Literal["z", "w"]
"""z is what a generator was trained to take, w what its mapping network makes of that: one style for each layer."""

_KEYS: dict[str, Space] = {"w": "w", "ws": "w", "latents": "w", "z": "z"}
"""By which name a file may hold them, the first one found counting."""

_MOST_BYTES = 256_000_000
"""A film's keyframes have less."""


@dataclass(frozen=True)
class Latents:
    """Latents that fit a generator."""

    space: Space
    values: np.ndarray
    """float32, finite: `(N, z_dim)` in z; in w `(N, num_ws, w_dim)`, or `(N, 1, w_dim)` where all layers have one."""


def z_of(seed: int, z_dim: int) -> np.ndarray:
    """The latent of a seed, `(1, z_dim)` float64: the official tools' numbers."""
    return np.random.RandomState(seed).randn(1, z_dim)


def packed(ws: np.ndarray, others: Mapping[str, np.ndarray] = MappingProxyType({})) -> bytes:
    """The .npz file of styles `(N, num_ws, w_dim)`; the same bytes each time.

    `others`: further arrays by name, which `read` passes over.
    """
    file = BytesIO()
    arrays: dict[str, Any] = {"w": np.ascontiguousarray(ws, np.float32), **others}
    # NumPy gives every entry the same date, 1980.
    np.savez(file, **arrays)
    return file.getvalue()


def read(path: Path, config: GeneratorConfig) -> Latents:
    """The latents of a .npz file for this generator. `(num_ws, w_dim)` is one picture's, a style for each layer.

    Raises: ModelError if the file is missing or damaged, or its latents are another generator's.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such latents; give a .npz file with `w`")
    arrays = read_npz(path, most=_MOST_BYTES)
    name = next((name for name in _KEYS if name in arrays), None)
    if name is None:
        held = ", ".join(sorted(arrays)) or "nothing"
        raise ModelError(f"{path}: holds {held}, and no latents; they are called {', '.join(_KEYS)}")
    values = arrays[name]
    space = _KEYS[name]
    shaped = _as_z(values, config) if space == "z" else _as_w(values, config)
    if shaped is None:
        raise ModelError(f"{path}: {name} is {values.shape}, and this generator takes {_wanted(space, config)}")
    return Latents(space, as_float32(shaped, f"{path}: {name}", most=_MOST_BYTES))


def _as_z(values: np.ndarray, config: GeneratorConfig) -> np.ndarray | None:
    values = np.atleast_2d(values)
    return values if values.ndim == 2 and len(values) and values.shape[1] == config.mapping.z_dim else None


def _as_w(values: np.ndarray, config: GeneratorConfig) -> np.ndarray | None:
    layers, width = config.num_ws, config.mapping.w_dim
    if values.shape == (width,):
        values = values[None]
    if values.shape == (layers, width):
        # One row for each layer is one picture's; official files have a dimension more.
        values = values[None]
    elif values.ndim == 2:
        values = values[:, None]
    if values.ndim != 3 or not len(values) or values.shape[1] not in (1, layers) or values.shape[2] != width:
        return None
    return values


def _wanted(space: Space, config: GeneratorConfig) -> str:
    if space == "z":
        return f"(N, {config.mapping.z_dim})"
    return f"(N, {config.num_ws}, {config.mapping.w_dim}), or (N, {config.mapping.w_dim}) for all layers alike"
