"""The diffusion model that a job file names, with its LoRAs: found, looked at without torch, and pinned by digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, place
from jobs.kinds.model_folders import check_cached, folder_ref
from jobs.kinds.model_places import Places, places
from jobs.records import ModelRef
from jobs.registry import Role, registered
from pipeline.catalog import find_illustrator, shipped
from pipeline.diffusion import controlnet, folder, hub, lora, single_file
from pipeline.diffusion.described import Described
from pipeline.diffusion.families import Task
from pipeline.diffusion.own_described import AnyModel, OwnModel, describe
from pipeline.errors import InputError, ModelError
from pipeline.film.access import basename, is_remote
from pipeline.headers import architecture_said
from pipeline.models.words.config import ARCHITECTURE
from pipeline.web import is_web, shown

_NEEDED = ("diffusers", "transformers", "accelerate", "peft")
"""What atelier[diffusion] brings."""

_SUFFIX = ".safetensors"

_ROLE: Role = "illustrator"


def check_model(value: str, info: ValidationInfo) -> str:
    """A name that is known; a folder or file, here, made absolute, or in a store; or an id of the hub, in its cache.

    Raises: ValueError.
    """
    if _is_named(value):
        return value
    key = info.field_name or "model"
    if is_web(value):
        raise ValueError(f"{key}: {shown(value)[:80]}: is on the web; Atelier fetches no diffusion model, copy it here")
    whole = place(value, info).rstrip("/")
    if is_remote(whole):
        return whole
    if Path(whole).exists():
        return whole
    if check_cached(value, key):
        return value
    known = ", ".join([*shipped(_ROLE), *registered(_ROLE), "a diffusers folder", f"a {_SUFFIX} file"])
    raise ValueError(f"{whole}: no such model; give {known}, or an id of the hub")


def _is_named(value: str) -> bool:
    return value in shipped(_ROLE) or value in registered(_ROLE)


def check_file(value: str, info: ValidationInfo) -> str:
    """A .safetensors file here, made absolute, or in a store. Raises: ValueError."""
    key = info.field_name or "path"
    if not value.endswith(_SUFFIX):
        raise ValueError(f"{key}: {value[:80]!r} is no {_SUFFIX} file; others may hold code, and are not read")
    if is_web(value):
        raise ValueError(f"{key}: {shown(value)[:80]}: is on the web, and not fetched; copy it here")
    whole = place(value, info)
    if not is_remote(whole) and not Path(whole).is_file():
        raise ValueError(f"{whole}: no such file here; check the path")
    return whole


def check_folder(value: str, info: ValidationInfo) -> str:
    """A folder here, made absolute, or in a store, or an id of the hub. Raises: ValueError."""
    whole = check_model(value, info)
    if whole.endswith(_SUFFIX) or Path(whole).is_file():
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


def pinned(
    model: str,
    task: Task,
    settings: Settings,
    *,
    config: str | None,
    loras: Sequence[str],
    controls: Sequence[tuple[str, int | None]],
    pickles: bool,
) -> tuple[ModelRef, AnyModel]:
    """The model by its files' digests, and what it can do. `controls`: ControlNets, each with the mode it is asked for.

    Raises: FieldProblem if it cannot be used; AccessDenied, StorageUnavailable.
    """
    name = model if hub.is_id(model) and not Path(model).exists() else basename(model)
    own = _own(model)
    if own is not None:
        if loras or controls or config is not None:
            key = "lora" if loras else "control" if controls else "config"
            raise FieldProblem(key, f"{key}: {own.family.title} takes none; leave it out")
        return folder_ref(name, "atelier", own.files), own
    check_library()
    with places(settings.store_options()) as found:
        described = _described(model, config, found, pickles=pickles)
        files = dict(described.files)
        for number, path in enumerate(loras):
            with _told(found, "lora", number, "path"):
                files[f"lora/{number}{_SUFFIX}"] = found.here(path)
                lora.check(found.here(path), described, name)
        for number, (path, mode) in enumerate(controls):
            with _told(found, "control", number, "model"):
                led = controlnet.describe(found.here(path), pickles=pickles)
                controlnet.check(led, basename(path), described, name, task, mode)
                files |= {f"control/{number}/{each}": file for each, file in led.files.items()}
        with _told(found, "model"):
            return folder_ref(name, "diffusers", files, found.pin), described


def _own(model: str) -> OwnModel | None:
    """The model, if it is one of our own design. Raises: FieldProblem if that is damaged."""
    path = Path(model)
    if not _is_named(model) and not (path.suffix == _SUFFIX and path.is_file()):
        return None
    try:
        if not _is_named(model) and architecture_said(path) != ARCHITECTURE:
            return None
        return describe(find_illustrator(model, registered(_ROLE)))
    except ModelError as error:
        raise FieldProblem("model", f"model: {error}") from error


def _described(model: str, config: str | None, found: Places, *, pickles: bool) -> Described:
    with _told(found, "model"):
        path = found.here(model)
        if path.is_dir():
            if config is not None:
                raise FieldProblem("config", "config: is for a single file; a folder has configurations of its own")
            return folder.describe(path, pickles=pickles)
        if path.suffix != _SUFFIX:
            raise ModelError(f"{path}: is no {_SUFFIX} file; other checkpoints may hold code, convert it")
        if is_remote(model) and architecture_said(path) == ARCHITECTURE:
            raise ModelError(f"{path}: is of Atelier's own design, which is read whole; copy it here")
        if config is None:
            said = "is a single file, without configurations and vocabularies; name a diffusers folder of its design"
            raise FieldProblem("model", f"model: {path.name} {said}, as config: ./stable-diffusion-1.5/")
        return single_file.describe(path, found.here(config))


@contextmanager
def _told(found: Places, *keys: str | int) -> Iterator[None]:
    """What is wrong within the block, at the key that says it."""
    try:
        yield
    except FieldProblem:
        raise
    except InputError as error:
        raise FieldProblem(keys, f"{keys[0]}: {found.said(error)}") from error
