"""The command line of training the two networks that come with Atelier and know no painting of their own.

`python -m pipeline.training.networks features|any-painting --help`. Single styles are trained by style_cli.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from pipeline import device
from pipeline.errors import AtelierError
from pipeline.models import features
from pipeline.models.vgg import load_vgg
from pipeline.training.any_painting import train_any_painting
from pipeline.training.distill import distil
from pipeline.training.loop import Progress
from pipeline.training.schedule import Schedule

_SCHEDULES = {
    "features": Schedule(iterations=1200, learning_rate=3e-4, average=0.99, save_every=100),
    "any-painting": Schedule(iterations=1700, learning_rate=1.5e-3, average=0.995, save_every=100),
}
"""What the shipped networks were trained with; that for any painting was stopped at 1500."""
_CROPS_PX = {"features": 112, "any-painting": 176}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the network that the arguments name. 0 if it was written, 2 if something in them was wrong."""
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
    preset = _SCHEDULES[given.network]
    schedule = Schedule(
        iterations=given.iterations or preset.iterations,
        learning_rate=preset.learning_rate,
        average=preset.average,
        save_every=preset.save_every,
    )
    if given.network == "features":
        vgg, folders = load_vgg(given.vgg), [given.photos, given.paintings]
        distil(
            vgg,
            folders,
            given.out,
            schedule=schedule,
            crop_px=given.crop_px or _CROPS_PX[given.network],
            device=place,
            report=_report,
        )
    else:
        train_any_painting(
            features.load(given.encoder or features.SHIPPED),
            load_vgg(given.vgg) if given.vgg else features.load(features.SHIPPED),
            photos=given.photos,
            paintings=given.paintings,
            out=given.out,
            schedule=schedule,
            crop_px=given.crop_px or _CROPS_PX[given.network],
            device=place,
            report=_report,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline.training.networks", description=__doc__)
    parser.add_argument("network", choices=_SCHEDULES)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs")
    parser.add_argument("--paintings", type=Path, required=True, help="a folder of paintings")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    parser.add_argument(
        "--vgg", type=Path, help="VGG19's convolutions; default: torchvision's, of any-painting Atelier's own features"
    )
    parser.add_argument("--encoder", type=Path, help="features that any-painting sees with; default: Atelier's own")
    parser.add_argument("--iterations", type=int, help="default: as the shipped network")
    parser.add_argument("--crop-px", type=int, help="side of the crops; default: as the shipped network")
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
