"""Two workers against one, with one thread each.

python -m bench.scaling --film F [--style S] [--frames N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from bench.machine import describe
from bench.overhead import through_atelier
from tests.workers.farm import farm


def main() -> None:
    """Print each pair and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path, required=True)
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--frames", type=int, default=144)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sys.stdout.write(f"{describe()}\n{chosen.film.name}, {chosen.frames} frames, {chosen.style}\n")
    ratios = []
    for number in range(chosen.rounds):
        seconds = {}
        for count in (1, 2):
            with tempfile.TemporaryDirectory() as folder, farm(Path(folder), threads="1") as made, made.workers(count):
                # Every worker loads the model before the clock starts.
                for _ in range(count):
                    through_atelier(made, chosen.film, chosen.style, 8 * count)
                seconds[count] = through_atelier(made, chosen.film, chosen.style, chosen.frames)
        ratios.append(seconds[1] / seconds[2])
        sys.stdout.write(
            f"round {number + 1}: one {seconds[1]:.2f} s, two {seconds[2]:.2f} s, {ratios[-1]:.2f} times as fast\n"
        )
        sys.stdout.flush()
    sys.stdout.write(f"median {statistics.median(ratios):.2f} times (at least 1.7 asked)\n")


if __name__ == "__main__":
    main()
