"""How near to the picture the upscaler comes, beside bicubic and Lanczos filters, and how long it takes.

    python -m bench.upscale [--pictures D] [--weights F] [--rooms N] [--sheet F.png] [--threads N]

Rooms are drawn by seeds that no training sees. Each is reduced by area to 128 px and enlarged 2, 4 and 8 times; `soft`
are blurred at 128 px first, as a generator's pictures are. Photographs of a folder are reduced to half their size and
enlarged to their own. Figures are PSNR in dB over all of RGB, means over the pictures.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from bench.machine import describe
from pipeline.catalog import find_upscaler
from pipeline.drawing import rooms
from pipeline.training.material import chosen
from pipeline.upscale import Upscaler

Enlarge = Callable[[np.ndarray, int], np.ndarray]

SMALL_PX = 128
FACTORS = (2, 4, 8)
SOFT_PX = 1.0
"""Deviation of the blur."""


def filtered(kernel: Image.Resampling) -> Enlarge:
    """Plain stretching."""

    def enlarge(picture: np.ndarray, longer_px: int) -> np.ndarray:
        height, width = picture.shape[:2]
        scale = longer_px / max(height, width)
        return np.asarray(Image.fromarray(picture).resize((round(width * scale), round(height * scale)), kernel))

    return enlarge


def decibels(found: np.ndarray, wanted: np.ndarray) -> float:
    """Peak signal to noise ratio."""
    return float(10 * np.log10(255**2 / np.square(found.astype(np.float64) - wanted).mean()))


def reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """A square picture at a smaller size, by area."""
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def drawn(count: int, factor: int, blur_px: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rooms, small and large."""
    for seed in range(count):
        largest = rooms.draw(rooms.sample(seed), min(rooms.LARGEST, SMALL_PX * FACTORS[-1]))
        large = reduced(largest, min(len(largest), SMALL_PX * factor))
        small = reduced(large, len(large) // factor)
        yield cv2.GaussianBlur(small, (0, 0), blur_px) if blur_px else small, large


def photographs(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photographs, small and large; of even sides."""
    for name in chosen((path.name for path in folder.iterdir()), most=60):
        large = np.asarray(Image.open(folder / name).convert("RGB"))
        large = large[: len(large) // 2 * 2, : large.shape[1] // 2 * 2]
        yield cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), large


def tell(title: str, pairs: Iterable[tuple[np.ndarray, np.ndarray]], ways: dict[str, Enlarge]) -> None:
    """Print a row."""
    found = [[decibels(way(small, max(large.shape)), large) for way in ways.values()] for small, large in pairs]
    texts = "  ".join(f"{name} {value:5.2f}" for name, value in zip(ways, np.mean(found, 0), strict=True))
    worst = min(row[0] - row[1] for row in found)
    sys.stdout.write(f"{title:28} {texts}  ({len(found)} pictures; over bicubic at least {worst:+.2f})\n")
    sys.stdout.flush()


def seconds(enlarge: Enlarge) -> float:
    """Processor time for one room at 1024 px, best of three: others may hold the cores meanwhile."""
    small = rooms.draw(rooms.sample(0), SMALL_PX)
    took = []
    for _ in range(4):
        begun = time.process_time()
        enlarge(small, 8 * SMALL_PX)
        took.append(time.process_time() - begun)
    return min(took[1:])


def sheet(path: Path, ours: Enlarge, bicubic: Enlarge, seeds: Iterable[int]) -> None:
    """Rooms of 128 px at 1024, the network's beside the filter's."""
    rows = []
    for seed in seeds:
        small = rooms.draw(rooms.sample(seed), SMALL_PX)
        rows.append(np.concatenate([way(small, 8 * SMALL_PX) for way in (ours, bicubic)], 1))
    Image.fromarray(np.concatenate(rows)).save(path)


def main() -> None:
    """Print the table and the time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, help="a folder of photographs to measure on, too")
    parser.add_argument("--weights", default="upscaler", help="a checkpoint; default: the one that ships")
    parser.add_argument("--rooms", type=int, default=24)
    parser.add_argument("--sheet", type=Path, help="where to write four rooms at 1024 px, beside the bicubic filter's")
    parser.add_argument("--threads", type=int, default=1)
    chosen_ = parser.parse_args()
    torch.set_num_threads(chosen_.threads)
    upscaler = Upscaler.open(find_upscaler(chosen_.weights))
    filters = {"bicubic": Image.Resampling.BICUBIC, "Lanczos": Image.Resampling.LANCZOS}
    ways = {"ours": upscaler.enlarge, **{name: filtered(kernel) for name, kernel in filters.items()}}
    sys.stdout.write(f"{describe()}\n{upscaler.name}\n")
    for blur_px, kind in ((0.0, "rooms"), (SOFT_PX, "soft rooms")):
        for factor in FACTORS:
            tell(f"{kind}, {factor} times", drawn(chosen_.rooms, factor, blur_px), ways)
    if chosen_.pictures:
        tell("photographs, 2 times", photographs(chosen_.pictures), ways)
    sys.stdout.write(f"{SMALL_PX} to 1024 px: {seconds(upscaler.enlarge):.2f} s of processor time\n")
    if chosen_.sheet:
        sheet(chosen_.sheet, upscaler.enlarge, ways["bicubic"], range(4))


if __name__ == "__main__":
    main()
