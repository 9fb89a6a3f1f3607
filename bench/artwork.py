"""How much sooner the artwork engine reaches the loss of a plain one: `python -m bench.artwork --vgg F --content P …`.

Plain is what Gatys et al. describe: torch.optim.LBFGS from the content, at one size, in float32, by autograd through
the whole network. Both make the same loss small (content and style of the standard layers that the weights have, and
the recipe's total variation and range), and both are judged by it in float32. They take turns, so that a busy machine
is busy for both; judging is not timed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from bench.machine import describe
from pipeline.artwork.objective import Evaluation, Objective
from pipeline.artwork.paint import HALF_NOISE
from pipeline.artwork.painting import Painting, fit
from pipeline.artwork.recipe import ArtworkRecipe, Layers
from pipeline.artwork.run import Run
from pipeline.artwork.subject import Subject
from pipeline.device import has_fast_bfloat16
from pipeline.models.features import Features, open_features
from pipeline.training.photos import open_picture, to_tensor

STANDARD_STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
"""Those of them that the weights have."""

STANDARD_CONTENT = ("relu4_2", "relu3_1")
"""The first that the weights have."""

LOOK_EVALUATIONS = 10
"""Between two looks at where the engine stands."""


class PlainLoss:
    """The loss as the papers' formulas say, each part relative as the engine's."""

    def __init__(self, network: Features, content: Tensor, painting: Tensor, recipe: ArtworkRecipe, layers: Layers):
        self.network, self.recipe = network, recipe
        self.content_layers, self.style_layers = layers.content[0], layers.style[0]
        with torch.no_grad():
            self.content = network(content, self.content_layers)
            self.grams = {layer: gram(found) for layer, found in network(painting, self.style_layers).items()}

    def __call__(self, picture: Tensor) -> Tensor:
        found = self.network(picture, {*self.content_layers, *self.style_layers})
        content = [relative(found[layer], wanted) for layer, wanted in self.content.items()]
        style = [relative(gram(found[layer]), wanted) for layer, wanted in self.grams.items()]
        steps = picture.diff(dim=3).square().sum() + picture.diff(dim=2).square().sum()
        return (
            self.recipe.content * torch.stack(content).mean()
            + self.recipe.style * torch.stack(style).mean()
            + self.recipe.variation * steps / picture.numel()
            + self.recipe.range * (picture - picture.clamp(0, 1)).square().mean()
        )


def gram(features: Tensor) -> Tensor:
    flat = features[0].flatten(1)
    return flat @ flat.T / flat.shape[1]


def relative(found: Tensor, wanted: Tensor) -> Tensor:
    return F.mse_loss(found, wanted) / wanted.square().mean()


def plain(loss: PlainLoss, content: Tensor) -> Iterator[float]:
    """The plain implementation's loss, one evaluation at a time."""
    picture = content.clone().requires_grad_()
    # One iteration a step is one evaluation a step, and the memory lives on between steps.
    optimiser = torch.optim.LBFGS([picture], max_iter=1)

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(picture)
        value.backward()
        assert picture.grad is not None
        # PyTorch's L-BFGS takes no other order of the axes, which convolutions may leave.
        picture.grad = picture.grad.contiguous()
        return value

    while True:
        yield optimiser.step(closure).item()


@dataclass
class Course:
    """How a loss fell: after how many evaluations, and seconds so far, it stood where."""

    evaluations: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def __enter__(self) -> None:
        self.wall_s -= time.perf_counter()
        self.cpu_s -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall_s += time.perf_counter()
        self.cpu_s += time.process_time()

    def add(self, evaluation: int, loss: float) -> None:
        self.evaluations.append(evaluation)
        self.losses.append(loss)

    def __str__(self) -> str:
        shown = sorted({*range(0, len(self.losses), max(1, len(self.losses) // 10)), len(self.losses) - 1})
        return ", ".join(f"{self.evaluations[index]}: {self.losses[index]:.4f}" for index in shown)


class Done(Exception):
    """The engine stands as low as the plain implementation ended."""


class Race:
    """Both courses. The engine has half the turns; once the plain one is done it goes on until it stands as low."""

    def __init__(self, loss: PlainLoss, content: Tensor, evaluations: int):
        self.plain, self.engine = Course(), Course()
        self._loss, self._evaluations, self._made = loss, evaluations, 0
        self._size, self._plainly = content.shape[2:], plain(loss, content)

    @property
    def target(self) -> float:
        """The loss to reach."""
        return min(self.plain.losses)

    @property
    def is_won(self) -> bool:
        return len(self.plain.losses) == self._evaluations and self.engine.losses[-1] <= self.target

    def run(self, subject: Subject, recipe: ArtworkRecipe, network: Features) -> None:
        half = has_fast_bfloat16(torch.device("cpu"))
        dtype = torch.bfloat16 if half else torch.float32

        def watched(longest: int) -> Objective:
            return cast(Objective, Watched(subject.objective(network, longest, tile_px=4096, dtype=dtype), self))

        run = Run(
            subject,
            recipe,
            watched,
            frames=1,
            noise=HALF_NOISE if half else 0.0,
            report=lambda progress: None,
            keep=lambda state: None,
        )
        try:
            with self.engine:
                list(run.film(None))
        except Done:
            return
        self._catch_up(self._evaluations)

    def look(self, picture: Tensor) -> None:
        """Note where the engine stands, and let the plain implementation catch up; the engine's clock stands still."""
        self._made += 1
        if self._made % LOOK_EVALUATIONS or picture.shape[2:] != self._size:
            return
        self.engine.__exit__()
        with torch.no_grad():
            self.engine.add(self._made, self._loss(picture).item())
        self._catch_up(min(self._evaluations, 2 * self._made))
        self.engine.__enter__()
        if self.is_won:
            raise Done

    def _catch_up(self, evaluations: int) -> None:
        while len(self.plain.losses) < evaluations:
            with self.plain:
                loss = next(self._plainly)
            self.plain.add(len(self.plain.losses) + 1, loss)


class Watched:
    """An objective that shows the race each picture that it is asked about."""

    def __init__(self, objective: Objective, race: Race):
        self._objective, self._race = objective, race
        self.size, self.device = objective.size, objective.device

    def __call__(self, picture: Tensor) -> Evaluation:
        found = self._objective(picture)
        self._race.look(picture)
        return found


def describe_race(race: Race) -> Iterator[str]:
    wall, cpu = race.engine.wall_s / race.plain.wall_s, race.engine.cpu_s / race.plain.cpu_s
    made = race.engine.evaluations[-1]
    outcome = f"reached after {made} evaluations" if race.is_won else f"not reached within {made} evaluations"
    yield f"{wall:.2f} of plain's time, {cpu:.2f} of its CPU time; {outcome}"
    for name, course in (("plain", race.plain), ("engine", race.engine)):
        yield f"{name}: {course.wall_s:.0f} s, {course.cpu_s:.0f} s of CPU; {course}"
    yield f"the loss to reach: {race.target:.5f}"


def read(path: Path) -> Tensor:
    return to_tensor(open_picture(path))[None]


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.artwork", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--vgg", type=Path, help="VGG19's weights; otherwise the features that come with Atelier")
    parser.add_argument("--content", type=Path, required=True)
    parser.add_argument("--painting", type=Path, required=True)
    parser.add_argument("--size", type=int, default=512, help="longest side in px")
    parser.add_argument("--evaluations", type=int, default=500, help="of the plain implementation")
    parser.add_argument("--coarsest", type=int, help="where the engine begins; otherwise at the full size, as plain")
    parser.add_argument("--threads", type=int, help="of PyTorch; otherwise one for each core")
    options = parser.parse_args(given)
    if options.threads:
        torch.set_num_threads(options.threads)

    network = open_features(options.vgg)
    layers = Layers(
        content=((next(layer for layer in STANDARD_CONTENT if layer in network.layers),),),
        style=(tuple(layer for layer in STANDARD_STYLE if layer in network.layers),),
    )
    recipe = ArtworkRecipe(
        size=options.size,
        coarsest=options.coarsest or options.size,
        iterations=options.evaluations,
        shading=0,
        tolerance=0,
        keep_every=options.evaluations,
        layers=layers,
    )
    content, painting = read(options.content), read(options.painting)
    subject = Subject(content, [Painting(picture=painting)], recipe)
    start = subject.content(options.size)
    loss = PlainLoss(network, start, fit(painting, start.shape[2] * start.shape[3]), recipe, layers)
    race = Race(loss, start, options.evaluations)
    race.run(subject, recipe, network)

    for line in describe_race(race):
        print(line)  # noqa: T201
    print(f"{start.shape[3]}x{start.shape[2]} px, {layers}, {network.origin}")  # noqa: T201
    print(f"{torch.get_num_threads()} threads, {describe()}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
