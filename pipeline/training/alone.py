"""Training where there is PyTorch and nothing else: what the command lines of all families share.

Arguments in, progress lines out; what is trained, and on what, is the family's.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from pipeline.errors import AtelierError, ModelError
from pipeline.training.loop import Progress
from pipeline.training.pictures import Pictures
from pipeline.training.record import Record
from pipeline.training.schedule import Course
from pipeline.training.sketchbook import Steps
from pipeline.training.state import keep_state, kept_state
from pipeline.training.style import replace

_TELL_S = 10.0


class Recorded(Steps, Protocol):
    """Iterations that say what they compute in, and keep numbers."""

    device: torch.device
    record: Record

    @property
    def precision(self) -> torch.dtype:
        """What convolutions compute in."""
        ...


class Alone(Protocol):
    """A training that can be shown and kept at any time."""

    @property
    def name(self) -> str:
        """What is trained will be called."""
        ...

    @property
    def batch(self) -> int:
        """Pictures an iteration."""
        ...

    @property
    def steps(self) -> Recorded:
        """Its iterations."""
        ...

    @property
    def schedule(self) -> Course:
        """How long it takes."""
        ...

    def preview(self) -> np.ndarray:
        """What there is now: (H, W, 3) uint8 sRGB."""
        ...

    def weights(self) -> bytes:
        """As a safetensors file."""
        ...

    def card(self) -> str:
        """Its model card."""
        ...

    def report(self) -> bytes:
        """Its numbers as a PNG file."""
        ...


def run(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, train: Callable[[dict[str, Any]], None]
) -> int:
    """Parse, and train. 0 if all went well, 2 if something in the arguments was wrong."""
    given = vars(parser.parse_args(arguments))
    if threads := given["threads"]:
        torch.set_num_threads(threads)
    try:
        train(given)
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def drive(
    training: Alone, given: dict[str, Any], *, pictures: Pictures | None, told: str, counted: str = "images"
) -> None:
    """Train to the end, or for as many minutes as were given: sheets, weights, card and state are kept in `out`.

    `pictures`: that it learns from, where they are made first. `told`: what the picture of its numbers is called,
    `NAME-told.png`. `counted`: what its batches are of.
    Raises: as the training.
    """
    began, out = time.monotonic(), given["out"]
    _resume(training, given["resume"] or out)
    if pictures is not None:
        _make_pictures(pictures, given["draw_processes"])
    steps, schedule = training.steps, training.schedule
    say(f"{steps.iteration}/{schedule.iterations} iterations done, on {steps.device} in {steps.precision}")
    for progress in steps.steps():
        over = given["minutes"] is not None and time.monotonic() - began > 60 * given["minutes"]
        if schedule.is_shown(progress.iteration) or over:
            _show(training, out, told=told, every=given["keep_sheets"])
        if schedule.is_saved(progress.iteration) or over:
            _save(training, out)
        if progress.iteration % given["print_every"] == 0:
            say(_line(progress, steps.begun_at, training.batch, counted))
        if over:
            say(f"stopped after {given['minutes']:g} minutes; the same command with --resume {out} goes on")
            return


def say(line: str) -> None:
    """One line for people, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def add_options(
    parser: argparse.ArgumentParser, *, drawn: str, kimg: float, save_every: float, preview_every: float
) -> None:
    """The options that every family has. `drawn`: what stands for pictures that are drawn."""
    parser.add_argument("--data", required=True, help=f"a folder of pictures, or '{drawn}', which are drawn")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors, its card and the state go")
    parser.add_argument("--name", default=drawn, help="what it will be called; default: %(default)s")
    parser.add_argument("--kimg", type=float, default=kimg, help="thousands of images to see; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="save and stop after so many, if that is sooner")
    parser.add_argument("--resume", type=Path, help="folder of the state to go on from; default: --out, if it has one")
    parser.add_argument("--cache", type=Path, help="folder to keep drawn pictures in")
    parser.add_argument(
        "--draw-processes", type=int, default=0, help="draw all before training, in so many; default: as needed"
    )
    parser.add_argument(
        "--save-every", type=float, default=save_every, help="kimg between states; default: %(default)s"
    )
    parser.add_argument(
        "--preview-every", type=float, default=preview_every, help="kimg between sheets; default: %(default)s"
    )
    parser.add_argument("--keep-sheets", action="store_true", help="keep every sheet, not only the newest")
    parser.add_argument("--print-every", type=int, default=50, help="iterations between lines; default: %(default)s")
    parser.add_argument("--mixed-precision", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--credit", default="", help="whose pictures, and their terms")
    parser.add_argument("--licence", default="not stated", help="of the weights")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")


def _resume(training: Alone, folder: Path) -> None:
    state = kept_state(folder)
    if state is None:
        return
    try:
        training.steps.resume(state)
    except ModelError as error:
        raise ModelError(f"{folder}/state.json: {error}; remove it, or give another --out or --resume") from error


def _make_pictures(pictures: Pictures, processes: int) -> None:
    """Make all that are not there yet, in so many processes; with none, each is made when it is wanted."""
    if not processes:
        return
    told_at = time.monotonic()
    for count in pictures.make_all(processes):
        if time.monotonic() - told_at > _TELL_S or count == pictures.count:
            told_at = time.monotonic()
            say(f"{count:,} of {pictures.count:,} pictures made")


def _show(training: Alone, out: Path, *, told: str, every: bool) -> None:
    seen = training.steps.iteration * training.batch // 1000
    path = out / f"{training.name}{f'-{seen:06d}' if every else ''}.png"
    out.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.png")
    Image.fromarray(training.preview()).save(unfinished)
    unfinished.replace(path)
    replace(out / f"{training.name}-{told}.png", training.report())
    say("  ".join(f"{name} {value:.4g}" for name, value in training.steps.record.rows[-1].items()))


def _save(training: Alone, out: Path) -> None:
    weights = out / f"{training.name}.safetensors"
    replace(weights, training.weights())
    replace(weights.with_suffix(".md"), training.card().encode())
    keep_state(out, training.steps.state())


def _line(progress: Progress, begun_at: int, batch: int, counted: str) -> str:
    losses = "  ".join(f"{name} {value:.3g}" for name, value in progress.losses.items())
    speed = (progress.iteration - begun_at) * batch / max(progress.seconds, 1e-3)
    seen = f"{progress.iteration * batch / 1000:.1f} {'kimg' if counted == 'images' else f'thousand {counted}'}"
    return f"{seen}  {losses}  {speed:.1f} {counted}/s  {progress.seconds:.0f} s"
