"""Small designers of random weights, and what jobs with them read: designs, photographs, masks, attributes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from pipeline import provenance
from pipeline.catalog import digest
from pipeline.images import encode_png
from pipeline.models.vae.config import VaeConfig
from pipeline.models.vae.files import to_safetensors
from pipeline.models.vae.network import Vae

SIZE, LATENT = 64, 8

CONFIG = VaeConfig(size_px=SIZE, latent=LATENT, channels=4, channels_most=8, attributes=("warmth", "window", "sofa"))


@cache
def designer(seed: int = 0, latent: int = LATENT, attributes: tuple[str, ...] = CONFIG.attributes) -> Vae:
    """One whose pictures are rich, whose latents are spread unevenly, and whose attributes are seen."""
    torch.manual_seed(seed)
    vae = Vae(VaeConfig(**{**vars(CONFIG), "latent": latent, "attributes": attributes}))
    with torch.no_grad():
        vae.decoder.sketch.weight.mul_(1.5)
        vae.encoder.sketch.weight.mul_(20)
        vae.centre.copy_(0.2 * torch.randn(latent))
        vae.spread.copy_(torch.tril(0.1 * torch.randn(latent, latent), -1) + torch.diag(0.8 + torch.rand(latent)))
        vae.directions.copy_(torch.randn(len(attributes), latent))
    return vae.requires_grad_(False).eval()


def write_designer(
    path: Path, seed: int = 0, latent: int = LATENT, attributes: tuple[str, ...] = CONFIG.attributes
) -> Path:
    """A safetensors file of ours."""
    path.write_bytes(to_safetensors(designer(seed, latent, attributes)))
    return path


def write_design(path: Path, model: Path, z: np.ndarray, **facts: str) -> Path:
    """A picture that tells its latent, of a model in a file; `facts`: other ones."""
    told = {"model": model.stem, "modelSha256": digest(model), **provenance.latent_facts(z), **facts}
    path.write_bytes(provenance.embed(encode_png(np.full((SIZE, SIZE, 3), 90, np.uint8)), told))
    return path


def photograph(width: int, height: int, seed: int = 0) -> np.ndarray:
    """Something smooth with an edge, `(height, width, 3)` uint8."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 9 + seed), np.cos(y / 7), np.sin((x + y) / 11) + (x > width // 2)]
    return np.clip(127 + 70 * np.stack(waves, 2), 0, 255).astype(np.uint8)


def mask(width: int, height: int) -> np.ndarray:
    """White on the left half, black on the right."""
    made = np.zeros((height, width, 3), np.uint8)
    made[:, : width // 2] = 255
    return made


def write_attributes(
    path: Path, model: Path, names: tuple[str, ...] = ("calm", "height"), *, latent: int = LATENT, **said: str
) -> Path:
    """Directions that somebody fitted for a model; `said`: other metadata."""
    values = np.linspace(-1, 1, len(names) * latent, dtype=np.float32).reshape(len(names), latent)
    metadata = {"architecture": "atelier-directions-1", "attributes": json.dumps(names), "modelSha256": digest(model)}
    path.write_bytes(save({"directions": values}, {**metadata, **said}))
    return path
