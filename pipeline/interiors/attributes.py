"""Directions in a network's latent space that somebody fitted to attributes of their own, in safetensors files:

directions      (K, latent) float: how z moves when an attribute grows by one standard deviation

and in the metadata

architecture    atelier-directions-1
attributes      their K names, a JSON list
modelSha256     of the network whose latents they are

Torch-free: planning looks at them, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open

from pipeline.errors import ModelError
from pipeline.headers import header

ARCHITECTURE = "atelier-directions-1"

MOST = 1024
"""Attributes in a file."""

_KINDS = ("F16", "F32", "F64")
"""Floats that NumPy knows, as safetensors calls them."""

_LONGEST_NAME = 60
"""Pictures of strips are called after them."""


@dataclass(frozen=True)
class Directions:
    """Attributes, and which way each lies."""

    names: tuple[str, ...]
    values: np.ndarray
    """`(K, latent)` float32, finite."""


def read(path: Path, *, latent: int, sha256: str) -> Directions:
    """The directions of a file, for the network of this digest, whose latents have so many numbers.

    Raises: ModelError if the file is missing or damaged, or is for another network.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such attributes; give a .safetensors file with `directions`")
    metadata, shapes = header(path)
    said = metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{path}: holds {said or 'an unnamed network'} and no attributes; give an {ARCHITECTURE} file")
    names = _names(metadata, path)
    shape = shapes.get("directions")
    if shape is None or len(shape) != 2 or shape[0] != len(names):
        held = "no directions" if shape is None else f"directions of {shape}"
        raise ModelError(f"{path}: holds {held} for {len(names)} attributes; fit them again")
    if shape[1] != latent:
        raise ModelError(f"{path}: its directions have {shape[1]} numbers, and latents of this model have {latent}")
    theirs = metadata.get("modelSha256", "")
    if theirs != sha256:
        which = f"the model {theirs[:12]}…" if theirs else "a model that it does not name"
        raise ModelError(f"{path}: is for {which}, and this is {sha256[:12]}…; fit the attributes for this one")
    values = _values(path)
    if not np.isfinite(values).all():
        raise ModelError(f"{path}: directions holds values that are not finite; fit them again")
    return Directions(names, values)


def _values(path: Path) -> np.ndarray:
    with safe_open(path, framework="numpy") as file:
        kind = file.get_slice("directions").get_dtype()
        if kind not in _KINDS:
            raise ModelError(f"{path}: directions are {kind}; save them as {', '.join(_KINDS)}")
        values: np.ndarray = file.get_tensor("directions")
    # What is beyond float32 is infinite then, and told.
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _names(metadata: dict[str, str], path: Path) -> tuple[str, ...]:
    try:
        names = json.loads(metadata.get("attributes", ""))
    except ValueError:
        names = None
    good = isinstance(names, list) and all(isinstance(name, str) and _is_name(name) for name in names)
    if not good or not 1 <= len(names) <= MOST or len(set(names)) != len(names):
        raise ModelError(f"{path}: its metadata lists no names under `attributes`; fit them again")
    return tuple(names)


def _is_name(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and "/" not in text and len(text.encode()) <= _LONGEST_NAME
