"""Held-out numbers of an autoencoder beside a plain one's of the same latent size, on the same pictures, at 128 px.

    python -m bench.vae --images DIR --ours interiors.safetensors
    python -m bench.vae --images DIR --ours interiors.safetensors --sheet sheet.png

Ours comes from `python -m pipeline.training.vae`, which holds the same pictures out. The plain one, plain_vae.py's, is
trained here, on the same crops, until its held-out error has not fallen for a while, and its best state is measured.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from bench.machine import describe
from bench.plain_vae import PlainVae, train_step
from pipeline.models.features import SHIPPED, FeatureNetwork
from pipeline.models.features import load as load_features
from pipeline.models.vae.files import load
from pipeline.models.vae.network import Vae
from pipeline.training.chance import Chance
from pipeline.training.frechet import distance, features_of, gaussian
from pipeline.training.material import chosen
from pipeline.training.vae import sources
from pipeline.training.vae.brief import VaeRecipe
from pipeline.training.vae.material import Material
from pipeline.training.vae.measures import psnr, ssim

_BATCH, _RATE = 32, 1e-3
_LOOK_EVERY, _PATIENCE = 200, 8
"""Iterations between looks at held-out pictures, and looks without a better one before it ends."""
_SAMPLES = 1000
_COLUMNS = 8


def main() -> int:
    """Train the plain one, measure both, print the table."""
    given = _parser().parse_args()
    torch.set_num_threads(given.threads)
    ours = load(given.ours)
    recipe = VaeRecipe(
        size_px=ours.config.size_px,
        latent=ours.config.latent,
        crop=1.125,
        mirror=True,
        jitter=given.jitter,
        batch=_BATCH,
    )
    paths = [given.images / name for name in chosen(path.name for path in given.images.iterdir())]
    material = sources.folder(paths, str(given.images), recipe).material
    plain, iterations = _plain(material, recipe, given)
    features = load_features(SHIPPED)
    _say(describe())
    _say(f"{len(material.learnt)} learnt, {len(material.held_out)} held out; latent size {ours.config.latent}")
    _say(f"plain: best after {iterations:,} iterations of {_BATCH}\n")
    _say("| | PSNR, dB | SSIM | Fréchet distance of samples |\n|---|---|---|---|")
    size = recipe.size_px
    spread = torch.Generator().manual_seed(0)
    normal = torch.randn(_SAMPLES, ours.config.latent, generator=spread)
    rows: list[tuple[str, Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = [
        ("plain, 64 px", lambda x: plain.decode_at(plain.encode(x).mean, size), lambda n: plain.decode_at(n, size)),
        (f"ours, {size} px", lambda x: ours.decode(ours.encode(x).mean).clamp(0, 1), lambda n: _samples(ours, n)),
    ]
    for name, reconstruct, sample in rows:
        _say(_row(name, reconstruct, sample, material=material, normal=normal, features=features))
    if given.sheet:
        _draw(given.sheet, [(reconstruct, sample) for _, reconstruct, sample in rows], material, normal)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _samples(vae: Vae, normal: Tensor) -> Tensor:
    return vae.decode(vae.place(normal)).clamp(0, 1)


def _plain(material: Material, recipe: VaeRecipe, given: argparse.Namespace) -> tuple[PlainVae, int]:
    """The plain one: of the file, or trained now and kept there."""
    if given.plain is None or not given.plain.exists():
        plain, iterations = _trained(material, recipe, given.minutes)
        if given.plain is not None:
            torch.save({"network": plain.state_dict(), "iterations": iterations}, given.plain)
        return plain, iterations
    kept = torch.load(given.plain, weights_only=True)
    plain = PlainVae(recipe.latent)
    plain.load_state_dict(kept["network"])
    return plain.eval(), int(kept["iterations"])


def _trained(material: Material, recipe: VaeRecipe, minutes: float) -> tuple[PlainVae, int]:
    torch.manual_seed(0)
    network = PlainVae(recipe.latent).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
    best, best_error, found_at, iteration, began = copy.deepcopy(network), float("inf"), 0, 0, time.monotonic()
    while iteration - found_at < _PATIENCE * _LOOK_EVERY and time.monotonic() - began < 60 * minutes:
        chance = Chance(0, iteration, torch.device("cpu"))
        train_step(network.train(), optimiser, material.batch(_BATCH, chance.lots), chance.noise)
        iteration += 1
        if iteration % _LOOK_EVERY == 0:
            error = _error(network.eval(), material, recipe.size_px)
            sys.stderr.write(f"plain: {iteration} iterations, held-out error {error:.5f}\n")
            if error < best_error:
                best, best_error, found_at = copy.deepcopy(network), error, iteration
    return best.eval(), found_at


@torch.no_grad()
def _error(network: PlainVae, material: Material, size: int) -> float:
    held = material.of(material.held_out)
    return float((network.decode_at(network.encode(held).mean, size) - held).square().mean())


@torch.no_grad()
def _row(
    name: str,
    reconstruct: Callable[[Tensor], Tensor],
    sample: Callable[[Tensor], Tensor],
    *,
    material: Material,
    normal: Tensor,
    features: FeatureNetwork,
) -> str:
    held = material.of(material.held_out)
    made = torch.cat([reconstruct(part) for part in held.split(_BATCH)])
    everything = [*material.learnt, *material.held_out]
    numbers = [everything[at : at + _BATCH] for at in range(0, len(everything), _BATCH)]
    real = gaussian(features_of(features, material.of(part) * 2 - 1) for part in numbers)
    drawn = gaussian(features_of(features, sample(part) * 2 - 1) for part in normal.split(_BATCH))
    apart = distance(real, drawn) / float(real.covariance.trace())
    return f"| {name} | {float(psnr(made, held).mean()):.2f} | {float(ssim(made, held).mean()):.3f} | {apart:.3f} |"


@torch.no_grad()
def _draw(
    path: Path,
    networks: list[tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]],
    material: Material,
    normal: Tensor,
) -> None:
    """Held-out pictures; each network's reconstructions; each network's samples."""
    held = material.of(material.held_out[:_COLUMNS])
    rows = [held, *(reconstruct(held) for reconstruct, _ in networks)]
    rows += [sample(normal[:_COLUMNS]) for _, sample in networks]
    tiles = [np.concatenate((row * 255).round().byte().permute(0, 2, 3, 1).numpy(), axis=1) for row in rows]
    Image.fromarray(np.concatenate(tiles)).save(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.vae", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=Path, required=True, help="the folder that ours was trained on")
    parser.add_argument("--ours", type=Path, required=True, help="weights that pipeline.training.vae wrote")
    parser.add_argument("--minutes", type=float, default=30.0, help="at most, for the plain one; default: %(default)s")
    parser.add_argument("--plain", type=Path, help="file to keep the plain one in, and to take it from")
    parser.add_argument("--jitter", type=float, default=0.1, help="as ours was trained with; default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--sheet", type=Path, help="PNG to draw: held out, reconstructions, samples")
    return parser


if __name__ == "__main__":
    sys.exit(main())
