"""The commands that train: a training job, run here and now. A style is registered in the end."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.running import Again

if TYPE_CHECKING:
    from jobs.kinds.base import JobSpec
    from jobs.records import Plan

app = typer.Typer(
    no_args_is_help=True,
    help="Train a style from a painting, from pictures what makes or designs more like them, attributes from labels, "
    "motions from recordings.",
)

_OWN = {
    "style": ("painting", "photos", "name", "iterations", "warm_start", "features", "output"),
    "gan": ("images", "name", "size", "kimg", "output"),
    "vae": ("images", "name", "size", "kimg", "labels", "output"),
    "attributes": ("model", "images", "labels", "name", "output"),
    "motion": ("data", "labels", "name", "iterations", "output"),
}
"""Keys that have options of their own."""

_Set = typer.Option(
    "--set",
    metavar="KEY=VALUE",
    help="Any other key of a train-style job file, as style=25 or crop=256; may be given again.",
)
_SetGan = typer.Option(
    "--set",
    metavar="KEY=VALUE",
    help="Any other key of a train-gan job file, as gamma=0.1 or mirror=true; may be given again.",
)
_SetVae = typer.Option(
    "--set",
    metavar="KEY=VALUE",
    help="Any other key of a train-vae job file, as latent=256 or mirror=true; may be given again.",
)
_SetMotion = typer.Option(
    "--set",
    metavar="KEY=VALUE",
    help="Any other key of a train-motion job file, as window=128 or mirror=false; may be given again.",
)
_SetAttributes = typer.Option(
    "--set",
    metavar="KEY=VALUE",
    help="Any other key of a train-attributes job file, as credit=ours; may be given again.",
)


@app.callback()
def _train() -> None:
    """Train a style from a painting, from pictures what makes or designs more like them, attributes from labels,
    motions from recordings."""


@app.command()
def style(
    painting: Annotated[str, typer.Option(help="Picture to learn from; a path or s3://.", show_default=False)],
    photos: Annotated[str, typer.Option(help="Folder or s3:// prefix of photographs.", show_default=False)],
    name: Annotated[str, typer.Option(help="What the style will be called.", show_default=False)],
    iterations: Annotated[int | None, typer.Option(help="Steps to train; default 1600.", show_default=False)] = None,
    warm_start: Annotated[
        str | None,
        typer.Option(
            help="Style to begin from, by name or path, or none; default starry-night, which halves the time.",
            show_default=False,
        ),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            help="VGG19's convolutions as .npz, .pth or .safetensors, or torchvision; default Atelier's own.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(help="Folder or s3:// prefix for weights and previews; default NAME-style.", show_default=False),
    ] = None,
    settings: Annotated[list[str] | None, _Set] = None,
    again: Again = False,
) -> None:
    """Train a style from a painting, here and now, and register it under its name.

    Photographs to paint meanwhile: a few hundred of any kind. 1,600 iterations take a quarter of an hour on one CPU
    core. Losses are shown all the time, and where the newest preview lies.

    Ctrl-C pauses the training; the same command goes on with it. Afterwards `style: NAME` is known in job files.
    """
    given = {
        "painting": painting,
        "photos": photos,
        "name": name,
        "output": output or f"{name}-style/",
        "iterations": iterations,
        "warm_start": warm_start,
        "features": features,
    }
    keys = {key: value for key, value in given.items() if value is not None} | _pairs(settings or [])
    spec, plan = _planned("style", keys, again=again)
    _drive(spec, plan, go_on=_command("style", keys))
    _register(plan)


@app.command()
def gan(
    images: Annotated[
        str,
        typer.Option(help="Folder or s3:// prefix of pictures, or portraits, which Atelier draws.", show_default=False),
    ],
    name: Annotated[str, typer.Option(help="What the generator will be called.", show_default=False)],
    size: Annotated[
        int | None, typer.Option(help="Side in pixels: 32, 64, 128 or 256; default 64.", show_default=False)
    ] = None,
    kimg: Annotated[
        float | None, typer.Option(help="Thousands of pictures to see; default 200.", show_default=False)
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(help="Folder or s3:// prefix for weights and previews; default NAME-gan.", show_default=False),
    ] = None,
    settings: Annotated[list[str] | None, _SetGan] = None,
    again: Again = False,
) -> None:
    """Train a generator of pictures, here and now: a StyleGAN2 that learns from pictures alone.

    A hundred pictures are the least, some thousand are good. A GPU needs minutes for what takes a CPU core a night.
    Losses are shown all the time, and where the newest preview lies.

    Ctrl-C pauses the training; the same command goes on with it.
    """
    given = {"images": images, "name": name, "output": output or f"{name}-gan/", "size": size, "kimg": kimg}
    keys = {key: value for key, value in given.items() if value is not None} | _pairs(settings or [])
    spec, plan = _planned("gan", keys, again=again)
    _drive(spec, plan, go_on=_command("gan", keys))
    _point_out(plan, "model", "portraits")


@app.command()
def vae(
    images: Annotated[
        str,
        typer.Option(help="Folder or s3:// prefix of pictures, or rooms, which Atelier draws.", show_default=False),
    ],
    name: Annotated[str, typer.Option(help="What the autoencoder will be called.", show_default=False)],
    size: Annotated[
        int | None, typer.Option(help="Side in pixels: 64, 128 or 256; default 128.", show_default=False)
    ] = None,
    kimg: Annotated[
        float | None, typer.Option(help="Thousands of pictures to see; default 100.", show_default=False)
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="CSV file of attributes to edit by, one row a picture.", show_default=False),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(help="Folder or s3:// prefix for weights and previews; default NAME-vae.", show_default=False),
    ] = None,
    settings: Annotated[list[str] | None, _SetVae] = None,
    again: Again = False,
) -> None:
    """Train an autoencoder that designs pictures, here and now: from a folder of pictures alone.

    Some hundred pictures are enough to begin with, some thousand are good; a tenth of them only measures. Pictures that
    cannot be read are skipped and told. Losses are shown all the time, and where the newest preview lies.

    Ctrl-C pauses the training; the same command goes on with it.
    """
    given = {"images": images, "name": name, "output": output or f"{name}-vae/", "size": size, "kimg": kimg}
    given["labels"] = labels
    keys = {key: value for key, value in given.items() if value is not None} | _pairs(settings or [])
    spec, plan = _planned("vae", keys, again=again)
    _drive(spec, plan, go_on=_command("vae", keys))
    _point_out(plan, "model", "interiors")


@app.command()
def attributes(
    model: Annotated[
        str, typer.Option(help="Designer whose attributes they will be; a name, path or address.", show_default=False)
    ],
    images: Annotated[
        str, typer.Option(help="Folder or s3:// prefix of its designs, or of photographs.", show_default=False)
    ],
    labels: Annotated[str, typer.Option(help="CSV file of numbers, one row a picture.", show_default=False)],
    name: Annotated[str, typer.Option(help="What the file of attributes will be called.", show_default=False)],
    output: Annotated[
        str | None,
        typer.Option(help="Folder or s3:// prefix for all of it; default NAME-attributes.", show_default=False),
    ] = None,
    settings: Annotated[list[str] | None, _SetAttributes] = None,
    again: Again = False,
) -> None:
    """Train attributes of your own for a designer, here and now: from pictures that you gave numbers to.

    Ten labelled pictures are the least, sixty are good. Pictures that cannot be used are skipped and told, and so are
    attributes of which the pictures do not tell.
    """
    given = {
        "model": model,
        "images": images,
        "labels": labels,
        "name": name,
        "output": output or f"{name}-attributes/",
    }
    keys: dict[str, Any] = given | _pairs(settings or [])
    spec, plan = _planned("attributes", keys, again=again)
    _drive(spec, plan, go_on=_command("attributes", keys))
    _point_out(plan, "attributes", "interiors")


@app.command()
def motion(
    data: Annotated[
        str,
        typer.Option(help="Folder or s3:// prefix of recordings: BVH, or AMC with their ASF.", show_default=False),
    ],
    labels: Annotated[
        str,
        typer.Option(help="CSV file: file,action and, if wanted, start,end,fps.", show_default=False),
    ],
    name: Annotated[str, typer.Option(help="What the generator will be called.", show_default=False)] = "motions",
    iterations: Annotated[int | None, typer.Option(help="Steps to train; default 7500.", show_default=False)] = None,
    output: Annotated[
        str | None,
        typer.Option(help="Folder or s3:// prefix for weights and previews; default NAME-motion.", show_default=False),
    ] = None,
    settings: Annotated[list[str] | None, _SetMotion] = None,
    again: Again = False,
) -> None:
    """Train a generator of motions, here and now: from motion capture, and a list that says what is done in it.

    Three seconds of each action are the least, a minute is good. Walks and runs may be shorter: a cycle of two strides
    is repeated. Losses are shown all the time, and where the newest preview lies. In the end it is measured, beside
    real motion and plain baselines.

    Ctrl-C pauses the training; the same command goes on with it.
    """
    given = {"data": data, "labels": labels, "name": name, "output": output or f"{name}-motion/"}
    keys: dict[str, Any] = given | ({} if iterations is None else {"iterations": iterations}) | _pairs(settings or [])
    spec, plan = _planned("motion", keys, again=again)
    _drive(spec, plan, go_on=_command("motion", keys))
    _point_out(plan, "model", "motion")


def _pairs(settings: list[str]) -> dict[str, _Raw]:
    pairs = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key.strip():
            raise typer.BadParameter(f"{setting!r} is no KEY=VALUE; write style=25", param_hint="--set")
        pairs[key.strip().replace("-", "_")] = _Raw(value.strip())
    return pairs


def _planned(what: str, keys: dict[str, Any], *, again: bool) -> tuple[JobSpec, Plan]:
    """The job file that the options amount to, checked, and its plan. Raises: JobSpecProblems, StorageUnavailable."""
    import uuid

    from jobs.config import settings
    from jobs.spec import JobSpecProblems, parse
    from jobs.submit import plan_job

    lines = [f"{key}: {_yaml(value)}" for key, value in keys.items()]
    text = "\n".join([*lines, f"kind: train-{what}"])
    try:
        spec, located = parse(text, path=_where(what), folder=Path.cwd())
        return spec, plan_job(spec, located, settings(), token=uuid.uuid4().hex if again else "")
    except JobSpecProblems as error:
        raise JobSpecProblems([_at_option(problem, _where(what), keys) for problem in error.problems]) from error


def _where(what: str) -> str:
    """What stands for the job file in problems."""
    return f"atelier train {what}"


def _yaml(value: object) -> str:
    """The value as YAML. What `--set` gave is a text, unless YAML reads it as a number or a list."""
    import yaml

    if isinstance(value, _Raw):
        try:
            read = yaml.safe_load(value)
        except yaml.YAMLError:
            read = None
        value = read if isinstance(read, int | float | list) else str(value)
    return json.dumps(value, ensure_ascii=False)


class _Raw(str):
    """A value as it was typed."""


def _at_option(problem: str, where: str, keys: dict[str, Any]) -> str:
    """The problem at the option that it is about, and not at a line of a file that nobody wrote."""
    match = re.match(rf"{where}:(\d+): ", problem)
    if match is None or int(match[1]) > len(keys):
        return problem
    key, value = list(keys.items())[int(match[1]) - 1]
    option = f"--set {key}={value}" if isinstance(value, _Raw) else f"--{key.replace('_', '-')}"
    return f"{option}: {problem[match.end() :]}"


def _command(what: str, keys: dict[str, Any]) -> str:
    words = ["atelier", "train", what]
    for key, value in keys.items():
        own = key in _OWN[what]
        words += [f"--{key.replace('_', '-')}", str(value)] if own else ["--set", f"{key}={value}"]
    return shlex.join(words)


def _drive(spec: JobSpec, plan: Plan, *, go_on: str) -> None:
    """Submit the job and stay with it until it ends, as `run` does. Returns only if it is done."""
    from jobs.cli import machine, show
    from jobs.cli.drive import drive
    from jobs.cli.keeping import Keeper
    from jobs.submit import submit

    with machine.place() as where:
        session = where.session
        keeper = Keeper(where, plan.job, go_on=go_on)
        with keeper.keeping():
            submission = submit(spec, plan, session.truth, session.ledger, session.queue, session.config)
            show.talk().print(f"[bold]{plan.job}[/] {'accepted' if submission.created else 'was submitted before'}")
            # A training is one piece of work: one worker with all the cores.
            drive(where, submission.plan, keeper, workers=1)


def _register(plan: Plan) -> None:
    from rich.markup import escape

    from jobs import registry
    from jobs.cli import show
    from jobs.config import settings
    from pipeline.film.access import read_bytes

    name = plan.style
    options = settings().store_options()
    weights, card = (read_bytes(f"{plan.output.rstrip('/')}/{product}", options) for product in plan.products)
    path = registry.register(name, weights, card.decode())
    show.out().print(f"\n[bold green]✓[/] registered: [bold]style: {name}[/] in job files", soft_wrap=True)
    show.talk().print(f"[dim]its weights are {escape(str(path))}[/]", soft_wrap=True)


def _point_out(plan: Plan, key: str, kind: str) -> None:
    from rich.markup import escape

    from jobs.cli import show

    weights = f"{plan.output.rstrip('/')}/{plan.products[0]}"
    show.out().print(f"\n[bold green]✓[/] [bold]{key}: {escape(weights)}[/] in {kind} job files", soft_wrap=True)
