"""Two workers on two cores against one on one, with one thread each.

    python -m bench.scaling --film F [--style S] [--frames N] [--rounds N]

A worker encodes beside its painting thread, so a single one that may use a second core is faster than one core is.
Both are printed: `one core` keeps the single worker on one core, `free` lets it use both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import describe
from bench.overhead import through_atelier
from tests.workers.farm import farm


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """What is started in this block stays on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measure(film: Path, style: str, frames: int, *, workers: int, cores: set[int]) -> float:
    """Seconds that some workers on some cores take, each with its model loaded before the clock starts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        on_cores(cores),
        farm(Path(folder), threads="1") as made,
        made.workers(workers),
    ):
        for _ in range(workers):
            through_atelier(made, film, style, 8 * workers)
        return through_atelier(made, film, style, frames)


def main() -> None:
    """Print each round and the median ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path, required=True)
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--frames", type=int, default=192)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    first, second, *_ = sorted(os.sched_getaffinity(0))
    sys.stdout.write(f"{describe()}\n{chosen.film.name}, {chosen.frames} frames, {chosen.style}\n")
    pinned, free = [], []
    for number in range(chosen.rounds):
        one = measure(chosen.film, chosen.style, chosen.frames, workers=1, cores={first})
        one_free = measure(chosen.film, chosen.style, chosen.frames, workers=1, cores={first, second})
        two = measure(chosen.film, chosen.style, chosen.frames, workers=2, cores={first, second})
        pinned.append(one / two)
        free.append(one_free / two)
        sys.stdout.write(
            f"round {number + 1}: one on one core {one:.2f} s, one free {one_free:.2f} s, two {two:.2f} s: "
            f"{pinned[-1]:.2f} and {free[-1]:.2f} times as fast\n"
        )
        sys.stdout.flush()
    sys.stdout.write(
        f"median {statistics.median(pinned):.2f} times one core (at least 1.7 asked), "
        f"{statistics.median(free):.2f} times a free worker\n"
    )


if __name__ == "__main__":
    main()
