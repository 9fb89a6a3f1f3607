"""Commands that tell what there is: models and schema."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.looking import Json

Kind = Annotated[str, typer.Argument(metavar="KIND", help="A job kind, as film.", show_default=False)]


def models(as_json: Json = False) -> None:
    """List the styles that ship with Atelier."""
    from rich.markup import escape
    from rich.table import Table

    from jobs.cli import show
    from pipeline.catalog import MODELS

    if as_json:
        show.print_json(
            [
                {
                    "name": model.name,
                    "title": model.title,
                    "kind": model.kind,
                    "credit": model.credit,
                    "licence": model.licence,
                    "sha256": model.sha256,
                    "bytes": model.path.stat().st_size if model.path.exists() else None,
                }
                for model in MODELS.values()
            ]
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("style", "title", "after", "licence"):
        table.add_column(column)
    table.add_column("size", justify="right")
    for model in MODELS.values():
        there = show.size(model.path.stat().st_size) if model.path.exists() else "missing"
        table.add_row(f"[bold]{model.name}[/]", escape(model.title), escape(model.credit), escape(model.licence), there)
    show.out().print(table)
    advice = "a job file's `style` may also be a path: .safetensors, or .pth of pytorch/examples"
    show.talk().print(f"[dim]{advice}[/]", soft_wrap=True)


def schema(kind: Kind) -> None:
    """Print the JSON Schema of a kind's job files, for editors to complete and check."""
    from jobs.cli import show
    from jobs.spec import json_schema

    show.print_json(json_schema(kind))
