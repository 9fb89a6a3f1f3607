"""How much faster our StyleGANs make a picture than the plain formulation does.

    python -m bench.portraits [--networks stylegan2-1024 stylegan3-t-256 …] [--rounds N] [--threads N]

The plain formulation is bench/plain_stylegan.py, with the same random weights. Every way has a process of its own, as
it would be used: the plain one with PyTorch's threads and the C library's own allocator, ours once just so and once
with the worker's settings and a lane for each core. They take turns; a round is a picture, of lanes one each. The best
round counts, for others are disturbed. Pictures must be the same within 1e-3 in float32.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.machine import describe
from workers.supervisor import ALLOCATOR

NETWORKS: dict[str, dict[str, Any]] = {
    "stylegan2-1024": {"resolution": 1024},
    "stylegan2-256": {"resolution": 256},
    "stylegan3-t-256": {"resolution": 256, "rotates": False},
    "stylegan3-r-256": {"resolution": 256, "rotates": True},
}
"""As the papers have them: 512 channels at most (R: 1024), 32,768 over the side's pixels elsewhere."""

PLAIN = "plain"

TOLERANCE = 1e-3


@dataclass(frozen=True)
class Way:
    """One way to make a picture."""

    precision: str = "float32"
    lanes: int = 1
    environment: dict[str, str] = field(default_factory=dict)


def ways(cores: int) -> dict[str, Way]:
    """Name → way, the measure first."""
    from torch import device, float32

    from pipeline.device import precision

    worker = {**ALLOCATOR, "OMP_NUM_THREADS": "1"}
    found = {PLAIN: Way(), "ours": Way(), "ours, as the worker runs it": Way("float32", cores, worker)}
    if precision(device("cpu")) != float32:
        found["ours, as the worker runs it, half precision"] = Way("auto", cores, worker)
    return found


def serve(name: str, way: Way, network: str, threads: int | None, first: Path) -> None:
    """Be one way: for each line on stdin make a picture in each lane, and say seconds a picture, of clock and cores.

    The first picture is saved.
    """
    import torch

    from pipeline.stream import spread

    if threads is not None and way.lanes == 1:
        torch.set_num_threads(threads)
    make = _maker(name, way, network)
    np.save(first, make(0))
    for _ in sys.stdin:
        begun, spent = time.perf_counter(), time.process_time()
        for _ in spread(make, range(way.lanes), threads=way.lanes, name="lane"):
            pass
        clock, cores = time.perf_counter() - begun, time.process_time() - spent
        sys.stdout.write(f"{clock / way.lanes} {cores / way.lanes}\n")
        sys.stdout.flush()


def _maker(name: str, way: Way, network: str) -> Callable[[int], np.ndarray]:
    import torch

    from bench.plain_stylegan import plain_picture
    from pipeline.device import precision
    from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
    from pipeline.portraits.latents import z_of

    config = (stylegan3 if "rotates" in NETWORKS[network] else stylegan2)(**NETWORKS[network])
    generator = untrained(config).requires_grad_(False)
    generator.lighten(precision(torch.device("cpu"), way.precision))

    @torch.inference_mode()
    def make(seed: int) -> np.ndarray:
        ws = generator.styles(torch.from_numpy(z_of(seed, config.mapping.z_dim)))
        return (plain_picture(generator, ws) if name == PLAIN else generator.picture(ws)).numpy()

    return make


@contextmanager
def served(name: str, chosen: argparse.Namespace, network: str, first: Path) -> Iterator[Callable[[], list[float]]]:
    """A process that is one way, and the function that has it make a round."""
    command = [sys.executable, "-m", "bench.portraits", "--serve", name, "--networks", network, "--first", str(first)]
    command += ["--lanes", str(chosen.lanes)]
    if chosen.threads is not None:
        command += ["--threads", str(chosen.threads)]
    environment = os.environ | ways(chosen.lanes)[name].environment
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        stdin, stdout = child.stdin, child.stdout

        def make() -> list[float]:
            stdin.write("\n")
            stdin.flush()
            return [float(word) for word in stdout.readline().split()]

        yield make
        stdin.close()


def compare(chosen: argparse.Namespace, network: str) -> None:
    """Take turns, and print how many times faster each way is than the plain one."""
    names = [name for name in ways(chosen.lanes) if not chosen.ways or name in chosen.ways or name == PLAIN]
    rounds: dict[str, list[list[float]]] = {name: [] for name in names}
    with TemporaryDirectory() as folder, ExitStack() as stack:
        first = {name: Path(folder) / f"{at}.npy" for at, name in enumerate(names)}
        makers = {name: stack.enter_context(served(name, chosen, network, first[name])) for name in names}
        for _ in range(chosen.rounds):
            for name, make in makers.items():
                rounds[name].append(make())
        pictures = {name: np.load(path) for name, path in first.items()}
    sys.stdout.write(f"\n{network}, best of {chosen.rounds} rounds, seconds a picture\n")
    best = {name: [min(took) for took in zip(*timed, strict=True)] for name, timed in rounds.items()}
    for name, (clock, cores) in best.items():
        apart = float(np.abs(pictures[name] - pictures[PLAIN]).max())
        sys.stdout.write(
            f"{best[PLAIN][0] / clock:6.2f}x by the clock {best[PLAIN][1] / cores:6.2f}x in core time "
            f"{clock:8.2f} s {cores:8.2f} s  at most {apart:.1e} apart  {name}\n"
        )
        if apart > TOLERANCE and ways(chosen.lanes)[name].precision == "float32":
            raise SystemExit(f"{network}: {name} makes another picture than the plain formulation")
    sys.stdout.flush()


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--ways", nargs="*", help="besides the plain one; all unless given")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of ways without lanes; PyTorch's default unless given")
    parser.add_argument("--lanes", type=int, default=len(os.sched_getaffinity(0)), help="of the worker")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, ways(chosen.lanes)[chosen.serve], chosen.networks[0], chosen.threads, chosen.first)
        return
    sys.stdout.write(f"{describe()}\n")
    for network in chosen.networks:
        compare(chosen, network)


if __name__ == "__main__":
    main()
