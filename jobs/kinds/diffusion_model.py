"""The diffusion model that a job file names, with its LoRAs: found, looked at without torch, and pinned by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationInfo

from jobs.confine import check_within
from jobs.kinds.base import FieldProblem, place
from jobs.records import FileRef, ModelRef
from pipeline.catalog import FOLDERS, digest
from pipeline.diffusion import folder, hub, lora, single_file
from pipeline.diffusion.described import Described
from pipeline.errors import InputError, ModelError
from pipeline.film.access import is_remote

_NEEDED = ("diffusers", "transformers", "accelerate", "peft")
"""What atelier[diffusion] brings."""

_SUFFIX = ".safetensors"


def check_model(value: str, info: ValidationInfo) -> str:
    """A folder or a file here, made absolute; or an id of the hub, of a model in its cache. Raises: ValueError."""
    if is_remote(value) or "://" in value:
        said = "a diffusion model is a folder or file that this machine sees"
        raise ValueError(f"model: {value.partition('?')[0][:80]}: {said}; copy it here")
    whole = place(value, info).rstrip("/")
    if Path(whole).exists():
        return whole
    if hub.is_id(value):
        try:
            hub.snapshot(value)
        except ModelError as error:
            raise ValueError(f"model: {error}") from error
        return value
    raise ValueError(f"{whole}: no such model; give a diffusers folder, a {_SUFFIX} file, or an id of the hub")


def check_file(value: str, info: ValidationInfo) -> str:
    """A .safetensors file here, made absolute. Raises: ValueError."""
    key = info.field_name or "path"
    if not value.endswith(_SUFFIX):
        raise ValueError(f"{key}: {value[:80]!r} is no {_SUFFIX} file; others may hold code, and are not read")
    whole = place(value, info)
    if is_remote(whole) or not Path(whole).is_file():
        raise ValueError(f"{whole}: no such file here; check the path")
    return whole


def check_folder(value: str, info: ValidationInfo) -> str:
    """A folder of configurations here, made absolute, or an id of the hub. Raises: ValueError."""
    whole = check_model(value, info)
    if Path(whole).is_file():
        raise ValueError(f"{info.field_name}: {whole} is a file; give the diffusers folder of a model of its design")
    return whole


def check_library() -> None:
    """Refuse what the worker on this machine could not do. Where there is no torch there is no worker, and others may.

    Raises: FieldProblem.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing and find_spec("torch") is not None:
        said = f"kind: diffusion needs {', '.join(missing)}, which this machine lacks"
        raise FieldProblem("kind", f"{said}; write pip install 'atelier[diffusion]', here and where workers run")


def pinned(model: str, *, config: str | None, loras: Sequence[str], pickles: bool) -> tuple[ModelRef, Described]:
    """The model by its files' digests, and what it can do. Raises: FieldProblem if it cannot be used."""
    name = model if hub.is_id(model) and not Path(model).exists() else Path(model).name
    described = _described(model, config, pickles=pickles)
    files = dict(described.files)
    for number, path in enumerate(loras):
        try:
            lora.check(Path(path), described, name)
        except ModelError as error:
            raise FieldProblem(("lora", number, "path"), f"lora: {error}") from error
        files[f"lora/{number}{_SUFFIX}"] = Path(path)
    try:
        parts = _parts(files)
    except InputError as error:
        raise FieldProblem("model", f"model: {error}") from error
    told = " ".join(f"{part.name} {part.sha256}" for part in parts)
    ref = ModelRef(
        name=name,
        entry=FOLDERS["diffusers"],
        weights="",
        sha256=hashlib.sha256(told.encode()).hexdigest(),
        parts=parts,
    )
    return ref, described


def _described(model: str, config: str | None, *, pickles: bool) -> Described:
    try:
        path = _located(model)
        if path.is_dir():
            if config is not None:
                raise FieldProblem("config", "config: is for a single file; a folder has configurations of its own")
            return folder.describe(path, pickles=pickles)
        if path.suffix != _SUFFIX:
            raise ModelError(f"{path}: is no {_SUFFIX} file; other checkpoints may hold code, convert it")
        if config is None:
            said = "is a single file, without configurations and vocabularies; name a diffusers folder of its design"
            raise FieldProblem("model", f"model: {path.name} {said}, as config: ./stable-diffusion-1.5/")
        return single_file.describe(path, _located(config))
    except ModelError as error:
        raise FieldProblem("model", f"model: {error}") from error


def _located(value: str) -> Path:
    """A model's folder or file. What a job file from afar names lies within its folders; the hub's cache is ours."""
    path = Path(value)
    if path.exists() or not hub.is_id(value):
        return path
    return hub.snapshot(value)


def _parts(files: Mapping[str, Path]) -> tuple[FileRef, ...]:
    parts = []
    for name, path in sorted(files.items()):
        # A folder may hold links; those of the hub's cache stay within it.
        if not path.resolve().is_relative_to(hub.cache().resolve()):
            check_within(str(path))
        parts.append(FileRef(name=name, key=str(path.absolute()), sha256=digest(path)))
    return tuple(parts)
