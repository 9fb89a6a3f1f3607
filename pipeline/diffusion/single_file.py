"""A model as one .safetensors file, as its authors published it: told by its tensors' names. Torch-free.

Such a file has weights and nothing else. Configurations and vocabularies come from a diffusers folder of the same
design, whose own weights need not be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.diffusion.described import Described, check_numbers, read_json
from pipeline.diffusion.families import FLUX, SD, SD3, SDXL, Family, family_of
from pipeline.diffusion.folder import INDEX, components, plain_files, weights_of
from pipeline.errors import ModelError
from pipeline.headers import header

FILE = "model.safetensors"
"""What a worker's copy is called, beside the folder `config`."""

CONFIG = "config"

_CORE = "model.diffusion_model."

_SIGNS: tuple[tuple[Family, tuple[str, ...]], ...] = (
    (SD3, (f"{_CORE}joint_blocks.",)),
    (FLUX, (f"{_CORE}double_blocks.", "double_blocks.")),
    (SDXL, ("conditioner.embedders.",)),
    (SD, ("cond_stage_model.",)),
)
"""How tensors' names begin that no other family has. First come, first served."""

_HELD: Mapping[str, tuple[str, ...]] = {
    "unet": (f"{_CORE}input_blocks.",),
    "transformer": (f"{_CORE}joint_blocks.", f"{_CORE}double_blocks.", "double_blocks."),
    "vae": ("first_stage_model.", "vae."),
    "text_encoder": ("cond_stage_model.", "conditioner.embedders.0.", "text_encoders.clip_l."),
    "text_encoder_2": ("conditioner.embedders.1.", "text_encoders.clip_g.", "text_encoders.t5xxl."),
    "text_encoder_3": ("text_encoders.t5xxl.",),
}
"""Component → how the names of its tensors may begin."""


def describe(path: Path, config: Path) -> Described:
    """The model in a file, with the configurations in a folder.

    Raises: ModelError if the file holds no such model, or the folder's is another.
    """
    _, shapes = header(path)
    family = _family(shapes, path)
    index = config / INDEX
    if not index.is_file():
        raise ModelError(f"{config}: is no diffusers folder: it holds no {INDEX}; give one of {family.title}")
    said = read_json(index)
    other = family_of(str(said.get("_class_name")), str(config))
    if other is not family:
        raise ModelError(f"{config}: is of {other.title}, and {path.name} of {family.title}; they do not belong")
    files = {FILE: path, f"{CONFIG}/{INDEX}": index}
    configs: dict[str, Mapping[str, Any]] = {}
    for component in components(said, index):
        files |= {f"{CONFIG}/{component}/{name}": file for name, file in plain_files(config / component)}
        own = config / component / "config.json"
        if own.is_file():
            configs[component] = read_json(own)
        if component in _HELD and not any(name.startswith(_HELD[component]) for name in shapes):
            files |= _lent(config, component, path)
    described = Described(family, configs, files)
    if missing := [needed for needed in (family.core, "vae") if needed not in configs]:
        raise ModelError(f"{config}: has no {missing[0]}/config.json; copy the folder's configurations again")
    check_numbers(described, str(config))
    _check_fits(described, shapes, path, config)
    return described


def _lent(config: Path, component: str, path: Path) -> dict[str, Path]:
    """The weights of a component that the file lacks and the folder has."""
    lent = {f"{CONFIG}/{component}/{name}": file for name, file in weights_of(config / component)}
    if not lent:
        raise ModelError(f"{path}: holds no {component}, nor does {config}; give a folder that does as `config`")
    return lent


def _family(shapes: Mapping[str, tuple[int, ...]], path: Path) -> Family:
    for family, signs in _SIGNS:
        if any(name.startswith(signs) for name in shapes):
            return family
    if any("lora" in name for name in shapes):
        raise ModelError(f"{path}: is a LoRA and no model; write lora: [{{path: {path.name}}}] beside a model")
    raise ModelError(f"{path}: holds no diffusion model that Atelier knows by its tensors; give a diffusers folder")


def _check_fits(described: Described, shapes: Mapping[str, tuple[int, ...]], path: Path, config: Path) -> None:
    """Of a U-Net, its width; others are found out when they are loaded."""
    first = shapes.get(f"{_CORE}input_blocks.0.0.weight")
    widths = described.core.get("block_out_channels")
    if first is not None and isinstance(widths, list) and widths and first[0] != widths[0]:
        raise ModelError(
            f"{path}: its U-Net begins with {first[0]} channels, and {config}'s with {widths[0]}; "
            "give the configurations of this model"
        )
