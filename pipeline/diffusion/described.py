"""What is known of a diffusion model before it is loaded, by configurations and files' headers. Torch-free."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.diffusion.families import FLUX, LATENT_UPSCALE, SD3, UPSCALE, Family, Task
from pipeline.errors import ModelError

_MOST_BYTES = 64_000_000
"""Of a JSON file; a vocabulary is the largest of them."""

_LARGEST_PX = 16_384
"""Of a side; what says more of itself is damaged."""

_SD_MULTIPLE = 8
"""What the library asks of sizes for models with a U-Net, whatever their VAE."""

_FLUX_SIDE = 128
"""Latents a side that the library takes for Flux, whose configuration says none."""

_COLOURS = 3

_UNLIKE = "its U-Net takes {takes} channels and its VAE gives {gives}; they do not belong together"

_PLAIN_MASK = 1
"""Channels of the mask, beside the masked picture's, in a U-Net that learnt to inpaint."""


@dataclass(frozen=True)
class Described:
    """A model, as its files tell."""

    family: Family
    configs: Mapping[str, Mapping[str, Any]]
    """Component → its configuration, of those that are there and have one."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Name in the folder that a worker loads it from → the file here."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The core component's tensors, without the component's name, where its files name them as the library does."""

    @property
    def core(self) -> Mapping[str, Any]:
        """The configuration of the component that takes the noise away."""
        return self.configs[self.family.core]

    @property
    def pixels_a_latent(self) -> int:
        """Pixels of a picture's side that are one of its latent's."""
        return 2 ** (len(self.configs["vae"]["block_out_channels"]) - 1)

    @property
    def multiple(self) -> int:
        """Pixels that a picture's sides are multiples of."""
        if self.family is SD3:
            return self.pixels_a_latent * int(self.core["patch_size"])
        if self.family is FLUX:
            return self.pixels_a_latent * 2
        if self.family is UPSCALE:
            # The picture as it was has one pixel for each of a latent's; the library scales it to multiples of these.
            return self.pixels_a_latent * self.family.enlarges
        if self.family is LATENT_UPSCALE:
            return self.pixels_a_latent * 2 ** (len(self.core["block_out_channels"]) - 1)
        return math.lcm(_SD_MULTIPLE, self.pixels_a_latent)

    @property
    def longest(self) -> int | None:
        """The longest side that there is a place for, in px; None: any."""
        most = self.core.get("pos_embed_max_size") if self.family is SD3 else None
        return None if most is None else int(most) * self.multiple

    @property
    def usual(self) -> tuple[int, int]:
        """Width and height of the pictures that it learnt, in px."""
        side = self.core.get("sample_size") or _FLUX_SIDE
        height, width = side if isinstance(side, list) else (side, side)
        return self.nearest((width * self.pixels_a_latent, height * self.pixels_a_latent))

    @property
    def guidance(self) -> float:
        """Where a job file says none. A model that was distilled without guidance has none."""
        if self.family is FLUX and not self.core.get("guidance_embeds", False):
            return 0.0
        return self.family.guidance

    def nearest(self, size: tuple[int, int]) -> tuple[int, int]:
        """The nearest size that it can make: width, height."""
        step, most = self.multiple, self.longest or math.inf
        width, height = (int(min(max(step, int(side / step + 0.5) * step), most)) for side in size)
        return width, height

    def refusal(self, size: tuple[int, int]) -> str | None:
        """Why it cannot make pictures of that size, if it cannot, and the nearest that it can."""
        nearest = self.nearest(size)
        if nearest == size:
            return None
        most = f" and at most {self.longest}" if self.longest is not None else ""
        return f"{_said(size)} cannot be made: sides are multiples of {self.multiple} px{most}; write {_said(nearest)}"

    def misses(self, prompt: str) -> str | None:
        """Why it can make nothing of a prompt: there is no such prompt."""
        return None

    def check_task(self, task: Task, where: str) -> None:
        """Raises: ModelError, naming `where`, if the model learnt something else."""
        if self.family.core != "unet":
            return
        latent, takes = int(self.configs["vae"]["latent_channels"]), int(self.core["in_channels"])
        if self.family.enlarges:
            if task != "upscale":
                raise ModelError(f"{where}: enlarges pictures and makes none; write task: upscale, or take another")
            if takes != latent + (_COLOURS if self.family is UPSCALE else latent):
                raise ModelError(f"{where}: {_UNLIKE.format(takes=takes, gives=latent)}")
            return
        if takes == latent or (task == "inpaint" and takes == 2 * latent + _PLAIN_MASK):
            return
        if takes == 2 * latent + _PLAIN_MASK:
            raise ModelError(f"{where}: learnt to inpaint and makes nothing else; write task: inpaint, or take another")
        raise ModelError(f"{where}: {_UNLIKE.format(takes=takes, gives=latent)}")


def read_json(path: Path) -> dict[str, Any]:
    """A configuration. Raises: ModelError if it is missing, too large, or none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ModelError(f"{path}: is larger than any configuration; copy the model again")
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: is no whole JSON file; copy the model again") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: is no configuration; copy the model again")
    return value


def check_numbers(described: Described, where: str) -> None:
    """Compute all that is computed of the configurations. Raises: ModelError if one lacks what is needed."""
    try:
        core = described.core
        _ = described.longest, described.guidance, core.get("in_channels")
        if not all(1 <= side <= _LARGEST_PX for side in (described.multiple, *described.usual)):
            raise ValueError(f"they tell of sides that are not 1 to {_LARGEST_PX:,} px")
        if described.family.core == "unet":
            _ = int(core["in_channels"]), int(described.configs["vae"]["latent_channels"])
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ModelError(
            f"{where}: its configurations lack what they must say ({error}); copy the model again"
        ) from error


def _said(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
