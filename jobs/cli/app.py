"""The commands, grouped. Each imports what it needs when it is called, so that `--help` is there at once."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli import (
    campaign,
    check,
    deployment,
    drill,
    estimate,
    inspect,
    links,
    looking,
    reference,
    running,
    steering,
    sweep,
    telling,
    templates,
    train,
    up,
    verify,
)
from jobs.cli.guard import Guarded

_EPILOG = """[dim]Exit codes[/]
  0    it worked
  1    the job failed or was cancelled, no worker came up, or something is damaged
  2    bad input: the job file, an argument or a setting
  3    Redis or the storage is away; try again later
  70   a bug in Atelier
  130  interrupted

[dim]Settings[/]
  ATELIER_* in the environment, or a YAML file: docs/configuration.md"""

app = typer.Typer(
    cls=Guarded,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)

_PANELS = {
    "Running": (up.up, running.run, running.submit, check.check, estimate.estimate),
    "Looking": (
        looking.watch,
        looking.status,
        looking.jobs,
        looking.workers,
        looking.explain,
        links.links,
        telling.webhooks,
        verify.verify,
        inspect.inspect,
        reference.schema,
        templates.templates,
    ),
    "Steering": (steering.pause, steering.resume, steering.cancel, steering.prioritise, running.redo),
    "Deployment": (
        deployment.worker,
        deployment.reconcile,
        deployment.scheduler,
        deployment.web,
        sweep.sweep,
        drill.drill,
    ),
}

for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)

app.add_typer(campaign.app, name="campaign", rich_help_panel="Running")
app.add_typer(train.app, name="train", rich_help_panel="Running")
app.add_typer(reference.models, name="models", rich_help_panel="Looking")


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"atelier {version('atelier')}")
        except PackageNotFoundError:
            typer.echo("atelier, not installed")
        raise typer.Exit


@app.callback()
def _atelier(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Paint films, frame by frame, on one machine or a farm of GPU workers.

    [dim]Begin with[/] atelier run examples/film.yaml
    """
