"""Fonts that a machine has besides ours: those of fontconfig, and packages of fonts that were installed.

They are asked for by name, or when no other font has a letter. What they give is found where a job is planned, and
goes with the plan: no worker looks for fonts.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import InputError
from pipeline.typography.files import SUFFIXES, FontFile, found, of_path
from pipeline.typography.fonts import FontSet, MissingGlyph
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import check

_PACKAGES = "fontpkg.family"
"""The entry points under which packages of fonts make themselves known."""

_PATIENCE_S = 20


def gather(families: Iterable[str], folder: Path | None) -> FontSet:
    """The fonts for a job: those of its folder, ours, and of this machine what is named and no other has.

    Raises: InputError for a family that is nowhere, and for a folder or a font that is broken.
    """
    fonts = FontSet.shipped().with_files(found(folder))
    known = {name.casefold() for name in fonts.families()}
    named = [file for name in families if name.casefold() not in known for file in family(name)]
    fonts = replace(fonts, own=(*fonts.own, *named))
    fonts.check_families(families)
    return fonts


def complete(fonts: FontSet, text: str, style: TextStyle) -> FontSet:
    """The fonts, and after them those of this machine that have what they lack for a text.

    Raises: MissingGlyph if no font has it; InputError if it is no text.
    """
    while True:
        try:
            check(text, style, fonts)
        except MissingGlyph as error:
            more = [file for file in having(error.letter) if file not in fonts.last]
            if not more:
                raise
            fonts = fonts.with_fallback(more)
        else:
            return fonts


def family(name: str) -> list[FontFile]:
    """The files of a family that this machine has, of packages or else of fontconfig; none if it has none."""
    for paths in (_of_packages(), _listed("")):
        files = [file for file in _readable(paths) if file.face.family.casefold() == name.casefold()]
        if files:
            return files
    return []


def having(letter: str) -> list[FontFile]:
    """Fontconfig's fonts that have a letter, by path."""
    return [file for file in _readable(_listed(f":charset={ord(letter):x}")) if file.face.covers(letter)]


@cache
def _listed(pattern: str) -> tuple[Path, ...]:
    """The files that fontconfig knows of a pattern of its own. Without fontconfig there are none."""
    command = shutil.which("fc-list")
    if command is None:
        return ()
    try:
        told = subprocess.run(
            [command, "--format", "%{file}\n", *filter(None, [pattern])],
            capture_output=True,
            timeout=_PATIENCE_S,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(sorted({Path(line) for line in told.stdout.splitlines() if line.lower().endswith(SUFFIXES)}))


@cache
def _of_packages() -> tuple[Path, ...]:
    """The files of installed packages of fonts."""
    specs = (find_spec(entry.value) for entry in entry_points(group=_PACKAGES))
    folders = [Path(spec.origin).parent for spec in specs if spec and spec.origin]
    return tuple(sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES))


def _readable(paths: tuple[Path, ...]) -> list[FontFile]:
    return [file for path in paths for file in _faces(path)]


@cache
def _faces(path: Path) -> tuple[FontFile, ...]:
    try:
        return tuple(of_path(path))
    except InputError:
        return ()
