"""How much faster our film network paints than pytorch/examples' does, and what that costs in style.

    python -m bench.style_networks [--rounds N] [--frames N] [--threads N] [--sizes 640x360 1280x720]
    python -m bench.style_networks --data DIR --train 1200 --out build/style-networks
    python -m bench.style_networks --data DIR --networks LIGHT.safetensors FNS.safetensors

Every way to paint has a process of its own, as it would be used: the script of pytorch/examples with PyTorch's default
threads and the C library's own allocator, the worker with its settings and a lane for each core. Rounds alternate, and
the ratio is of each round; the median is what counts. A frame is timed from tensor to tensor.

The second line trains both networks from random weights the same way, on two cores for hours, and goes on where it
was broken off; the third measures the losses of such a pair on films that no training saw.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import describe
from workers.supervisor import ALLOCATOR

SCRIPT = "pytorch/examples, as its script runs it"


@dataclass(frozen=True)
class Way:
    """One way to paint a frame."""

    network: str
    """`examples`, `fns` or `light`."""
    precision: str = "float32"
    lanes: int = 1
    environment: dict[str, str] = field(default_factory=dict)


def ways(cores: int) -> dict[str, Way]:
    """Name → way, the measure first."""
    worker = {**ALLOCATOR, "OMP_NUM_THREADS": "1"}
    return {
        SCRIPT: Way("examples"),
        "the same network, our loader": Way("fns"),
        "ours, float32": Way("light"),
        "ours, auto precision": Way("light", "auto"),
        "ours, as the worker runs it": Way("light", "auto", cores, worker),
    }


def serve(way: Way, width: int, height: int, threads: int | None, frames: int) -> None:
    """Be one way: for each line on stdin paint some frames, and say seconds a frame, of the clock and of the cores."""
    import torch

    from pipeline.stream import spread

    if threads is not None and way.lanes == 1:
        torch.set_num_threads(threads)
    paint = _painter(way)
    frame = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))

    @torch.inference_mode()
    def one(picture: torch.Tensor) -> None:
        paint(picture)

    work = [frame] * max(frames, 2 * way.lanes)
    for _ in spread(one, work[: 2 * way.lanes], threads=way.lanes, name="warm"):
        pass
    for _ in sys.stdin:
        begun, spent = time.perf_counter(), time.process_time()
        for _ in spread(one, work, threads=way.lanes, name="lane"):
            pass
        clock, cores = time.perf_counter() - begun, time.process_time() - spent
        sys.stdout.write(f"{clock / len(work)} {cores / len(work)}\n")
        sys.stdout.flush()


def _painter(way: Way) -> Callable[..., object]:
    import torch

    from pipeline.device import lighten, precision
    from pipeline.models.fns import TransformerNetwork
    from pipeline.models.style import StyleNetwork

    torch.manual_seed(0)
    if way.network == "examples":
        from bench.examples_network import ExamplesNetwork

        return ExamplesNetwork().eval()
    network = (TransformerNetwork if way.network == "fns" else StyleNetwork)().eval()
    network = network.to(memory_format=torch.channels_last)
    return lighten(network, precision(torch.device("cpu"), way.precision))


@contextmanager
def served(name: str, chosen: argparse.Namespace, size: str) -> Iterator[Callable[[], tuple[float, float]]]:
    """A process that is one way, and the function that has it paint a round."""
    command = [sys.executable, "-m", "bench.style_networks", "--serve", name, "--sizes", size]
    command += ["--frames", str(chosen.frames)]
    if chosen.threads is not None:
        command += ["--threads", str(chosen.threads)]
    environment = os.environ | ways(chosen.lanes)[name].environment
    command += ["--lanes", str(chosen.lanes)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        stdin, stdout = child.stdin, child.stdout

        def paint() -> tuple[float, float]:
            stdin.write("\n")
            stdin.flush()
            clock, cores = stdout.readline().split()
            return float(clock), float(cores)

        yield paint
        stdin.close()


def compare(chosen: argparse.Namespace, size: str) -> None:
    """Alternate the ways, and print how many times faster each is than the script."""
    names = list(ways(chosen.lanes))
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with ExitStack() as stack:
        painters = {name: stack.enter_context(served(name, chosen, size)) for name in names}
        for _ in range(chosen.rounds + 1):
            for name, paint in painters.items():
                rounds[name].append(paint())
    sys.stdout.write(f"\n{size}, median of {chosen.rounds} rounds of {chosen.frames} frames\n")
    for name, timed in rounds.items():
        # The first round warms the caches.
        pairs = list(zip(rounds[SCRIPT][1:], timed[1:], strict=True))
        clock, cores = (statistics.median(script[n] / ours[n] for script, ours in pairs) for n in (0, 1))
        took = [1000 * statistics.median(seconds[n] for _, seconds in pairs) for n in (0, 1)]
        sys.stdout.write(
            f"{clock:6.1f}x by the clock {cores:6.1f}x in core time  {took[0]:7.1f} ms {took[1]:7.1f} ms  {name}\n"
        )
    sys.stdout.flush()


def losses(chosen: argparse.Namespace) -> None:
    """Print both networks' losses, the ratio of their style losses first."""
    from bench.style_losses import NETWORKS, measure, open_trained

    paths = chosen.networks or [chosen.out / f"{name}.safetensors" for name in NETWORKS]
    found = measure(chosen.data, {name: open_trained(name, path) for name, path in zip(NETWORKS, paths, strict=True)})
    ratio = found["light"]["style"] / found["fns"]["style"]
    sys.stdout.write(f"\nstyle loss, ours to one of pytorch/examples' size: {ratio:.3f} (at most 1.15 asked)\n")
    for name, values in found.items():
        sys.stdout.write(f"{name:6}" + ", ".join(f"{key} {loss:.3f}" for key, loss in values.items()) + "\n")


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--frames", type=int, default=4, help="painted in each round")
    parser.add_argument("--threads", type=int, help="of ways without lanes; PyTorch's default unless given")
    parser.add_argument("--lanes", type=int, default=len(os.sched_getaffinity(0)), help="of the worker")
    parser.add_argument("--sizes", nargs="*", default=["640x360", "1280x720"])
    parser.add_argument("--data", type=Path, help="the folder of films, photographs, paintings and vgg19")
    parser.add_argument("--networks", type=Path, nargs=2, metavar=("LIGHT", "FNS"), help="a trained pair, to measure")
    parser.add_argument("--train", type=int, metavar="ITERATIONS", help="train a pair, then measure it")
    parser.add_argument("--out", type=Path, default=Path("build/style-networks"), help="where --train writes")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if (chosen.networks or chosen.train) and not chosen.data:
        parser.error("--networks and --train need --data")
    if chosen.serve:
        width, height = map(int, chosen.sizes[0].split("x"))
        serve(ways(chosen.lanes)[chosen.serve], width, height, chosen.threads, chosen.frames)
        return
    sys.stdout.write(f"{describe()}\n")
    if chosen.train:
        from bench.style_losses import train_both

        train_both(chosen.data, chosen.out, chosen.train)
    else:
        for size in chosen.sizes:
            compare(chosen, size)
    if chosen.networks or chosen.train:
        losses(chosen)


if __name__ == "__main__":
    main()
