"""Templates of posters: the ones that ship, by name, and people's own, by path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.spec import checked, locate, text_of
from pipeline.catalog import ASSETS
from pipeline.errors import InputError
from pipeline.poster.template import Template

_SHIPPED = ASSETS / "posters"

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Found:
    """A template, and where it lies."""

    name: str
    """As people call it."""
    folder: Path
    """What its paths are relative to."""
    template: Template


def shipped() -> tuple[str, ...]:
    """The names of the templates that ship."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def described(found: Found) -> dict[str, Any]:
    """A template, for scripts."""
    template = found.template
    return {
        "name": found.name,
        "title": template.title,
        "about": template.about,
        "duration_s": template.duration,
        "loop": template.loop,
        "palettes": template.palettes,
        "palette": template.palette,
        "variables": {name: told.model_dump() for name, told in template.variables.items()},
    }


def is_path(name: str) -> bool:
    """Whether a template is named by its path."""
    return name.endswith(_SUFFIXES)


def find(name: str) -> Found:
    """A template by its name, or by its absolute path.

    Raises: InputError if there is none, with the names of those that there are; JobSpecProblems, with lines, if it is
    wrong.
    """
    if not is_path(name) and name not in shipped():
        raise InputError(f"{name!r} is no template; there are {', '.join(shipped())}, or the path of your own, my.yaml")
    path = Path(name) if is_path(name) else _SHIPPED / f"{name}.yaml"
    text = text_of(path, "template")
    located = locate(text, str(path), path.parent, what="template", begins="title: Sale")
    return Found(path.stem, path.parent.absolute(), checked(Template, located))
