"""What painting by diffusion costs beside a bare loop over diffusers' pipeline: python -m bench.diffusion

Without --model it makes a model of random weights, whose steps are short: the overhead that it shows is the largest
there is. Both make the same pictures on one thread, in turns, and their bits are compared.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs.config import Settings
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.device import generator
from pipeline.diffusion.loading import library, load
from pipeline.diffusion.painter import DiffusionPainter
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, help="a diffusers folder; default: a tiny one of random weights")
    options.add_argument("--pictures", type=int, default=8)
    options.add_argument("--steps", type=int, default=30)
    options.add_argument("--size", type=int, default=64)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    torch.set_num_threads(1)
    library()
    with tempfile.TemporaryDirectory() as folder:
        model = asked.model
        if model is None:
            from tests.diffusion.making import make

            model = make(Path(folder) / "sd", "sd")
        compare(model.absolute(), asked)


def compare(model: Path, asked: argparse.Namespace) -> None:
    """Print seconds a picture, ours and bare, and their ratio."""
    text = f"kind: diffusion\nmodel: {model}\nprompts: a red door\nseeds: 0-{asked.pictures - 1}\noutput: out/\n"
    spec, located = parse(f"{text}steps: {asked.steps}\nsize: {asked.size}\n", path="bench.yaml", folder=Path.cwd())
    plan = plan_job(spec, located, Settings())
    assembly = load(model)
    bare = bare_pipeline(model)
    guidance = plan.inputs["settings"][0]["guidance"]
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())
    painter = DiffusionPainter(plan.inputs, easel, deep=False)
    work = Work(start=0, stop=plan.frames, watch=Stopwatch(), model=lambda index, precision=None: assembly)

    def ours() -> list[np.ndarray]:
        return list(painter.paint(work))

    def theirs() -> list[np.ndarray]:
        given = {"num_inference_steps": asked.steps, "guidance_scale": guidance, "output_type": "np"}
        sized = {"width": asked.size, "height": asked.size}
        made = [
            bare("a red door", generator=generator(seed), **given, **sized).images[0] for seed in range(plan.frames)
        ]
        return [(picture * 255).round().astype(np.uint8) for picture in made]

    same = all((one == other).all() for one, other in zip(ours(), theirs(), strict=True))
    seconds = {name: [] for name in ("ours", "theirs")}
    for _ in range(asked.rounds):
        for name, make in (("ours", ours), ("theirs", theirs)):
            begun = time.perf_counter()
            make()
            seconds[name].append((time.perf_counter() - begun) / plan.frames)
    a, b = (statistics.median(seconds[name]) for name in ("ours", "theirs"))
    print(f"painter  {a:.4f} s a picture\nbare     {b:.4f} s a picture\nratio    {a / b:.3f}")  # noqa: T201
    print(f"the same bits: {same}")  # noqa: T201


def bare_pipeline(model: Path) -> Any:
    """The library's pipeline, called as its documentation says."""
    from diffusers import AutoPipelineForText2Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = AutoPipelineForText2Image.from_pretrained(str(model), local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


if __name__ == "__main__":
    main()
