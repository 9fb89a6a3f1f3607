"""Small generators of random weights, in our files and in NVIDIA's, for tests of what is made with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from pipeline.models.stylegan.config import GeneratorConfig, Synthesis3Config
from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
from pipeline.models.stylegan.files import to_safetensors
from pipeline.models.stylegan.generator import Generator
from tests.models.official_pickles import Described, official_bytes

SMALL = {"z_dim": 8, "w_dim": 8, "channel_base": 64, "channel_max": 8}

CONFIGS = {
    "stylegan2": stylegan2(16, **SMALL),
    "deeper": stylegan2(64, **SMALL),
    "conditional": stylegan2(16, c_dim=3, **SMALL),
    "stylegan3": stylegan3(16, **SMALL),
}


def generator(kind: str, seed: int = 0) -> Generator:
    """One whose noise and mean latent are seen in its pictures."""
    made = untrained(CONFIGS[kind], seed=seed)
    numbers = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        made.mapping.w_avg.copy_(torch.randn(8, generator=numbers))
        for name, parameter in made.named_parameters():
            if name.endswith("noise_strength"):
                parameter.fill_(0.3)
    return made


def write_generator(path: Path, kind: str = "stylegan2", seed: int = 0) -> Path:
    """A safetensors file of ours."""
    path.write_bytes(to_safetensors(generator(kind, seed)))
    return path


def write_pickle(path: Path, kind: str = "stylegan2", seed: int = 0, **changed: Any) -> Path:
    """The same as NVIDIA would pickle it; `changed`: other tensors by name."""
    path.write_bytes(official_bytes({"G_ema": described(generator(kind, seed), **changed)}))
    return path


def described(made: Generator, **changed: Any) -> Described:
    """A generator in the words of official checkpoints."""
    config = made.config
    state: dict[str, Any] = dict(made.named_parameters()) | dict(made.named_buffers()) | changed
    state |= {"mapping.num_ws": config.num_ws, "mapping.z_dim": config.mapping.z_dim}
    state |= {"mapping.fc0.bias_gain": config.mapping.rate, "mapping.fc0.activation": "lrelu"}
    state |= {"synthesis.w_dim": config.synthesis.w_dim, "synthesis.img_resolution": config.synthesis.resolution}
    state |= _facts3(config.synthesis) if isinstance(config.synthesis, Synthesis3Config) else _facts2(config)
    return "Generator", {"z_dim": config.mapping.z_dim}, state


def _facts2(config: GeneratorConfig) -> dict[str, Any]:
    last = f"synthesis.b{config.synthesis.resolution}"
    return {f"{last}.architecture": "skip", f"{last}.conv1.conv_clamp": 256}


def _facts3(config: Synthesis3Config) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "synthesis.layer_names": [layer.name for layer in config.layers],
        "synthesis.img_channels": config.picture_channels,
        "synthesis.output_scale": config.output_scale,
        "synthesis.input.size": [config.input_size, config.input_size],
        "synthesis.input.sampling_rate": config.sampling_rate,
        "synthesis.input.bandwidth": config.bandwidth,
    }
    for layer in config.layers:
        at = f"synthesis.{layer.name}"
        facts |= {f"{at}.up_factor": layer.up, f"{at}.down_factor": layer.down, f"{at}.is_torgb": layer.shows}
        facts |= {f"{at}.padding": list(layer.padding), f"{at}.conv_clamp": 256}
    return facts
