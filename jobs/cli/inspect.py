"""The command that says what files carry of marks, and whether their signatures hold: inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json

if TYPE_CHECKING:
    from pipeline.provenance.inspect import Inspection
    from pipeline.provenance.manifest import Manifest

_TERMS = {
    "trainedAlgorithmicMedia": "a model made it",
    "compositeWithTrainedAlgorithmicMedia": "a model changed something else, or made a part of it",
}
"""IPTC's terms of ours, in words."""

_LONGEST = 160
"""Characters of a fact that are shown."""

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE…", help="Pictures, films or PDFs; paths or s3:// addresses.", show_default=False),
]


def inspect(files: Files, as_json: Json = False) -> None:
    """Say what files carry: how they came to be, what made them, and whether they are as they were signed."""
    from jobs.cli import guard, show
    from pipeline.errors import InputError

    found: dict[str, Inspection] = {}
    failed: dict[str, str] = {}
    anchors = _anchors()
    for file in files:
        try:
            found[file] = _inspected(file, anchors)
        except InputError as error:
            failed[file] = str(error)
        if not as_json:
            _tell(file, found.get(file), failed.get(file, ""))
    if as_json:
        rows = ({"file": file, **found[file].as_json()} if file in found else _failed(file, failed) for file in files)
        show.print_json(list(rows))
    if failed:
        raise typer.Exit(guard.BAD_INPUT)
    if any(one.is_broken for one in found.values()):
        raise typer.Exit(guard.JOB_FAILED)


def _anchors() -> bytes | None:
    """The authorities that are trusted, as PEM. Raises: ConfigError if they cannot be read."""
    from jobs.config import settings
    from pipeline.errors import ConfigError

    file = settings().c2pa_trust
    if file is None:
        return None
    try:
        return file.expanduser().read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read as authorities: {error.strerror}") from error


def _inspected(file: str, anchors: bytes | None) -> Inspection:
    from jobs.config import settings
    from pipeline.film.access import local_copy
    from pipeline.provenance.inspect import inspect as look
    from pipeline.storage import is_remote

    if not is_remote(file):
        return look(Path(file.removeprefix("file://")).expanduser(), anchors=anchors)
    with local_copy(file, settings().store_options()) as path:
        return look(path, anchors=anchors)


def _failed(file: str, failed: dict[str, str]) -> dict[str, str]:
    return {"file": file, "error": failed[file]}


def _tell(file: str, found: Inspection | None, error: str) -> None:
    from rich.markup import escape

    from jobs.cli import show

    if found is None:
        show.talk().print(f"[bold red]error:[/] {escape(error)}", soft_wrap=True)
        return
    console = show.out()
    console.print(f"[bold]{escape(file)}[/]  [dim]{found.told.format}[/]", soft_wrap=True)
    rows = list(_rows(found))
    if not rows:
        console.print("  carries no marks", soft_wrap=True)
    width = max((len(name) for name, _ in rows), default=0)
    for name, said in rows:
        console.print(f"  [dim]{escape(name):{width}}[/]  {said}", soft_wrap=True)


def _rows(found: Inspection) -> list[tuple[str, str]]:
    """What is shown: a name and what is said, as markup."""
    from rich.markup import escape

    from pipeline.provenance.aigc import LABELS
    from pipeline.provenance.latents import LATENT, without_latent

    told, rows = found.told, []
    if told.source_type:
        term = told.source_type.rpartition("/")[2]
        words = f" [dim]({_TERMS[term]})[/]" if term in _TERMS else ""
        rows.append(("source type", f"{_short(term)}{words}"))
    if told.software:
        rows.append(("software", _short(told.software)))
    if told.aigc is not None:
        said = dict(told.aigc)
        label = said.pop("Label", "")
        words = ", ".join([LABELS.get(label, label), *(f"{name} {value}" for name, value in said.items() if value)])
        rows.append(("AIGC", _short(words)))
    if told.aigc_problem:
        rows.append(("AIGC", f"[red]{escape(told.aigc_problem)}[/]"))
    rows += [(name, _short(value)) for name, value in without_latent(told.facts).items()]
    if LATENT in told.facts:
        rows.append(("latent", "there, so that it can be made again and varied"))
    if found.is_unread:
        rows.append(("C2PA", "a manifest, unverified: install atelier[c2pa] to read it"))
    if found.manifest is not None:
        rows += _manifest(found.manifest)
    return rows


def _manifest(manifest: Manifest) -> list[tuple[str, str]]:
    from rich.markup import escape

    verdicts = {
        "trusted": "[green]valid, and the signer is trusted[/]",
        "valid": "[green]valid[/]; nothing here says that the signer can be trusted (c2pa_trust)",
        "broken": f"[bold red]broken:[/] {escape('; '.join(manifest.problems))}",
        "elsewhere": "its manifest is elsewhere, and is not fetched",
    }
    rows = [("C2PA", verdicts[manifest.state])]
    if manifest.signer:
        when = f" at {manifest.signed_at}" if manifest.signed_at else ""
        rows.append(("signed by", escape(f"{manifest.signer}{when} ({manifest.algorithm}), with {manifest.software}")))
    rows += [("signed as", escape(term.rpartition("/")[2])) for term in manifest.source_types]
    return rows


def _short(text: str) -> str:
    from rich.markup import escape

    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return escape(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…")
