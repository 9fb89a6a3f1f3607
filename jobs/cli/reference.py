"""Commands that tell what there is: models and schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.registry import Role

Kind = Annotated[str, typer.Argument(metavar="KIND", help="A job kind, as film or train-style.", show_default=False)]


models = typer.Typer(help="List the styles, generators and designers there are, and register others.")


@models.callback(invoke_without_command=True)
def _models(context: typer.Context, as_json: Json = False) -> None:
    """List the styles, generators and designers that ship with Atelier, and those registered on this machine."""
    if context.invoked_subcommand is None:
        _list_models(as_json)
    elif as_json:
        raise typer.BadParameter("only the list can be had as JSON", param_hint="--json")


@models.command()
def add(
    source: Annotated[
        str, typer.Argument(metavar="PATH", help="A .safetensors file; a path or s3://.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call it; default the file's name.", show_default=False)
    ] = None,
) -> None:
    """Register a style, generator or designer that was trained elsewhere, so that job files can name it."""
    from pathlib import PurePosixPath

    from jobs import registry

    known_as = name or PurePosixPath(source).stem
    role, path = registry.add(source, known_as)
    _tell_registered(role, known_as, path)


@models.command("import")
def import_(
    source: Annotated[
        str, typer.Argument(metavar="PATH", help="NVIDIA's .pkl; a path, s3:// or https://.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call it; default the file's name.", show_default=False)
    ] = None,
) -> None:
    """Convert an official StyleGAN2 or StyleGAN3 checkpoint, and register it.

    Nothing in the file is executed. Takes torch, as workers do.
    """
    from pathlib import PurePosixPath

    from jobs import registry
    from pipeline.web import shown

    known_as = name or PurePosixPath(shown(source)).stem
    _tell_registered("generator", known_as, registry.import_official(source, known_as))


def _tell_registered(role: Role, name: str, path: Path) -> None:
    from rich.markup import escape

    from jobs.cli import show
    from jobs.registry import KEYS

    show.out().print(f"[bold green]✓[/] registered: [bold]{KEYS[role]}: {escape(name)}[/] in job files", soft_wrap=True)
    show.talk().print(f"[dim]its weights are {escape(str(path))}[/]", soft_wrap=True)


@models.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A registered model's name.", show_default=False)],
) -> None:
    """Forget a registered style, generator or designer. Jobs that were submitted with it keep their copy."""
    from rich.markup import escape

    from jobs import registry
    from jobs.cli import show

    role = registry.remove(name)
    show.talk().print(f"[bold]{escape(name)}[/] is no {role} any more", soft_wrap=True)


def _list_models(as_json: bool) -> None:
    from rich.markup import escape
    from rich.table import Table

    from jobs import registry
    from jobs.cli import show
    from pipeline.catalog import MODELS

    found = [*MODELS.values(), *registry.models()]
    if as_json:
        show.print_json([registry.described(model) for model in found])
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "kind", "title", "after", "licence"):
        table.add_column(column)
    table.add_column("size", justify="right")
    table.add_column("where", overflow="fold")
    for model in found:
        texts = (model.kind, model.title, model.credit, model.licence)
        size = show.size(model.path.stat().st_size) if model.path.exists() else "missing"
        where = "ships" if model.name in MODELS else str(model.path)
        table.add_row(f"[bold]{escape(model.name)}[/]", *map(escape, texts), size, escape(where))
    show.out().print(table)
    advice = (
        "a job file's `style` may also be a path: .safetensors, or .pth of pytorch/examples; "
        "its `model` one of .safetensors, or NVIDIA's .pkl"
    )
    show.talk().print(f"[dim]{advice}[/]", soft_wrap=True)


def schema(kind: Kind) -> None:
    """Print the JSON Schema of a kind's job files, for editors to complete and check."""
    from jobs.cli import show
    from jobs.spec import json_schema

    show.print_json(json_schema(kind))
