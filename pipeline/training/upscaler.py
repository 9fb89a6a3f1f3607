"""The command line of training the network that enlarges pictures: `python -m pipeline.training.upscaler --help`.

The training itself is upscaling.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from pipeline import device
from pipeline.errors import AtelierError, ConfigError
from pipeline.models.features import open_features
from pipeline.training.loop import Progress
from pipeline.training.schedule import Schedule
from pipeline.training.sharp import SUBJECTS, Drawings, Folder, Mixture, Sharp
from pipeline.training.upscaling import Recipe, fresh_network, train_upscaler

_ITERATIONS = 7500
_RATE = 1e-3
"""As the shipped network was trained."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the arguments say. 0 if the network was written, 2 if something in them was wrong."""
    given = _parser().parse_args(arguments)
    if given.threads:
        torch.set_num_threads(given.threads)
    try:
        _train(given)
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _train(given: argparse.Namespace) -> None:
    place = device.pick(given.device)
    schedule = Schedule(
        iterations=given.iterations,
        learning_rate=_RATE,
        average=0.999,
        save_every=given.save_every,
        mixed_precision=device.has_fast_bfloat16(place),
        seed=given.seed,
    )
    if given.crop_px % 4 or given.crop_px < 8:
        raise ConfigError(f"--crop-px is {given.crop_px}, but must be a multiple of 4, 8 at least")
    recipe = Recipe(batch=given.batch, crop_px=given.crop_px, features=given.features)
    train_upscaler(
        fresh_network(given.seed, channels=given.channels, blocks=given.blocks),
        _sharp(given),
        given.out,
        schedule=schedule,
        recipe=recipe,
        features=open_features() if given.features else None,
        device=place,
        report=_report,
    )


def _sharp(given: argparse.Namespace) -> Sharp:
    """What there is to learn from. Raises: ConfigError if that is nothing; MediaError if a folder is empty."""
    sources: list[Sharp] = []
    shares: list[float] = []
    for subject, count in (("rooms", given.rooms), ("portraits", given.portraits)):
        if count:
            sources.append(Drawings(subject, count))
            shares.append(count)
    drawn = sum(shares)
    for folder in given.pictures:
        sources.append(Folder(folder))
        shares.append((drawn or 1) / len(given.pictures))
    if not sources:
        raise ConfigError("there is nothing to learn from; give --pictures, or some --rooms or --portraits")
    return Mixture(sources, shares)


def _parser() -> argparse.ArgumentParser:
    recipe, sizes = Recipe(), fresh_network().sizes
    parser = argparse.ArgumentParser(prog="python -m pipeline.training.upscaler", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    parser.add_argument(
        "--pictures", type=Path, nargs="+", default=[], help="folders of sharp pictures; half of what is seen"
    )
    for subject in SUBJECTS:
        parser.add_argument(
            f"--{subject}", type=int, default=0, help=f"{subject} to draw and learn from; default: none"
        )
    parser.add_argument("--iterations", type=int, default=_ITERATIONS, help="default: %(default)s")
    parser.add_argument("--batch", type=int, default=recipe.batch, help="default: %(default)s")
    parser.add_argument(
        "--crop-px", type=int, default=recipe.crop_px, help="of the small pictures; default: %(default)s"
    )
    parser.add_argument("--channels", type=int, default=sizes["channels"], help="default: %(default)s")
    parser.add_argument("--blocks", type=int, default=sizes["blocks"], help="default: %(default)s")
    parser.add_argument(
        "--features", type=float, default=recipe.features, help="what Atelier's features count; default: %(default)s"
    )
    parser.add_argument("--save-every", type=int, default=200, help="iterations; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    return parser


def _report(progress: Progress) -> None:
    if progress.iteration % 20 == 0:
        losses = "  ".join(f"{name} {loss:.4f}" for name, loss in progress.losses.items())
        sys.stdout.write(f"{progress.iteration}/{progress.iterations}  {losses}  {progress.seconds:.0f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
