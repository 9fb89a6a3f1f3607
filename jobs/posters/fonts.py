"""Fonts of a job's posters: found where the job is planned, and brought along, so that no worker looks for any."""

from __future__ import annotations

from pathlib import Path

from jobs.kinds.parts import Parts
from jobs.records import FileRef
from pipeline.errors import InputError
from pipeline.poster.brief import FontRef, Variant
from pipeline.poster.layers.words import Lettered, families_of
from pipeline.poster.template import Template
from pipeline.poster.variables import fill
from pipeline.typography.files import FontFile
from pipeline.typography.installed import complete, gather


class Fonts:
    """The fonts of one job."""

    def __init__(self, template: Template, folder: Path | None) -> None:
        """`folder`: of the user's own fonts. Raises: InputError if a font is broken, or a family is nowhere."""
        texts = (layer for layer in template.layers if isinstance(layer, Lettered))
        families = {name for layer in texts for name in families_of(layer.font, template.fonts)}
        self._template = template
        self._fonts = gather(sorted(families), folder)
        self._known: set[tuple[str, ...]] = set()

    def checked(self, variant: Variant) -> Variant:
        """The variant; if a letter of its words is in no font, with that as its problem."""
        if variant.problem:
            return variant
        try:
            for layer in self._template.of(variant.canvas.format):
                if isinstance(layer, Lettered):
                    self._check(layer, variant)
        except InputError as error:
            return variant.model_copy(update={"problem": f"{variant.where}: {error}"})
        return variant

    def refs(self, parts: Parts) -> tuple[FontRef, ...]:
        """All that the job must bring along."""
        rows = ((file, False) for file in self._fonts.own), ((file, True) for file in self._fonts.last)
        return tuple(_ref(file, parts, is_last=is_last) for row in rows for file, is_last in row)

    def _check(self, layer: Lettered, variant: Variant) -> None:
        text = fill(layer.text, variant.values).strip()
        name = (text, layer.font, str(layer.weight), layer.case, variant.locale)
        if not text or name in self._known:
            return
        style = layer.style(variant.canvas.unit, self._template.fonts, variant.locale)
        self._fonts = complete(self._fonts, text, style)
        self._known.add(name)


def _ref(file: FontFile, parts: Parts, *, is_last: bool) -> FontRef:
    place = parts.file(FileRef(name=file.name, key=str(file.path), sha256=file.sha256))
    return FontRef(name=file.name, file=place, index=file.index, last=is_last)
