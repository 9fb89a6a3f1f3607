"""Films by diffusion beside plain image-to-image, frame by frame: flicker, sharpness, and what is left of the film.

    python -m bench.diffusion_film --model FOLDER --film F [--frames A-B] [--size WxH] [--pan PX] [--keyframes N …]

Plain image-to-image is the library's pipeline in a loop, with fresh noise for each frame, and with the same for all.
Any model does; where no large one is at hand, bench.tiny_diffusion trains a small one. Warping error and sharpness are
bench.flicker's, in thousandths and in 8-bit levels squared; the ratios count. Fidelity is how much a frame's edges are
the film's: the correlation of their gradients' lengths.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from bench.flicker import score
from bench.machine import describe
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.device import generator
from pipeline.diffusion.assembly import Assembly
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.diffusion.calls import as_pixels
from pipeline.diffusion.film import FilmPainter, fitted
from pipeline.diffusion.loading import library, load
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.media import write_film


def main() -> None:
    """Print the scores of each way."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", type=Path, required=True, help="a diffusers folder")
    options.add_argument("--film", type=Path, required=True)
    options.add_argument("--frames", default="1-48")
    options.add_argument("--size", default="192x112")
    options.add_argument("--prompt", default="a painting")
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--strength", type=float, default=0.5)
    options.add_argument("--guidance", type=float, default=1.0)
    options.add_argument("--keyframes", type=int, nargs="+", default=[1, 8])
    options.add_argument("--pan", type=float, help="go over its first frame instead, so many px a frame")
    options.add_argument("--to", type=Path, help="where pictures of each way are put")
    asked = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    library()
    if asked.pan:
        asked.film = _panned(asked.film, asked.size, asked.frames, asked.pan)
    plans = [_planned(asked, every) for every in asked.keyframes]
    brief = DiffusionBrief.model_validate(plans[0].inputs)
    assembly = load(asked.model.absolute())
    sources = list(_sources(brief))
    films = {
        "source": sources,
        "fresh noise": _plain(brief, assembly, sources, is_fixed=False),
        "fixed noise": _plain(brief, assembly, sources, is_fixed=True),
    }
    for every, plan in zip(asked.keyframes, plans, strict=True):
        films["followed" if every == 1 else f"a keyframe in {every}"] = _ours(plan, assembly)
    if asked.to:
        _put(films, asked.to)
    _say(describe())
    width, height = brief.row(0).size
    _say(f"{asked.film.name}, frames {asked.frames} at {width}x{height}, {brief.said()}, cuts at {brief.shots[1:]}")
    scores = score(zip(*films.values(), strict=True), cuts=brief.shots[1:])
    base = scores[1]
    for (name, frames), found in zip(films.items(), scores, strict=True):
        fidelity = statistics.fmean(_likeness(*pair) for pair in zip(sources, frames, strict=True))
        _say(
            f"{name:18} error {found.error * 1e3:7.3f}, {found.error / max(base.error, 1e-9):4.2f} of fresh noise's; "
            f"sharpness {found.sharpness:7.1f}, {found.sharpness / max(base.sharpness, 1e-9):4.2f}; "
            f"fidelity {fidelity:.3f}"
        )


def _panned(film: Path, size: str, frames: str, step: float) -> Path:
    """A film of a still that is gone over sideways: all of it moves, and nothing else does."""
    width, height = (int(side) for side in size.split("x"))
    still = fitted(next(read_frames(probe(str(film)), 0, 1)), (2 * width, 2 * height))
    path = Path(tempfile.mkdtemp()) / "pan.mp4"
    views = []
    for number in range(int(frames.partition("-")[2])):
        moved = np.array([[1, 0, -step * number], [0, 1, -height / 2]], np.float32)
        views.append(
            cv2.warpAffine(still, moved, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        )
    return write_film(path, views, options={"crf": "10"})


def _planned(asked: argparse.Namespace, every: int) -> Plan:
    text = (
        f"kind: diffusion\nmodel: {asked.model.absolute()}\ntask: film\nfilm: {asked.film.absolute()}\n"
        f"frames: {asked.frames}\nsize: {asked.size}\nprompts: {asked.prompt}\nsteps: {asked.steps}\n"
        f"strength: {asked.strength}\nguidance: {asked.guidance}\nkeyframes: {every}\noutput: out/\n"
    )
    spec, located = parse(text, path="bench.yaml", folder=Path.cwd())
    return plan_job(spec, located, Settings())


def _sources(brief: DiffusionBrief) -> Iterator[np.ndarray]:
    if brief.source is None:
        raise SystemExit("no film was planned")
    for frame in read_frames(brief.source, brief.offset, brief.offset + brief.length):
        yield fitted(frame, brief.row(0).size)


@torch.inference_mode()
def _plain(
    brief: DiffusionBrief, assembly: Assembly, sources: Sequence[np.ndarray], *, is_fixed: bool
) -> list[np.ndarray]:
    row = brief.row(0)
    made = []
    with assembly.pipeline("film", None, row.size) as pipeline:
        for number, source in enumerate(sources):
            found = pipeline(
                row.subject.prompt,
                image=[source / np.float32(255)],
                strength=row.setting.strength,
                num_inference_steps=row.setting.steps,
                guidance_scale=row.setting.guidance,
                generator=generator(row.seed if is_fixed else 1_000 + number),
                output_type="np",
            )
            made.append(as_pixels(found.images[0], deep=False))
    return made


def _ours(plan: Plan, assembly: Assembly) -> list[np.ndarray]:
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())
    painter = FilmPainter(plan.inputs, easel, deep=False)
    works = [
        Work(
            start=start,
            stop=stop,
            lead_in=plan.lead_in,
            watch=Stopwatch(),
            model=lambda index, precision=None: assembly,
        )
        for start, stop in plan.chunks
    ]
    return [frame for work in works for frame in painter.paint(work)]


def _likeness(source: np.ndarray, frame: np.ndarray) -> float:
    one, other = (_edges(each).ravel() for each in (source, frame))
    return float(np.corrcoef(one, other)[0, 1])


def _edges(frame: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def _put(films: dict[str, list[np.ndarray]], folder: Path) -> None:
    """A strip of some neighbours of each way, one below the other, and how much neighbours differ."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, changes = [], []
    for frames in films.values():
        some = frames[8:14]
        rows.append(np.concatenate(some, 1))
        changes.append(np.concatenate([cv2.absdiff(*pair) for pair in pairwise(some)], 1))
    Image.fromarray(np.concatenate(rows)).save(folder / "frames.png")
    Image.fromarray(cv2.convertScaleAbs(np.concatenate(changes), alpha=3)).save(folder / "changes.png")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
