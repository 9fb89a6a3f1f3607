"""The command line of training a GAN where there is PyTorch and nothing else: arguments in, progress lines out.

`atelier train gan` is the same as a job.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from pipeline import device
from pipeline.errors import AtelierError, ConfigError, MediaError, ModelError
from pipeline.models.features import SHIPPED, load
from pipeline.training.gan.brief import FEWEST, PORTRAITS, SIZES, GanBrief, GanRecipe, most_pictures
from pipeline.training.gan.training import GanTraining
from pipeline.training.loop import Progress
from pipeline.training.material import check_photos, chosen
from pipeline.training.pictures import Drawn, Opened, Pictures, drawing_mark
from pipeline.training.schedule import Course
from pipeline.training.state import keep_state, kept_state
from pipeline.training.style import replace
from pipeline.training.style_cli import add_fields, asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the generator that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    given = vars(_parser().parse_args(arguments))
    if threads := given["threads"]:
        torch.set_num_threads(threads)
    try:
        _train(given)
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _train(given: dict[str, Any]) -> None:
    began, out = time.monotonic(), given["out"]
    training = _training(given)
    _resume(training, given["resume"] or out)
    _make_pictures(training.pictures, given["draw_processes"])
    steps, schedule = training.steps, training.brief.schedule
    _say(f"{steps.iteration}/{schedule.iterations} iterations done, on {steps.device} in {steps.precision}")
    for progress in steps.steps():
        over = given["minutes"] is not None and time.monotonic() - began > 60 * given["minutes"]
        if schedule.is_shown(progress.iteration) or over:
            _show(training, out, every=given["keep_sheets"])
        if schedule.is_saved(progress.iteration) or over:
            _save(training, out)
        if progress.iteration % given["print_every"] == 0:
            _say(_line(progress, steps.begun_at, training.brief.recipe.batch))
        if over:
            _say(f"stopped after {given['minutes']:g} minutes; the same command with --resume {out} goes on")
            return


def _training(given: dict[str, Any]) -> GanTraining:
    recipe = GanRecipe(**asked(GanRecipe, given))
    if recipe.size_px not in SIZES:
        raise ConfigError(f"--size: {recipe.size_px} px; give a power of two, {', '.join(map(str, SIZES))}")
    schedule = Course(
        iterations=recipe.iterations(given["kimg"]),
        save_every=recipe.iterations(given["save_every"]),
        preview_every=recipe.iterations(given["preview_every"]),
        mixed_precision=given["mixed_precision"],
        seed=given["seed"],
    )
    brief = GanBrief(
        name=given["name"],
        images=given["data"],
        count=given["count"],
        recipe=recipe,
        schedule=schedule,
        credit=given["credit"],
        licence=given["licence"],
    )
    features = load(SHIPPED) if recipe.distance_pictures else None
    place = device.pick(given["device"])
    return GanTraining(brief, pictures=_pictures(brief, given["cache"]), features=features, device=place)


def _pictures(brief: GanBrief, cache: Path | None) -> Pictures:
    size = brief.recipe.size_px
    if brief.images == PORTRAITS:
        file = cache and cache / f"portraits-{size}-{brief.count}-{drawing_mark()}.npy"
        return Pictures(Drawn(size), brief.count, size, file=file)
    folder = Path(brief.images)
    if not folder.is_dir():
        raise MediaError(f"{folder}: is no folder; give the folder that the pictures are in, or {PORTRAITS}")
    paths = [folder / name for name in chosen((path.name for path in folder.iterdir()), most=most_pictures(size))]
    check_photos(paths, str(folder), fewest=FEWEST, least_px=size)
    return Pictures(Opened(paths, size), len(paths), size)


def _resume(training: GanTraining, folder: Path) -> None:
    state = kept_state(folder)
    if state is None:
        return
    try:
        training.steps.resume(state)
    except ModelError as error:
        raise ModelError(f"{folder}/state.json: {error}; remove it, or give another --out or --resume") from error


def _make_pictures(pictures: Pictures, processes: int) -> None:
    if processes:
        told = time.monotonic()
        for count in pictures.make_all(processes):
            if time.monotonic() - told > 10 or count == pictures.count:
                told = time.monotonic()
                _say(f"{count:,} of {pictures.count:,} pictures made")


def _show(training: GanTraining, out: Path, *, every: bool) -> None:
    number = f"-{training.steps.images // 1000:06d}" if every else ""
    path = out / f"{training.brief.name}{number}.png"
    out.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.png")
    Image.fromarray(training.preview()).save(unfinished)
    unfinished.replace(path)
    replace(out / f"{training.brief.name}-curves.png", training.curves())
    _say("  ".join(f"{name} {value:.4g}" for name, value in training.steps.record.rows[-1].items()))


def _save(training: GanTraining, out: Path) -> None:
    weights = out / f"{training.brief.name}.safetensors"
    replace(weights, training.weights())
    replace(weights.with_suffix(".md"), training.card().encode())
    keep_state(out, training.steps.state())


def _line(progress: Progress, begun_at: int, batch: int) -> str:
    losses = "  ".join(f"{name} {value:.3g}" for name, value in progress.losses.items())
    speed = (progress.iteration - begun_at) * batch / max(progress.seconds, 1e-3)
    return f"{progress.iteration * batch / 1000:.1f} kimg  {losses}  {speed:.1f} images/s  {progress.seconds:.0f} s"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.gan",
        description="Train a StyleGAN2 on a folder of pictures, or on drawn ones.",
    )
    parser.add_argument("--data", required=True, help=f"a folder of pictures, or '{PORTRAITS}', which are drawn")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors, its card and the state go")
    parser.add_argument("--name", default=PORTRAITS, help="what the generator will be called; default: %(default)s")
    parser.add_argument("--kimg", type=float, default=200.0, help="thousands of images to see; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="save and stop after so many, if that is sooner")
    parser.add_argument("--resume", type=Path, help="folder of the state to go on from; default: --out, if it has one")
    parser.add_argument("--count", type=int, default=10_000, help="pictures to draw; default: %(default)s")
    parser.add_argument("--cache", type=Path, help="folder to keep drawn pictures in")
    parser.add_argument(
        "--draw-processes", type=int, default=0, help="draw all before training, in so many; default: as needed"
    )
    parser.add_argument("--save-every", type=float, default=2.0, help="kimg between states; default: %(default)s")
    parser.add_argument("--preview-every", type=float, default=5.0, help="kimg between sheets; default: %(default)s")
    parser.add_argument("--keep-sheets", action="store_true", help="keep every sheet, not only the newest")
    parser.add_argument("--print-every", type=int, default=50, help="iterations between lines; default: %(default)s")
    parser.add_argument("--mixed-precision", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--credit", default="", help="whose pictures, and their terms")
    parser.add_argument("--licence", default="not stated", help="of the weights")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    parser.add_argument("--size", dest="size_px", type=int, default=GanRecipe.size_px, help="default: %(default)s")
    add_fields(parser, GanRecipe, "", but=["size_px"])
    return parser
