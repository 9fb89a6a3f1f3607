"""How a generator's motions are, beside the recordings that it learnt from and plain baselines; and what they cost.

    python -m bench.motion --data DIR --labels labels.csv
    python -m bench.motion --data DIR --labels labels.csv --model my.safetensors

The table is that of its model card; parts that are held out are those that its training held out, if it had the same
recipe. Below it: seconds to make two minutes, and the largest difference between a motion that is made in windows and
one that is made in one piece.
"""

from __future__ import annotations

import argparse
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from bench.machine import describe
from pipeline.catalog import find_mover
from pipeline.models.motion.files import load
from pipeline.models.motion.network import MotionGenerator
from pipeline.motion import dataset, generation, labels
from pipeline.training.motion.brief import MotionRecipe
from pipeline.training.motion.extractor import learnt
from pipeline.training.motion.material import Material
from pipeline.training.motion.measures import Yardstick, in_markdown

_MINUTES_S = 120.0


def main() -> int:
    """Measure, print."""
    given = _parser().parse_args()
    torch.set_num_threads(given.threads)
    generator = load(find_mover(given.model).path)
    told = labels.read(given.labels.read_bytes(), given.labels.name)
    recipe = MotionRecipe(rate=int(generator.config.rate), measured_clips=given.clips)
    material = Material(dataset.load(given.data, told, rate=generator.config.rate), recipe)
    table = Yardstick(material, learnt(material), clips=given.clips).table(generator)
    sys.stdout.write(f"{describe()}\n\n{in_markdown(table)}\n\n{_cost(generator)}\n{_seam(generator)}\n")
    return 0


def _cost(generator: MotionGenerator) -> str:
    began = time.perf_counter()
    clip = generation.generate(generator, [(generator.config.classes[-1], _MINUTES_S)], seed=1, rate=Fraction(60))
    return f"{clip.frames:,} frames at 60 a second in {time.perf_counter() - began:.2f} s"


def _seam(generator: MotionGenerator) -> str:
    """Made in windows and in one piece, from the same noise."""
    actions = [(generator.config.classes[-1], _MINUTES_S)]
    frames = round(_MINUTES_S * generator.config.rate)
    windows = generation.features(generator, actions, frames, seed=1)
    whole = generation.features(generator, actions, frames, seed=1, window=-(-frames // 8) * 8)
    return f"in windows and in one piece: at most {np.abs(windows - whole).max():.1e} apart in any feature"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.motion")
    parser.add_argument("--data", type=Path, required=True, help="folder of recordings")
    parser.add_argument("--labels", type=Path, required=True, help="CSV file of what is done in them")
    parser.add_argument("--model", default="cmu", help="shipped generator, or a file; default: %(default)s")
    parser.add_argument("--clips", type=int, default=MotionRecipe.measured_clips, help="of each class")
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
