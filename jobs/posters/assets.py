"""Pictures and films that posters show besides their background: found, and checked once each."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from jobs.config import Settings
from jobs.kinds.backgrounds import Planned
from jobs.kinds.base import absolute
from jobs.kinds.parts import Parts
from jobs.pictures import picture_file
from pipeline.errors import InputError
from pipeline.film.access import is_remote
from pipeline.poster.brief import Variant
from pipeline.poster.layers.base import Layer
from pipeline.poster.layers.marks import LogoLayer
from pipeline.poster.layers.pictures import FilmLayer, PictureLayer
from pipeline.poster.template import Template
from pipeline.poster.variables import fill


class Assets:
    """The files of one job."""

    def __init__(
        self, template: Path, table: str, parts: Parts, settings: Settings, film: Callable[[str], Planned]
    ) -> None:
        """Folders: the template's, for paths that stand in it, and the table's, for paths that stand there.

        `film`: plans what a layer shows of a film. Raises: InputError if it cannot be shown.
        """
        self._parts = parts
        self._folders = (template, Path(table) if table and not is_remote(table) else None)
        self._settings = settings
        self._problems: dict[str, str] = {}
        self.pictures: dict[str, int] = {}
        """Place among the files, by the path as it is written."""
        self._film = film
        self.films: dict[str, Planned] = {}
        """What is planned of them, by the path as it is written."""

    def checked(self, variant: Variant, template: Template) -> Variant:
        """The variant, with what is wrong with its pictures."""
        if variant.problem:
            return variant
        for layer in template.of(variant.canvas.format):
            path = _path(layer, variant)
            if path and (problem := self._add(path, is_film=isinstance(layer, FilmLayer))):
                return variant.model_copy(update={"problem": f"{variant.where}: {problem}"})
        return variant

    def _add(self, path: str, *, is_film: bool) -> str:
        """Note a picture or film; what is wrong with it, if anything is."""
        if path in (self.films if is_film else self.pictures) or path in self._problems:
            return self._problems.get(path, "")
        try:
            if is_film:
                self.films[path] = self._film(self._place(path))
                return ""
            file = picture_file(self._place(path), self._settings.store_options(), self._settings.limits())
        except InputError as error:
            self._problems[path] = str(error)
            return str(error)
        self.pictures[path] = self._parts.file(file)
        return ""

    def _place(self, path: str) -> str:
        if is_remote(path):
            return path
        places, refused = [], None
        for folder in filter(None, self._folders):
            try:
                places.append(absolute(path, folder))
            except InputError as error:
                # A template that ships lies in no folder that job files from afar may name; their table does.
                refused = error
        if refused is not None and not places:
            raise refused
        return next((place for place in places if os.path.exists(place)), places[-1])


def _path(layer: Layer, variant: Variant) -> str:
    """The picture or film that a layer shows on a poster; empty if it shows none."""
    match layer:
        case LogoLayer():
            text = layer.logo
        case PictureLayer():
            text = layer.picture
        case FilmLayer():
            text = layer.film
        case _:
            return ""
    return fill(text, variant.values) if layer.is_there(variant.values) else ""
