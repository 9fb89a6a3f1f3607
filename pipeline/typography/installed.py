"""Fonts that a machine has besides ours: those of fontconfig, and packages of fonts that were installed.

They are asked for by name, or when no other font has a letter. What they give is found where a job is planned, and
goes with the plan: no worker looks for fonts.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import InputError
from pipeline.typography.files import SUFFIXES, FontFile, of_path

_PACKAGES = "fontpkg.family"
"""The entry points under which packages of fonts make themselves known."""

_PATIENCE_S = 20


def family(name: str) -> list[FontFile]:
    """The files of a family that this machine has, of packages or else of fontconfig; none if it has none."""
    return [
        file
        for paths in (_of_packages(), _of_fontconfig())
        for file in _readable(paths)
        if file.face.family.casefold() == name.casefold()
    ]


def everything() -> list[FontFile]:
    """All fonts of fontconfig, by family and file. Those that cannot be read are passed over: nobody asked for them."""
    return _readable(_of_fontconfig())


@cache
def _of_fontconfig() -> tuple[Path, ...]:
    """The files that fontconfig knows. Without fontconfig there are none."""
    command = shutil.which("fc-list")
    if command is None:
        return ()
    try:
        told = subprocess.run(
            [command, "--format", "%{file}\n"], capture_output=True, timeout=_PATIENCE_S, check=True, text=True
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
