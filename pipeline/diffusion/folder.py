"""A model as a folder that `diffusers` saved: which of its files are needed, and what is missing. Torch-free.

Nothing in it is executed: of weights the headers are read, and a pipeline that brings code of its own is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.diffusion.described import Described, check_numbers, read_json
from pipeline.diffusion.families import family_of
from pipeline.errors import ModelError
from pipeline.headers import header

INDEX = "model_index.json"

_LIBRARIES = ("diffusers", "transformers", "stable_diffusion")
"""Whose classes components are of. The last is what old folders call the library's safety checker."""

_OPTIONAL = ("safety_checker", "feature_extractor", "image_encoder")
"""Components that pictures can be made without: missing, they are left out."""

_STEMS = ("diffusion_pytorch_model", "model")
"""What files of weights are called, by diffusers and by transformers."""

_PICKLES = ("diffusion_pytorch_model.bin", "pytorch_model.bin")

_CONFIGS = ("config.json", "scheduler_config.json", "preprocessor_config.json", "tokenizer_config.json")
"""One of these is in every component's folder."""

_PLAIN = (".json", ".txt", ".model")
"""Files of a component that hold no weights: configurations and vocabularies."""


def describe(folder: Path, *, pickles: bool = False) -> Described:
    """The model in a folder. `pickles`: whether weights may be torch's own files, which are read without their objects.

    Raises: ModelError if it is no such model, a component is missing, or a file is damaged.
    """
    index = folder / INDEX
    if not index.is_file():
        held = "a single .safetensors file" if list(folder.glob("*.safetensors")) else f"no {INDEX}"
        right = "name that file itself" if held.startswith("a") else "give a folder that diffusers saved"
        raise ModelError(f"{folder}: is no diffusers folder: it holds {held}; {right}")
    said = read_json(index)
    name = said.get("_class_name")
    if not isinstance(name, str):
        raise ModelError(f"{index}: brings a pipeline of its own, whose code is never executed; give one of diffusers'")
    family = family_of(name, str(folder))
    files = {INDEX: index}
    configs: dict[str, Mapping[str, Any]] = {}
    weighed: dict[str, list[Path]] = {}
    for component in components(said, index):
        found = dict(_files(folder / component, pickles=pickles))
        if not found and component in _OPTIONAL:
            continue
        _check_whole(folder / component, found)
        files |= {f"{component}/{each}": path for each, path in found.items()}
        if "config.json" in found:
            configs[component] = read_json(found["config.json"])
        weighed[component] = [path for path in found.values() if path.suffix == ".safetensors"]
    for needed in (family.core, "vae"):
        if needed not in configs:
            raise ModelError(f"{folder}: has no {needed}, without which there are no pictures; copy the model again")
    shapes: dict[str, tuple[int, ...]] = {}
    for component, paths in weighed.items():
        for path in paths:
            _, found_shapes = header(path)
            if component == family.core:
                shapes |= found_shapes
    described = Described(family, configs, files, shapes)
    check_numbers(described, str(folder))
    return described


def components(said: Mapping[str, Any], index: Path) -> Iterator[str]:
    """The components that a model_index.json names. Raises: ModelError if one brings code of its own."""
    for component, value in said.items():
        if component.startswith("_") or not isinstance(value, list) or None in value or len(value) != 2:
            continue
        if value[0] not in _LIBRARIES or not component.isidentifier():
            raise ModelError(
                f"{index}: {component[:60]} is of {str(value[0])[:60]!r}, whose code is never executed; "
                "give a pipeline whose components are diffusers' and transformers'"
            )
        yield component


def plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """A component's configurations and vocabularies."""
    if folder.is_dir():
        yield from ((path.name, path) for path in sorted(folder.iterdir()) if _is_plain(path))


def _is_plain(path: Path) -> bool:
    return path.suffix in _PLAIN and ".index." not in path.name and path.is_file()


def _files(folder: Path, *, pickles: bool) -> Iterator[tuple[str, Path]]:
    """A component's files: name that it is loaded by → path."""
    yield from plain_files(folder)
    yield from weights_of(folder, pickles=pickles)


def weights_of(folder: Path, *, pickles: bool = False) -> Iterator[tuple[str, Path]]:
    """A component's weights, whole rather than halved, in safetensors rather than pickled.

    Raises: ModelError if there are only pickles, and they are not wanted; or a part is missing.
    """
    for stem in _STEMS:
        for variant in ("", ".fp16", ".bf16"):
            path = folder / f"{stem}{variant}.safetensors"
            if path.is_file():
                # The library asks for variants by name, of all components at once.
                yield f"{stem}.safetensors", path
                return
            index = folder / f"{stem}.safetensors.index{variant}.json"
            if index.is_file():
                yield f"{stem}.safetensors.index.json", index
                yield from _shards(index)
                return
    for pickle in (folder / name for name in _PICKLES):
        if pickle.is_file() and not pickles:
            raise ModelError(
                f"{pickle}: is a pickle, which may hold code; save the model with safe_serialization=True, "
                "or write allow_pickle: true to read its tensors alone"
            )
        if pickle.is_file():
            yield pickle.name, pickle
            return


def _shards(index: Path) -> Iterator[tuple[str, Path]]:
    placed = read_json(index).get("weight_map")
    names = sorted(set(map(str, placed.values()))) if isinstance(placed, dict) else []
    for name in names:
        path = index.parent / name
        if "/" in name or not name.endswith(".safetensors"):
            raise ModelError(f"{index}: names {name[:60]!r}, which is no part of its weights; copy the model again")
        if not path.is_file():
            raise ModelError(f"{path}: is missing, and {index.name} names it; copy the model again")
        yield name, path


def _check_whole(folder: Path, found: Mapping[str, Path]) -> None:
    """Raises: ModelError if a component lacks its configuration or weights."""
    if not any(name in found for name in _CONFIGS):
        raise ModelError(f"{folder}: is missing or empty, and {INDEX} names it; copy the model again")
    has_weights = any(not _is_plain(path) for path in found.values())
    if "config.json" in found and "preprocessor_config.json" not in found and not has_weights:
        raise ModelError(f"{folder}: holds no weights; copy the model again")
