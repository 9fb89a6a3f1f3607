"""Diffusion models as planning sees them: configurations and headers, with tensors of nothing. No library is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

_CLASSES = {
    "sd": "StableDiffusionPipeline",
    "sdxl": "StableDiffusionXLPipeline",
    "sd3": "StableDiffusion3Pipeline",
    "flux": "FluxPipeline",
    "upscale": "StableDiffusionUpscalePipeline",
    "latent-upscale": "StableDiffusionLatentUpscalePipeline",
}

_VAE = {"block_out_channels": [128, 256, 512, 512], "latent_channels": 4}

_VAES = {"upscale": {"block_out_channels": [128, 256, 512], "latent_channels": 4}}
"""Of those whose is another."""

_CORES: dict[str, dict[str, Any]] = {
    "sd": {"sample_size": 64, "in_channels": 4, "cross_attention_dim": 768, "block_out_channels": [320, 640]},
    "sdxl": {"sample_size": 128, "in_channels": 4, "cross_attention_dim": 2048, "block_out_channels": [320, 640]},
    "sd3": {
        "sample_size": 128,
        "patch_size": 2,
        "in_channels": 16,
        "pos_embed_max_size": 96,
        "num_attention_heads": 24,
        "attention_head_dim": 64,
    },
    "upscale": {"sample_size": 128, "in_channels": 7, "cross_attention_dim": 1024, "block_out_channels": [256, 512]},
    "latent-upscale": {"in_channels": 8, "cross_attention_dim": 768, "block_out_channels": [384, 384, 768, 768]},
    "flux": {"in_channels": 64, "guidance_embeds": True, "num_attention_heads": 24, "attention_head_dim": 128},
}


def write_folder(folder: Path, family: str, **core: Any) -> Path:
    """A model of a family, of the sizes that real ones have; `core` changes its configuration."""
    name = "transformer" if family in ("sd3", "flux") else "unet"
    index: dict[str, Any] = {
        "_class_name": _CLASSES[family],
        "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "safety_checker": [None, None],
        name: ["diffusers", "Any"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    write_json(folder / "model_index.json", index)
    write_json(folder / "scheduler/scheduler_config.json", {})
    write_json(folder / "tokenizer/tokenizer_config.json", {})
    for component, config in (("vae", _VAES.get(family, _VAE)), ("text_encoder", {}), (name, _CORES[family] | core)):
        write_json(folder / component / "config.json", config)
        stem = "model" if component == "text_encoder" else "diffusion_pytorch_model"
        write_tensors(folder / component / f"{stem}.safetensors", {f"{component}.weight": (2, 2)})
    return folder


def write_json(path: Path, value: Any) -> None:
    """Its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def write_tensors(path: Path, shapes: dict[str, tuple[int, ...]]) -> Path:
    """Zeros of these shapes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.zeros(shape, np.float16) for name, shape in shapes.items()}, path)
    return path


_CONTROLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sd": ("ControlNetModel", ("cross_attention_dim", "block_out_channels")),
    "sdxl": ("ControlNetModel", ("cross_attention_dim", "block_out_channels")),
    "sd3": ("SD3ControlNetModel", ("num_attention_heads", "attention_head_dim", "patch_size")),
    "flux": ("FluxControlNetModel", ("num_attention_heads", "attention_head_dim", "in_channels")),
}


def write_control(folder: Path, family: str, **said: Any) -> Path:
    """A ControlNet for a family's models; `said` changes its configuration."""
    name, keys = _CONTROLS[family]
    config = {"_class_name": name, **{key: _CORES[family][key] for key in keys}, **said}
    write_json(folder / "config.json", config)
    write_tensors(folder / "diffusion_pytorch_model.safetensors", {"weight": (2, 2)})
    return folder


def write_lora(path: Path, wide: int) -> Path:
    """A LoRA on what attends to words, as kohya's tools name it."""
    layer = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    return write_tensors(path, {f"{layer}.lora_down.weight": (4, wide), f"{layer}.lora_up.weight": (640, 4)})
