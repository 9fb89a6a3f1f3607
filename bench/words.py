"""How well the model of words does what it is told: `python -m bench.words --pictures FOLDER`.

A network that learnt from drawn pictures looks at made ones, and says how often they show what was asked for: of
sentences that were never learnt, and of pairs of words that never stood together. Beside it stands what it says of
drawn pictures of the same sentences. Fréchet distances are between made pictures and drawn ones, in our own features.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from pipeline.catalog import find_illustrator
from pipeline.drawing.told import KINDS
from pipeline.models import features
from pipeline.models.words.files import load
from pipeline.models.words.flow import guided, times, walk
from pipeline.models.words.unet import WordsNetwork
from pipeline.tensors import to_pixels
from pipeline.training.frechet import distance, features_of, gaussian
from pipeline.training.words.looking import agreement, taught
from pipeline.training.words.pictures import Told, drawn, tested

_BATCH = 16


def main() -> None:
    """Measure and print."""
    given = _parser().parse_args()
    torch.set_num_threads(given.threads)
    network = load(find_illustrator(given.model).path)
    side = network.config.size_px
    learnt = drawn(given.pictures, given.learnt, side)
    looker = taught(learnt, iterations=given.iterations, report=_report)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for name, pairs in (("sentences never learnt", False), ("pairs never learnt", True)):
        told = tested(given.count, side, pairs=pairs)
        ceiling = agreement(told.facts, looker.told(told.pictures))
        _say(f"\n{name}, {len(told)} of them; drawn pictures, then steps and guidance:")
        found = {"drawn": ceiling}
        settings = [(12, 3.0)] if pairs else [(12, 3.0), (12, 1.0), (8, 3.0), (4, 3.0), (2, 3.0)]
        for steps, guidance in settings:
            began = time.monotonic()
            made = pictures(network, told, steps, guidance)
            seconds = (time.monotonic() - began) / len(told)
            key = f"{steps}/{guidance:g}"
            found[key] = agreement(told.facts, looker.told(made))
            _say(f"  {key}: Fréchet {_apart(made, told.pictures):.3f}, {seconds:.2f} s a picture")
        if not pairs:
            others = tested(2 * given.count, side, pairs=False).pictures[given.count :]
            _say(f"  other drawn pictures: Fréchet {_apart(others, told.pictures):.3f}")
        _table(found)


@torch.inference_mode()
def pictures(network: WordsNetwork, told: Told, steps: int, guidance: float) -> np.ndarray:
    """A picture of each of the told ones' sentences: (N, S, S, 3) uint8."""
    made = []
    for at in range(0, len(told), _BATCH):
        facts = told.facts[at : at + _BATCH]
        numbers = network.numbers([KINDS[each["kind"]].sentence(each) for each in facts])
        side = network.config.size_px
        noise = torch.cat(
            [torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(at + n)) for n in range(len(facts))]
        )
        guess = guided(network, numbers, network.numbers([""] * len(facts)), guidance)
        made.append(to_pixels((walk(guess, noise, times(steps)) + 1) / 2))
    return np.concatenate(made)


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    network = features.load(features.SHIPPED)

    def seen(many: np.ndarray) -> list[torch.Tensor]:
        tensor = torch.tensor(many).permute(0, 3, 1, 2).float() / 127.5 - 1
        return [features_of(network, part) for part in tensor.split(64)]

    return distance(gaussian(seen(first)), gaussian(seen(second)))


def _table(found: dict[str, dict[str, float]]) -> None:
    names = sorted(found["drawn"])
    _say(f"  {'':34}" + "".join(f"{key:>9}" for key in found))
    for name in names:
        _say(f"  {name:34}" + "".join(f"{values[name]:9.2f}" for values in found.values()))
    _say(f"  {'mean':34}" + "".join(f"{np.mean(list(values.values())):9.2f}" for values in found.values()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _report(done: int, loss: float) -> None:
    if done % 100 == 0:
        sys.stderr.write(f"looking {done}: {loss:.2f}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.words", description=__doc__)
    parser.add_argument("--model", default="storybook", help="a known name, or a .safetensors file")
    parser.add_argument("--pictures", type=Path, required=True, help="folder in which pictures are drawn and kept")
    parser.add_argument("--learnt", type=int, default=27_000, help="pictures that the looking network learns from")
    parser.add_argument("--iterations", type=int, default=1_500, help="of its training")
    parser.add_argument("--count", type=int, default=600, help="pictures of each measure")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser


if __name__ == "__main__":
    main()
