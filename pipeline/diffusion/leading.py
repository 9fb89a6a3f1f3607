"""What a pipeline with ControlNets is called with besides: pictures that lead, and how much each counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.diffusion.brief import DiffusionBrief, Row
from pipeline.diffusion.preprocess import PREPROCESSORS, Preprocessor

Look = Callable[[int, tuple[int, int]], Image.Image]
"""(place among the plan's files, width and height) → the picture."""


def leading(brief: DiffusionBrief, rows: Sequence[Row], look: Look) -> dict[str, Any]:
    """Keywords for the pipeline of a batch; none where the job has no ControlNet.

    Pictures for a U-Net are tensors, for its pipelines take nested lists in two orders; those of transformers take
    tensors for what they would have made of pictures.
    """
    if not brief.controls:
        return {}
    is_unet = brief.kin.core == "unet"
    pictures: list[Any] = []
    for place, control in enumerate(brief.controls):
        led = [_prepared(look(row.subject.controls[place], row.size), control.preprocessor) for row in rows]
        pictures.append(
            torch.stack([_tensor(pixels) for pixels in led]) if is_unet else list(map(Image.fromarray, led))
        )
    # Where there is no other picture, the first pipelines of the library call it that.
    key = "image" if brief.task == "generate" and is_unet else "control_image"
    told: dict[str, list[Any]] = {
        key: pictures,
        "controlnet_conditioning_scale": [control.weight for control in brief.controls],
        "control_guidance_start": [control.start for control in brief.controls],
        "control_guidance_end": [control.end for control in brief.controls],
    }
    if any(control.mode is not None for control in brief.controls):
        told["control_mode"] = [control.mode for control in brief.controls]
    return told if len(brief.controls) > 1 else {name: values[0] for name, values in told.items()}


def _prepared(picture: Image.Image, preprocessor: Preprocessor) -> np.ndarray:
    """(H, W, 3) uint8."""
    return PREPROCESSORS[preprocessor](np.asarray(picture.convert("RGB")))


def _tensor(pixels: np.ndarray) -> Tensor:
    """(3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)
