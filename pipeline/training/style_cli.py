"""The command line of training a style: arguments in, progress lines out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import torch

from pipeline import device
from pipeline.errors import AtelierError
from pipeline.training.card import Credit
from pipeline.training.loop import Progress, Schedule
from pipeline.training.recipe import Recipe
from pipeline.training.style import train_style

_ITERATIONS = 4000


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the style that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    given = vars(_parser().parse_args(arguments))
    if threads := given["threads"]:
        torch.set_num_threads(threads)
    try:
        train_style(
            given["name"],
            painting=given["painting"],
            photos=given["photos"],
            out=given["out"],
            vgg=given["vgg"],
            warm_start=given["warm_start"],
            recipe=Recipe(**_asked(Recipe, given)),
            schedule=Schedule(**_asked(Schedule, given)),
            credit=Credit(**{field.name: given[f"credit_{field.name}"] for field in fields(Credit)}),
            device=device.pick(given["device"]),
            report=_print_every(50),
        )
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.style", description="Train a painting's style from a folder of photographs."
    )
    parser.add_argument("--name", required=True, help="what the style will be called")
    parser.add_argument("--painting", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs; a few hundred are enough")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors and NAME.md go")
    parser.add_argument("--vgg", type=Path, help=".npz of VGG19's convolutions; default: torchvision's download")
    parser.add_argument("--warm-start", type=Path, help="weights of another style to begin from")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    for kind, prefix in ((Recipe, ""), (Schedule, ""), (Credit, "credit-")):
        _add_fields(parser, kind, prefix)
    return parser


def _add_fields(parser: argparse.ArgumentParser, kind: Any, prefix: str) -> None:
    """One option for each number or text of a dataclass, with its own default."""
    for field in fields(kind):
        default = _ITERATIONS if field.default is MISSING else field.default
        option = f"--{prefix}{field.name.replace('_', '-')}"
        if isinstance(default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=default)
        elif not isinstance(default, tuple):
            parser.add_argument(option, type=type(default), default=default, help="default: %(default)s")


def _asked(kind: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {field.name: given[field.name] for field in fields(kind) if field.name in given}


def _print_every(iterations: int) -> Any:
    def report(progress: Progress) -> None:
        if progress.iteration % iterations == 0 or progress.iteration == progress.iterations:
            losses = "  ".join(f"{name} {loss:.4f}" for name, loss in progress.losses.items())
            sys.stdout.write(f"{progress.iteration}/{progress.iterations}  {losses}  {progress.seconds:.0f} s\n")
            sys.stdout.flush()

    return report
