"""`atelier templates`: the posters' templates that ship, what one of them takes, and the schema of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json

if TYPE_CHECKING:
    from rich.table import Table

    from jobs.posters.templates import Found

Named = Annotated[
    str | None,
    typer.Argument(metavar="TEMPLATE", help="A template's name, or the path of your own.", show_default=False),
]
Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of templates, for editors.")]


def templates(name: Named = None, schema: Schema = False, as_json: Json = False) -> None:
    """List the posters' templates, or say what one takes: its variables, palettes and formats."""
    from jobs.cli import show
    from jobs.kinds.base import absolute
    from jobs.posters.templates import described, find, is_path, shipped

    if schema:
        from pipeline.poster.template import Template

        show.print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Template.model_json_schema()})
        return
    if name is None:
        found = [find(each) for each in shipped()]
        if as_json:
            show.print_json([described(each) for each in found])
        else:
            _list(found)
        return
    from pathlib import Path

    one = find(absolute(name, Path.cwd()) if is_path(name) else name)
    if as_json:
        show.print_json(described(one))
    else:
        _tell(one)


def _list(found: list[Found]) -> None:
    from rich.markup import escape

    from jobs.cli import show

    table = _table("name", "palettes", "what it is")
    for each in found:
        template = each.template
        table.add_row(f"[bold]{escape(each.name)}[/]", escape(", ".join(template.palettes)), escape(template.about))
    show.out().print(table)
    show.talk().print("[dim]atelier templates NAME says what one takes; docs/posters.md shows them[/]", soft_wrap=True)


def _tell(found: Found) -> None:
    from rich.markup import escape

    from jobs.cli import show

    template = found.template
    show.out().print(f"[bold]{escape(found.name)}[/]  {escape(template.about)}", soft_wrap=True)
    table = _table("variable", "letters", "default", "what belongs there")
    for name, told in template.variables.items():
        default = told.said("en")
        said = "must be given" if default is None else default or "[dim]empty[/]"
        languages = f" [dim]({', '.join(told.default)})[/]" if isinstance(told.default, dict) else ""
        shown = said if said.startswith("[dim]") else escape(said)
        table.add_row(f"[bold]{name}[/]", str(told.most or ""), shown + languages, escape(told.about))
    show.out().print(table)
    for name, palette in template.palettes.items():
        mark = "  [dim](used unless another is named)[/]" if name == template.palette else ""
        said = "  ".join(f"[on {code}]   [/] {role} {code}" for role, code in palette.items())
        show.out().print(f"palette [bold]{escape(name)}[/]  {said}{mark}", soft_wrap=True)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column)
    return table
