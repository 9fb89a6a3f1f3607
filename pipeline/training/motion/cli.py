"""The command line of training a generator of motions where there is PyTorch and nothing else.

`atelier train motion` is the same as a job.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline import device
from pipeline.film.access import read_bytes
from pipeline.motion import dataset, labels
from pipeline.training import alone
from pipeline.training.motion import recordings
from pipeline.training.motion.brief import MotionBrief, MotionRecipe
from pipeline.training.motion.training import MotionTraining
from pipeline.training.schedule import Schedule
from pipeline.training.style import replace
from pipeline.training.style_cli import add_fields, asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the generator that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    return alone.run(_parser(), arguments, _train)


def _train(given: dict[str, Any]) -> None:
    training = _training(given)
    alone.drive(training, given, pictures=None, told="report", counted="windows")
    replace(given["out"] / f"{training.name}.json", training.told())


def _training(given: dict[str, Any]) -> MotionTraining:
    recipe, schedule = MotionRecipe(**asked(MotionRecipe, given)), Schedule(**asked(Schedule, given))
    told = labels.read(read_bytes(given["labels"]), given["labels"])
    recordings.listed(given["data"], told, None)
    brief = MotionBrief(
        name=given["name"],
        data=given["data"],
        labels=given["labels"],
        recipe=recipe,
        schedule=schedule,
        credit=given["credit"],
        licence=given["licence"],
    )
    motions = dataset.load(Path(given["data"]), told, rate=brief.rate)
    if motions.problems:
        alone.say(f"left out: {dataset.in_words(motions.problems)}")
    return MotionTraining(brief, motions=motions, device=device.pick(given["device"]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.motion", description="Train a generator of motions on motion capture."
    )
    parser.add_argument("--data", required=True, help="the folder of recordings: BVH, or AMC with ASF")
    parser.add_argument("--labels", required=True, help="CSV file: file,action and, if wanted, start,end,fps")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors, its card and the state go")
    parser.add_argument("--name", default="motions", help="what it will be called; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="save and stop after so many, if that is sooner")
    parser.add_argument("--resume", type=Path, help="folder of the state to go on from; default: --out, if it has one")
    parser.add_argument("--keep-sheets", action="store_true", help="keep every sheet, not only the newest")
    parser.add_argument("--print-every", type=int, default=50, help="iterations between lines; default: %(default)s")
    parser.add_argument("--credit", default="", help="whose recordings, and their terms")
    parser.add_argument("--licence", default="not stated", help="of the weights")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    add_fields(parser, MotionRecipe, "")
    usual = MotionBrief(name="", data="").schedule
    add_fields(parser, Schedule, "", but=["mixed_precision"])
    parser.set_defaults(**asked(Schedule, vars(usual)))
    return parser
