"""Overhead: what Redis, Celery, leases, receipts and the stitch cost beside a bare loop in one process.

    python -m bench.overhead [--film F] [--style S] [--frames N] [--rounds N]

The bare loop decodes, paints with the same network, and writes the same frames and the same movie with its sound, one
after the other, with as many threads and the same allocator settings. Both begin when the model is loaded and has
painted once. Rounds alternate; the ratio is of each pair, and the median is what counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from bench.machine import describe
from tests.workers.farm import Farm, farm
from workers.supervisor import ALLOCATOR

CHUNK = 48


def bare_loop(film: Path, style: str, frames: int, folder: Path, threads: int) -> float:
    """Seconds that the plain loop takes, after start-up."""
    import torch

    from pipeline.catalog import find
    from pipeline.device import lighten, pick, precision
    from pipeline.film.decode import read_frames
    from pipeline.film.deliverables import DELIVERABLES
    from pipeline.film.encode import SegmentEncoder
    from pipeline.film.probe import probe
    from pipeline.film.stitch import Segment, concatenate
    from pipeline.images import encode_png
    from pipeline.models import open_model
    from pipeline.tensors import to_pixels, to_tensor

    torch.set_num_threads(threads)
    source = probe(str(film))
    # In the precision that the worker would choose: what is compared is all the rest.
    network = lighten(open_model(find(style)), precision(pick("cpu")))
    row, rate = DELIVERABLES["h264"], source.rate or Fraction(24)
    with torch.inference_mode():
        network(torch.zeros(1, 3, source.height, source.width))
        begun = time.perf_counter()
        movie = folder / "movie.mp4"
        with SegmentEncoder(row, source.width, source.height, rate, target=folder / "picture.mp4") as encoder:
            for number, frame in enumerate(read_frames(source, 0, frames)):
                painted = to_pixels(network(to_tensor(frame[None])))[0]
                (folder / f"{number:06d}.png").write_bytes(encode_png(painted))
                encoder.write(painted)
        segments = [Segment.of_file(folder / "picture.mp4", frames)]
        concatenate(segments, movie, deliverable=row, source=source, rate=rate)
        return time.perf_counter() - begun


def through_atelier(made: Farm, film: Path, style: str, frames: int) -> float:
    """Seconds from the first chunk in a worker's hands to the published result."""
    output = tempfile.mkdtemp(dir=made.folder)
    plan = made.submit(
        f"kind: film\nsource: {film}\nstyle: {style}\nframes: 1-{frames}\nchunk: {CHUNK}\noutput: {output}"
    )
    made.finish(plan)
    ended = made.ledger.snapshot(plan.job)
    assert ended is not None
    assert ended.started is not None
    assert ended.finished is not None
    return ended.finished - ended.started


def main() -> None:
    """Print each pair and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path, required=True)
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--frames", type=int, default=144)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        with tempfile.TemporaryDirectory() as folder:
            seconds = bare_loop(chosen.film, chosen.style, chosen.frames, Path(folder), chosen.threads)
        sys.stdout.write(f"{seconds}\n")
        return
    sys.stdout.write(f"{describe()}\n{chosen.film.name}, {chosen.frames} frames, {chosen.style}\n")
    ratios = []
    with (
        tempfile.TemporaryDirectory() as folder,
        farm(Path(folder), threads=str(chosen.threads), reconcile_s="30") as made,
        made.workers(1),
    ):
        through_atelier(made, chosen.film, chosen.style, 8)
        for number in range(chosen.rounds):
            ours = through_atelier(made, chosen.film, chosen.style, chosen.frames)
            command = [sys.executable, "-m", "bench.overhead", *sys.argv[1:], "--bare"]
            bare = float(subprocess.check_output(command, env=os.environ | ALLOCATOR, text=True))
            ratios.append(ours / bare)
            sys.stdout.write(
                f"round {number + 1}: atelier {ours:.2f} s, bare loop {bare:.2f} s, ratio {ratios[-1]:.3f}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"median ratio {statistics.median(ratios):.3f} (at most 1.05 asked)\n")


if __name__ == "__main__":
    main()
