"""`python -m pipeline.training.words`: draw pictures, train on them, and go on where an earlier run was broken off."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from pipeline import device
from pipeline.errors import AtelierError
from pipeline.training.loop import Progress
from pipeline.training.schedule import Schedule
from pipeline.training.words.pictures import drawn
from pipeline.training.words.training import network_for, train_words

_SHOWN_EVERY = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Train. 0 if the model was written, 2 if something was wrong."""
    given = _parser().parse_args(arguments)
    if given.threads:
        torch.set_num_threads(given.threads)
    schedule = Schedule(
        iterations=given.iterations,
        learning_rate=1e-3,
        average=0.999,
        warmup=50,
        final_rate=0.02,
        mixed_precision=False,
        save_every=100,
        preview_every=given.preview_every,
    )
    try:
        told = drawn(given.pictures, given.count, given.size, report=_drawn)
        network = network_for(told, given.size).to(device.pick(given.device))
        train_words(network, told, given.out, batch=given.batch, schedule=schedule, report=_report)
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline.training.words", description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="folder in which pictures are drawn and kept")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    parser.add_argument("--count", type=int, default=27_000, help="pictures to learn from")
    parser.add_argument("--size", type=int, default=64, help="a side in px")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--iterations", type=int, default=5_000)
    parser.add_argument("--preview-every", type=int, default=500)
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    return parser


def _drawn(done: int) -> None:
    if done % 1000 == 0:
        sys.stdout.write(f"{done:,} pictures drawn\n")
        sys.stdout.flush()


def _report(progress: Progress) -> None:
    if progress.iteration % _SHOWN_EVERY == 0:
        losses = "  ".join(f"{name} {loss:.4f}" for name, loss in progress.losses.items())
        sys.stdout.write(f"{progress.iteration}/{progress.iterations}  {losses}  {progress.seconds:.0f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
