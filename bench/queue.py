"""Submission of a 100,000-frame film, its memory in Redis, and how many empty chunks a second go through.

python -m bench.queue [--frames N] [--workers N] [--chunks N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bench.machine import describe
from tests.workers.farm import Farm, farm, write_style


def write_long_film(path: Path, frames: int) -> None:
    """A film of many small frames."""
    with av.open(str(path), "w") as output:
        track = output.add_stream("libx264", rate=Fraction(24), options={"preset": "ultrafast", "crf": "40"})
        track.width, track.height, track.pix_fmt = 32, 32, "yuv420p"
        picture = np.zeros((32, 32, 3), np.uint8)
        for number in range(frames):
            picture[:] = number % 256
            output.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(track.encode(None))


def used_bytes(made: Farm) -> int:
    """Memory that Redis uses."""
    return int(made.ledger.redis.info("memory")["used_memory"])  # type: ignore[index,arg-type]


def submission(made: Farm, frames: int) -> None:
    """Print how long planning and submitting take, and what they leave in Redis."""
    folder = made.folder
    write_long_film(folder / "long.mp4", frames)
    write_style(folder / "any.safetensors")
    before, begun = used_bytes(made), time.perf_counter()
    plan = made.submit(f"kind: film\nsource: {folder}/long.mp4\nstyle: any.safetensors\noutput: out")
    seconds, grown = time.perf_counter() - begun, used_bytes(made) - before
    sys.stdout.write(
        f"planned and submitted {plan.frames:,} frames in {len(plan.chunks):,} chunks: "
        f"{seconds:.2f} s (at most 3 asked), {grown / 1e6:.2f} MB of Redis (at most 20 asked)\n"
    )


def dispatch(made: Farm, chunks: int, workers: int) -> None:
    """Print how many empty chunks a second the farm leases, receipts, completes and publishes."""
    film = f"kind: film\nsource: {made.folder}/long.mp4\nstyle: any.safetensors"
    plan = made.submit(f"{film}\noutput: empty\nchunk: 1\nframes: 1-{chunks}")
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "bench.empty_worker", "worker", "--concurrency", "1"]
    command += ["--queues", "gpu", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    running = [
        subprocess.Popen(
            [*command, "--hostname", f"empty-{n}@bench"],
            env=made.environment | {"ATELIER_SLOT": f"empty-{n}", "ATELIER_QUEUES": "gpu", "ATELIER_LOG": "ERROR"},
        )
        for n in range(workers)
    ]
    try:
        tenth = made.wait(plan.job, lambda seen: seen.chunks_done >= chunks // 10, "begun").chunks_done
        begun = time.perf_counter()
        made.wait(plan.job, lambda seen: seen.state == "stitching", "done")
        rate = (chunks - tenth) / (time.perf_counter() - begun)
    finally:
        for process in running:
            process.terminate()
            process.wait()
    sys.stdout.write(f"{rate:.0f} empty chunks a second through {workers} workers (at least 300 asked)\n")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--chunks", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    chosen = parser.parse_args()
    sys.stdout.write(f"{describe()}\n")
    with tempfile.TemporaryDirectory() as folder, farm(Path(folder)) as made:
        submission(made, chosen.frames)
        made.ledger.redis.flushall()
        dispatch(made, chosen.chunks, chosen.workers)


if __name__ == "__main__":
    main()
