"""ControlNets, which lead a diffusion model by a picture: whether one was made for a model, by its configuration.
Torch-free.

Source: Zhang, Rao and Agrawala, arXiv:2302.05543: what a copy of the model's blocks makes of the picture is added to
what the model makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.diffusion.described import Described, read_json
from pipeline.diffusion.families import FLUX, SD, SD3, SDXL, Family, Task
from pipeline.diffusion.folder import INDEX, weights_of
from pipeline.errors import ModelError
from pipeline.headers import header

CONFIG = "config.json"

MOST = 4
"""ControlNets of one job."""

_UNET_CLASS = "ControlNetModel"

_CLASSES: Mapping[str, tuple[Family, ...]] = {
    _UNET_CLASS: (SD, SDXL),
    "SD3ControlNetModel": (SD3,),
    "FluxControlNetModel": (FLUX,),
}
"""Class, as a configuration names it → families of the models that it leads."""

_SHARED: Mapping[str, tuple[str, ...]] = {
    _UNET_CLASS: ("cross_attention_dim", "block_out_channels", "layers_per_block", "addition_embed_type"),
    "SD3ControlNetModel": ("num_attention_heads", "attention_head_dim", "patch_size"),
    "FluxControlNetModel": ("num_attention_heads", "attention_head_dim", "joint_attention_dim", "in_channels"),
}
"""Class → what its configuration and the model's must say alike."""

_LED: Mapping[str, tuple[Task, ...]] = {
    SD.name: ("generate", "image-to-image", "inpaint", "upscale", "film"),
    SDXL.name: ("generate", "image-to-image", "inpaint", "upscale", "film"),
    SD3.name: ("generate",),
    FLUX.name: ("generate", "image-to-image", "inpaint", "upscale", "film"),
}
"""Family → tasks in which the library leads it."""


@dataclass(frozen=True)
class ControlDescribed:
    """A ControlNet, as its files tell."""

    config: Mapping[str, Any]
    files: Mapping[str, Path]
    """Name in the folder that a worker loads it from → the file here."""

    @property
    def modes(self) -> int | None:
        """How many kinds of pictures lead it, of one that learnt several; None of one that learnt one."""
        count = self.config.get("num_mode")
        return count if isinstance(count, int) else None


def describe(folder: Path, *, pickles: bool = False) -> ControlDescribed:
    """The ControlNet in a folder that diffusers saved. `pickles`: whether weights may be torch's own files.

    Raises: ModelError if it is none, is damaged, or is one that Atelier does not call.
    """
    if (folder / INDEX).is_file():
        raise ModelError(f"{folder}: is a whole diffusion model and no ControlNet; name it as `model`")
    if not (folder / CONFIG).is_file():
        raise ModelError(f"{folder}: is no ControlNet: it holds no {CONFIG}; give a folder that diffusers saved")
    config = read_json(folder / CONFIG)
    class_of(config, folder)
    weights = dict(weights_of(folder, pickles=pickles))
    if not weights:
        raise ModelError(f"{folder}: holds no weights; copy the ControlNet again")
    for path in weights.values():
        if path.suffix == ".safetensors":
            header(path)
    return ControlDescribed(config, {CONFIG: folder / CONFIG, **weights})


def class_of(config: Mapping[str, Any], folder: Path) -> str:
    """The library's class that a configuration names. Raises: ModelError if it is none that Atelier calls."""
    name = str(config.get("_class_name"))
    if name not in _CLASSES:
        raise ModelError(f"{folder}: is a {name[:60]}, and no ControlNet that Atelier calls: {', '.join(_CLASSES)}")
    return name


def check(control: ControlDescribed, name: str, model: Described, of: str, task: Task, mode: int | None) -> None:
    """Return if the ControlNet can lead the model at that task.

    `name`, `of`: what people call the two. `mode`: which of the kinds of pictures that it learnt it is asked for.

    Raises: ModelError if it was made for another design, or the library leads no such task.
    """
    kind = str(control.config["_class_name"])
    family = model.family
    if family not in _CLASSES[kind]:
        led = " or ".join(each.title for each in _CLASSES[kind])
        raise ModelError(f"{name}: leads {led}, and {of} is {family.title}; take one made for it")
    for key in _SHARED[kind]:
        own, theirs = control.config.get(key), model.core.get(key)
        # What a configuration leaves out is the class's default, which is the library's affair.
        if key in control.config and key in model.core and own != theirs:
            said = f"its {key} is {_said(own)}, and {of}'s {_said(theirs)}"
            raise ModelError(f"{name}: was made for another design than {of}'s: {said}; take one made for it")
    if task not in _LED[family.name]:
        led = " and ".join(_LED[family.name])
        raise ModelError(f"{name}: diffusers leads {family.title} at task: {led} alone, not at {task}")
    modes = control.modes
    if mode is not None and modes is None:
        raise ModelError(f"{name}: learnt one kind of pictures, and has no mode; leave it out")
    if modes is not None and not 0 <= (-1 if mode is None else mode) < modes:
        raise ModelError(f"{name}: learnt {modes} kinds of pictures; say which this is, as mode: 0, up to {modes - 1}")


def _said(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
