"""LoRA files: whether one was trained on a model of this design, by its tensors' names and shapes. Torch-free.

Source: Hu et al., arXiv:2106.09685: a layer's weight (out, in) gets B·A on top, A (rank, in) and B (out, rank).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.diffusion.described import Described
from pipeline.diffusion.families import FLUX, LATENT_UPSCALE, SD3
from pipeline.errors import ModelError
from pipeline.headers import header

_DOWN = re.compile(r"(.*?)\.?(lora_A|lora_down|lora\.down|lora_a)(\.default)?\.weight$")
"""Of A, as diffusers, peft and kohya's tools name it."""

_MARKS = ("lora", "loha", "lokr")


def check(path: Path, model: Described, of: str) -> None:
    """Return if the file is a LoRA for the model; `of`: what people call that.

    Raises: ModelError if it is none, is damaged, or was trained on a model of another design.
    """
    if model.family is LATENT_UPSCALE:
        raise ModelError(f"{of}: {model.family.title} takes no LoRA; leave it out")
    _, shapes = header(path)
    if not any(mark in name for name in shapes for mark in _MARKS):
        raise ModelError(f"{path}: is no LoRA: none of its {len(shapes):,} tensors is called one")
    is_transformers = any(_of_transformer(name) for name in shapes)
    if is_transformers != (model.family.core == "transformer"):
        trained = "a transformer, as SD3 or Flux" if is_transformers else "a U-Net, as Stable Diffusion 1 or XL"
        raise ModelError(f"{path}: was trained on {trained}, and {of} is {model.family.title}; take one made for it")
    for name, wide in _inputs(shapes):
        expected = _expected(name, model)
        if expected is not None and wide != expected:
            raise ModelError(
                f"{path}: was trained on another design than {of}'s, {model.family.title}: "
                f"{name} takes {wide} numbers where there are {expected}; take one made for it"
            )


def _of_transformer(name: str) -> bool:
    return name.startswith(("transformer.", "lora_transformer")) or "double_blocks" in name or "joint_blocks" in name


def _inputs(shapes: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, int]]:
    """Layer → how many numbers it takes."""
    for name, shape in shapes.items():
        match = _DOWN.match(name)
        if match and len(shape) in (2, 4):
            yield match[1], shape[1]


def _expected(layer: str, model: Described) -> int | None:
    """How many numbers the model's layer of that name takes, where that can be told."""
    own = layer.removeprefix(f"{model.family.core}.").replace(".processor", "").replace("_lora", "")
    shape = model.shapes.get(f"{own}.weight")
    if shape is not None and len(shape) > 1:
        return shape[1]
    if model.family.core == "unet":
        # What attends to the words takes what the text encoder gives, whatever the layer is called.
        is_words = re.search(r"attn2[._]to_[kv]$", layer) is not None
        wide = model.core.get("cross_attention_dim")
        return int(wide) if is_words and isinstance(wide, int) else None
    if model.family in (SD3, FLUX) and re.search(r"attn[._]to_[qkv]$", layer):
        return int(model.core["num_attention_heads"]) * int(model.core["attention_head_dim"])
    return None
