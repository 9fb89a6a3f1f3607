"""The features that pictures are compared by, as job files name them: Atelier's own, torchvision's, or a file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from jobs.kinds.base import FieldProblem, place
from jobs.records import FileRef
from pipeline.catalog import ASSETS, digest
from pipeline.errors import InputError, ModelError
from pipeline.headers import architecture_said, tensor_names
from pipeline.training.brief import ATELIER, TORCHVISION

SHIPPED = ASSETS / "features" / "atelier-features-1.safetensors"
"""The small network that ships with Atelier."""

SUFFIXES = (".npz", ".safetensors", ".pth", ".pt")

_ARCHITECTURE = "atelier-features-1"


def check_features(value: str, info: ValidationInfo) -> str:
    """What a job file may say: a file's path, made absolute, or one of the two words."""
    if value.lower().endswith(SUFFIXES):
        return place(value, info)
    if value not in (ATELIER, TORCHVISION):
        raise ValueError(f"features: {value!r} is neither {ATELIER} nor {TORCHVISION}, nor a file of VGG19's weights")
    return value


Features = Annotated[
    str,
    AfterValidator(check_features),
    Field(description="what pictures are compared by: atelier, torchvision, or a file of VGG19's convolutions"),
]
"""The key `features`."""


def features_file(said: str, *, deepest: str) -> FileRef | None:
    """The file that workers need for `atelier`, `torchvision`, or a path; None for torchvision's.

    `deepest`: the tensor of VGG19's deepest layer that is needed, `features.16.weight`.
    Raises: ModelError if there is no such file, or it holds something else, as far as its header tells.
    """
    if said == TORCHVISION:
        return None
    if said == ATELIER and not SHIPPED.is_file():
        raise ModelError("this copy of Atelier has no features of its own; name a file of VGG19's, or torchvision")
    path = SHIPPED if said == ATELIER else Path(said)
    if not path.is_file():
        raise ModelError(f"{path}: no such file; give VGG19's convolutions, {ATELIER} or {TORCHVISION}")
    _check(path, deepest)
    return FileRef(name=path.name, key=str(path), sha256=digest(path))


def planned_features(said: str, *, deepest: str) -> FileRef | None:
    """The same, for a plan. Raises: FieldProblem if there is no such file, or it holds something else."""
    try:
        return features_file(said, deepest=deepest)
    except InputError as error:
        raise FieldProblem("features", str(error)) from error


def _check(path: Path, deepest: str) -> None:
    if path.suffix == ".safetensors" and architecture_said(path) == _ARCHITECTURE:
        return
    names = _npz_names(path) if path.suffix == ".npz" else tensor_names(path)
    if "features.0.weight" not in names:
        raise ModelError(f"{path}: holds no VGG19 by torchvision's names (features.0.weight …); give one that does")
    if deepest not in names:
        raise ModelError(f"{path}: ends before {deepest}, which is compared by; give deeper weights of VGG19")


def _npz_names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ModelError(f"{path}: is no whole .npz file; copy it again") from error
