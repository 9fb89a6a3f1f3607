"""Flicker: how much a painted film moves by itself, frame by frame and with the steadying stage.

    python -m bench.flicker --film F [--style S …] [--frames A-B] [--size PX] [--painting P --vgg19 W]

Measured on the frames before they are encoded. The motion that scores (Farneback) is another estimator's than the one
that steadies (DIS), so that no stage is judged by its own mistakes. Errors are in thousandths; the ratios count.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from bench.machine import describe
from pipeline.film.flow import is_inside, mismatch, moved, positions

STYLE_EVERY = 8
"""Frames between those whose style loss is measured."""


@dataclass(frozen=True)
class Score:
    """What is said of one film."""

    error: float
    """Mean squared difference, of pixels in [0, 1], from the next frame moved back: the warping error."""
    sharpness: float
    """Variance of the luma's Laplacian, 8-bit levels squared, mean over frames."""


def score(films: Iterable[tuple[np.ndarray, ...]], *, cuts: Collection[int] = ()) -> list[Score]:
    """A score for each film, of frames in step: the first film's motion is every one's.

    `films`: for each number one frame of every film, (H, W, 3) uint8 RGB, all of one size. `cuts`: numbers of the
    frames that begin a shot; the pair across a cut is left out, as are occluded pixels. An error without any pair is 0.

    Source: Lai et al., "Learning Blind Video Temporal Consistency", arXiv:1808.00449, section 4.2, without its
    motion boundaries.
    """
    errors: list[list[float]] = []
    sharpnesses: list[list[float]] = []
    before: tuple[np.ndarray, ...] = ()
    for number, now in enumerate(films):
        sharpnesses.append([_sharpness(frame) for frame in now])
        if before and number not in cuts:
            places, seen = _next_places(before[0], now[0])
            if seen.any():
                errors.append([_difference(*pair, places, seen) for pair in zip(before, now, strict=True)])
        before = now
    means = [statistics.fmean(column) for column in zip(*errors, strict=True)] or [0.0] * len(before)
    return [
        Score(error, statistics.fmean(column))
        for error, column in zip(means, zip(*sharpnesses, strict=True), strict=True)
    ]


def _next_places(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel is in the next frame, and whether it is seen there."""
    grey, next_grey = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (here, there))
    flow, back = _farneback(grey, next_grey), _farneback(next_grey, grey)
    places = positions(*grey.shape) + flow
    return places, (mismatch(flow, moved(back, places)) <= 1) & is_inside(places)


def _farneback(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    start = np.zeros((*here.shape, 2), np.float32)
    return cv2.calcOpticalFlowFarneback(here, there, start, 0.5, 5, 15, 3, 5, 1.2, 0)


def _difference(here: np.ndarray, there: np.ndarray, places: np.ndarray, seen: np.ndarray) -> float:
    expected = moved(there.astype(np.float32) / 255, places)
    return float(((here.astype(np.float32) / 255 - expected) ** 2).mean(axis=2)[seen].mean())


def _sharpness(frame: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var())


def style_meter(painting: Path, weights: Path | None) -> Callable[[np.ndarray], float]:
    """Measures the style loss of a frame, (H, W, 3) uint8, as training does. `weights`: VGG19's, else torchvision's."""
    import torch
    from PIL import Image

    from pipeline.models.vgg import load_vgg
    from pipeline.tensors import to_tensor
    from pipeline.training.losses import StyleLoss, pyramid
    from pipeline.training.recipe import Recipe
    from pipeline.training.style import scaled_painting

    recipe, vgg = Recipe(), load_vgg(weights)
    with Image.open(painting) as opened:
        target = scaled_painting(opened.convert("RGB"), recipe.painting_px)
    loss = StyleLoss(vgg, target, recipe.style_layers)

    @torch.inference_mode()
    def measure(frame: np.ndarray) -> float:
        levels = pyramid(to_tensor(frame[None]), len(recipe.style_layers))
        return float(loss([vgg(level, names) for level, names in zip(levels, recipe.style_layers, strict=True)]))

    return measure


def painted_film(sources: list[np.ndarray], style: str) -> list[np.ndarray]:
    """The frames painted one by one."""
    import torch

    from pipeline.catalog import find
    from pipeline.models import open_model
    from pipeline.tensors import to_pixels, to_tensor

    network = open_model(find(style))
    with torch.inference_mode():
        return [to_pixels(network(to_tensor(frame[None])))[0] for frame in sources]


def steadied(
    sources: list[np.ndarray], painted: list[np.ndarray], cuts: Iterable[int]
) -> tuple[list[np.ndarray], float]:
    """The painted frames steadied, shot by shot, and the median milliseconds that one took."""
    from pipeline.film.steady import steady

    frames: list[np.ndarray] = []
    took: list[float] = []
    borders = sorted({0, *cuts, len(sources)})
    for start, stop in pairwise(borders):
        stage = steady(zip(sources[start:stop], painted[start:stop], strict=True), at=0)
        for _ in range(start, stop):
            begun = time.perf_counter()
            frames.append(next(stage))
            took.append(time.perf_counter() - begun)
    return frames, statistics.median(took) * 1000


def lines(
    sources: list[np.ndarray],
    style: str,
    cuts: Collection[int],
    measure: Callable[[np.ndarray], float] | None = None,
) -> Iterator[str]:
    """What there is to say of one style on one film."""
    painted = painted_film(sources, style)
    steady, took_ms = steadied(sources, painted, cuts)
    source, before, after = score(zip(sources, painted, steady, strict=True), cuts=cuts)
    yield f"{style}: source {source.error * 1e3:.3f}, frame by frame {before.error * 1e3:.3f}, " + (
        f"steady {after.error * 1e3:.3f}, {took_ms:.0f} ms a frame"
    )
    if measure:
        loss, loss_steady = (statistics.fmean(map(measure, frames[::STYLE_EVERY])) for frames in (painted, steady))
        yield f"  style loss {loss:.4f}, steady {loss_steady:.4f}, ratio {loss_steady / loss:.3f}"
    yield f"  ratio of errors {after.error / max(before.error, 1e-9):.2f} (at most 0.50 asked), " + (
        f"of sharpness {after.sharpness / max(before.sharpness, 1e-9):.2f} (at least 0.90 asked)"
    )


def main() -> None:
    """Print the scores of each style on a film."""
    from pipeline.catalog import MODELS
    from pipeline.film.decode import read_frames
    from pipeline.film.probe import probe
    from pipeline.film.shots import find_shots

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--film", type=Path, required=True)
    parser.add_argument("--style", nargs="+", default=["starry-night"], help=f"of {', '.join(MODELS)}, or a checkpoint")
    parser.add_argument("--frames", default="1-120", help="first and last, counted from 1")
    parser.add_argument("--size", type=int, default=640, help="longest side in pixels, for larger films")
    parser.add_argument("--painting", type=Path, help="the style's painting: measures the style loss, too")
    parser.add_argument("--vgg19", type=Path, help="VGG19's weights for the style loss; torchvision's otherwise")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    source = probe(str(chosen.film))
    first, _, last = chosen.frames.partition("-")
    start, stop = int(first) - 1, min(int(last or first), source.frames)
    size = chosen.size if max(source.width, source.height) > chosen.size else None
    sources = list(read_frames(source, start, stop, size=size))
    cuts = [shot - start for shot in find_shots(source, start, stop)[1:]]
    measure = style_meter(chosen.painting, chosen.vgg19) if chosen.painting else None
    height, width = sources[0].shape[:2]
    sys.stdout.write(f"{describe()}\n{chosen.film.name}, frames {start + 1}-{stop} at {width}x{height}, ")
    sys.stdout.write(f"cuts at {', '.join(str(cut + start + 1) for cut in cuts) or 'none'}\n")
    for style in chosen.style:
        for line in lines(sources, style, cuts, measure):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
