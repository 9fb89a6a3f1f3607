"""How much sooner the artwork engine reaches the loss of a plain one: `python -m bench.artwork --vgg F --content P …`.

Plain is what Gatys et al. describe: torch.optim.LBFGS from the content, at one size, in float32, by autograd through
the whole network. Both make the same loss small (content and style of the standard layers that the weights have),
both are judged by it in float32, and they take turns, so that a busy machine is busy for both. The engine's pictures
are judged as they would be delivered: within black and white.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from bench.machine import describe
from pipeline.artwork.paint import has_fast_bfloat16, paint
from pipeline.artwork.painting import Painting, fit, resize
from pipeline.artwork.recipe import ArtworkRecipe, Layers
from pipeline.models.features import Features, open_features
from pipeline.training.photos import open_picture, to_tensor

STANDARD_STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
STANDARD_CONTENT = ("relu4_2", "relu3_1")
"""The first that the weights have."""

FRAME_EVALUATIONS = 5
"""Between two looks at the engine's picture, on average."""


class PlainLoss:
    """Content and style loss as the paper's formulas say, each relative as the engine's."""

    def __init__(self, network: Features, content: Tensor, painting: Tensor, recipe: ArtworkRecipe):
        assert recipe.layers is not None
        self.network, self.recipe = network, recipe
        self.content_layers, self.style_layers = recipe.layers.content[0], recipe.layers.style[0]
        with torch.no_grad():
            self.content = network(content, self.content_layers)
            self.grams = {layer: gram(found) for layer, found in network(painting, self.style_layers).items()}

    def __call__(self, picture: Tensor) -> Tensor:
        found = self.network(picture, {*self.content_layers, *self.style_layers})
        content = [relative(found[layer], wanted) for layer, wanted in self.content.items()]
        style = [relative(gram(found[layer]), wanted) for layer, wanted in self.grams.items()]
        return self.recipe.content * torch.stack(content).mean() + self.recipe.style * torch.stack(style).mean()


def gram(features: Tensor) -> Tensor:
    flat = features[0].flatten(1)
    return flat @ flat.T / flat.shape[1]


def relative(found: Tensor, wanted: Tensor) -> Tensor:
    return F.mse_loss(found, wanted) / wanted.square().mean()


@dataclass
class Course:
    """How the loss fell: after how many evaluations and seconds it stood where."""

    evaluations: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def reached(self, loss: float) -> int | None:
        """Index of the first entry that is no higher."""
        return next((index for index, value in enumerate(self.losses) if value <= loss), None)

    def add(self, evaluation: int, loss: float, watch: Watch) -> None:
        self.evaluations.append(evaluation)
        self.losses.append(loss)
        self.wall_s.append(watch.wall_s)
        self.cpu_s.append(watch.cpu_s)


class Watch:
    """Counts the time inside `with`."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    def __enter__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall_s += time.perf_counter() - self._wall
        self.cpu_s += time.process_time() - self._cpu


def plain(loss: PlainLoss, content: Tensor) -> Iterator[float]:
    """The plain implementation's loss, one evaluation at a time."""
    picture = content.clone().requires_grad_()
    # One iteration a step is one evaluation a step, and the memory lives on between steps.
    optimiser = torch.optim.LBFGS([picture], max_iter=1)

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(picture)
        value.backward()
        return value

    while True:
        yield optimiser.step(closure).item()


def take_turns(loss: PlainLoss, content: Tensor, painting: Tensor, evaluations: int) -> tuple[Course, Course]:
    """Both courses. The engine has half the turns, and once the plain one is done goes on until it stands as low."""
    recipe, courses, watches = loss.recipe, (Course(), Course()), (Watch(), Watch())
    frames = max(2, recipe.iterations // FRAME_EVALUATIONS)
    plainly = plain(loss, content)
    film = paint(content, [Painting(picture=painting)], recipe, network=loss.network, frames=frames)
    while True:
        with watches[1]:
            snapshot = next(film, None)
        due = evaluations if snapshot is None else min(evaluations, 2 * snapshot.evaluation)
        while len(courses[0].losses) < due:
            with watches[0]:
                value = next(plainly)
            courses[0].add(len(courses[0].losses) + 1, value, watches[0])
        if snapshot is None:
            return courses
        with torch.no_grad():
            courses[1].add(snapshot.evaluation, float(loss(snapshot.picture)), watches[1])
        if len(courses[0].losses) == evaluations and courses[1].reached(min(courses[0].losses)) is not None:
            return courses


def told(title: str, course: Course, target: float, plain_course: Course) -> str:
    index = course.reached(target)
    if index is None:
        return f"{title}: not reached; {min(course.losses):.5f} after {course.evaluations[-1]} evaluations"
    wall, cpu = course.wall_s[index], course.cpu_s[index]
    ratios = f"{wall / plain_course.wall_s[-1]:.2f} of plain's time, {cpu / plain_course.cpu_s[-1]:.2f} of its CPU time"
    return f"{title}: {ratios} ({course.evaluations[index]} evaluations, {wall:.0f} s, {cpu:.0f} s of CPU)"


def read(path: Path) -> Tensor:
    return to_tensor(open_picture(path))[None]


def main(given: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.artwork", description=__doc__.partition("\n")[0])
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
    content, painting = read(options.content), read(options.painting)
    scale = options.size / max(content.shape[2:])
    content = resize(content, *(max(1, round(side * scale)) for side in content.shape[2:]))
    recipe = ArtworkRecipe(
        size=options.size,
        coarsest=options.coarsest or options.size,
        iterations=options.evaluations,
        shading=0,
        variation=0,
        tolerance=0,
        keep_every=options.evaluations,
        layers=Layers(
            content=((next(layer for layer in STANDARD_CONTENT if layer in network.layers),),),
            style=(tuple(layer for layer in STANDARD_STYLE if layer in network.layers),),
        ),
    )
    loss = PlainLoss(network, content, fit(painting, content.shape[2] * content.shape[3]), recipe)
    courses = take_turns(loss, content, painting, options.evaluations)
    target = min(courses[0].losses)
    half = "bfloat16" if has_fast_bfloat16(torch.device("cpu")) else "float32"
    say(told(f"the engine, {half}", courses[1], target, courses[0]))
    say(
        f"plain: {courses[0].wall_s[-1]:.0f} s, {courses[0].cpu_s[-1]:.0f} s of CPU "
        f"for {options.evaluations} evaluations"
    )
    say(f"the loss to reach: {target:.5f}; both begin at {courses[0].losses[0]:.5f}")
    for name, course in zip(("plain", "the engine"), courses, strict=True):
        shown = [*range(0, len(course.losses), max(1, len(course.losses) // 10)), len(course.losses) - 1]
        say(f"{name}: " + ", ".join(f"{course.evaluations[i]}: {course.losses[i]:.4f}" for i in shown))
    say(f"{network.origin}; {recipe.layers}; {'x'.join(map(str, content.shape[:1:-1]))} px")
    say(f"{torch.get_num_threads()} threads; {describe()}")
    return 0


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
