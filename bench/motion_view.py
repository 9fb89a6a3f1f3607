"""Frames of moving figures that one CPU core draws in a second, and what its milliseconds go to.

    python -m bench.motion_view [--clip FILE] [--size 1920x1080] [--frames N] [--rounds N]

One thread, and CPU time of this process alone, so that other processes disturb it little; the best round counts, and
the others are told. Without a clip of one's own (.bvh or .amc), one figure of ours swings its arms and walks.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2

from bench.machine import describe
from pipeline.motion.clip import Clip
from pipeline.motion.opening import open_clip
from pipeline.motion.retarget import retarget
from pipeline.motion.view.cameras import Camera, Fixed, Follow, Orbit
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.looks import Look, Trails, Transparent
from pipeline.motion.view.palettes import PALETTES
from pipeline.motion.view.stage import Stage
from tests.motion.making import walk

RATE = Fraction(60)


def cases(clip: Clip) -> list[tuple[str, Sequence[Figure], Look, Camera]]:
    """What is measured: its name, and a stage's arguments."""
    one = [Figure(clip=clip)]
    three = [Figure(clip=clip, palette=PALETTES[name]) for name in ("porcelain", "ember", "cobalt")]
    ribbons = Trails(kind="ribbons", of=("hands", "feet", "blade"))
    return [
        ("follow", one, Look(), Follow()),
        ("fixed", one, Look(), Fixed()),
        ("orbit", one, Look(), Orbit()),
        ("transparent", one, Look(background=Transparent()), Follow()),
        ("without grid and shadow", one, Look(grid=False, shadow=0), Follow()),
        ("three figures", three, Look(), Follow()),
        ("four ghosts", one, Look(trails=Trails()), Follow()),
        ("sword, ribbons", [replace(one[0], prop="sword")], Look(trails=ribbons), Follow()),
    ]


def say(line: str) -> None:
    """Tell it at once: rounds take their time."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def seconds(stage: Stage, frames: Sequence[int]) -> float:
    """CPU seconds of a frame, in the median."""
    taken = []
    for frame in frames:
        before = time.process_time()
        stage.draw(frame)
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="of the first case: where the time goes")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, args.size.split("x"))
    clip = retarget(open_clip(args.clip)) if args.clip else walk(4.0, 60)
    say(describe())
    for name, figures, look, camera in cases(clip):
        stage = Stage(figures, look, camera, width=width, height=height, rate=RATE)
        frames = [number * stage.frames // args.frames for number in range(args.frames)]
        stage.draw(0)
        rounds = [seconds(stage, frames) for _ in range(args.rounds)]
        best, worst = min(rounds), max(rounds)
        say(f"{name:26}{1 / best:6.1f} frames a core-second ({best * 1000:.1f} ms; {worst * 1000:.1f} at worst)")
        if args.profile:
            with cProfile.Profile(time.process_time) as profile:
                for frame in frames:
                    stage.draw(frame)
            pstats.Stats(profile).sort_stats("tottime").print_stats(20)
            return


if __name__ == "__main__":
    main()
