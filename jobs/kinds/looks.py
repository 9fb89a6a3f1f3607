"""The styles of a film job as its plan holds them: networks, paintings, looks, and which frames have which look."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import PurePath
from typing import TypeVar

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.kinds.styles import AnyPainting
from jobs.pictures import picture_file
from jobs.records import FileRef, ModelRef
from jobs.registry import registered
from pipeline.catalog import Model, find, find_half, find_painter
from pipeline.errors import InputError
from pipeline.film.brief import Look, Span

T = TypeVar("T")


class Looks:
    """Collects the looks of a job: what is named twice is there once."""

    def __init__(self, settings: Settings) -> None:
        self._options = settings.store_options()
        self._limits = settings.limits()
        self._registered = registered()
        self.looks: list[Look] = []
        self.models: list[ModelRef] = []
        self.files: list[FileRef] = []

    def place(self, style: str | AnyPainting, *keys: str | int) -> int:
        """Place of a style's look. `keys`, from the outermost, are where the job file names it.

        Raises: FieldProblem if a network or painting cannot be used; StorageUnavailable.
        """
        try:
            look = self._of_paintings(style, keys) if isinstance(style, AnyPainting) else self._learnt(style)
        except FieldProblem:
            raise
        except InputError as error:
            raise FieldProblem(keys, str(error)) from error
        return _place(self.looks, look)

    def __str__(self) -> str:
        """As people call them: `great-wave, the-scream`."""
        return ", ".join(dict.fromkeys(look.name for look in self.looks))

    def _learnt(self, style: str) -> Look:
        model = find(style, self._registered)
        return Look(name=PurePath(style).name, models=(self._model(model),))

    def _of_paintings(self, style: AnyPainting, keys: tuple[str | int, ...]) -> Look:
        if style.encoder and style.decoder:
            networks = [find_half(style.encoder, "encoder"), find_half(style.decoder, "decoder")]
        else:
            networks = [find_painter()]
        within = (*keys, "painting" if style.paintings is None else "paintings")
        return Look(
            name=str(style),
            models=tuple(self._model(network) for network in networks),
            paintings=tuple((self._painting(url, within), weight) for url, weight in style.weights.items()),
            alpha=style.alpha,
        )

    def _model(self, found: Model) -> int:
        for place, ref in enumerate(self.models):
            if (ref.entry, ref.sha256) == (found.entry, found.sha256):
                return place
        ref = ModelRef(name=found.name, entry=found.entry, weights=found.weights, sha256=found.sha256)
        return _place(self.models, ref)

    def _painting(self, url: str, keys: tuple[str | int, ...]) -> int:
        for place, file in enumerate(self.files):
            if file.key == url:
                return place
        try:
            return _place(self.files, picture_file(url, self._options, self._limits))
        except InputError as error:
            raise FieldProblem((*keys, url), str(error)) from error


def spans_of(
    frames: int,
    look: int,
    *,
    shots: Iterable[tuple[int, int, int]] = (),
    fades: Iterable[tuple[int, int, int]] = (),
) -> tuple[Span, ...]:
    """Which of the frames [0, frames) have which look: `look`, unless a shot or a fade says otherwise.

    `shots`: (start, stop, its look) each. `fades`: (start, stop, the look that holds after it) each, in order. No two
    of them overlap.
    """
    spans: list[Span] = []
    waiting = deque(sorted(shots))
    at, now = 0, look
    for start, stop, after in (*fades, (frames, frames, look)):
        while waiting and waiting[0][0] < start:
            begin, end, own = waiting.popleft()
            _add(spans, Span(start=at, stop=begin, look=now))
            _add(spans, Span(start=begin, stop=end, look=own))
            at = end
        _add(spans, Span(start=at, stop=start, look=now))
        _add(spans, Span(start=start, stop=stop, look=now, fades_to=after))
        at, now = stop, after
    return tuple(spans)


def _add(spans: list[Span], span: Span) -> None:
    """Add a span, unless it is empty; to the one before it if they are of one look."""
    if span.start >= span.stop:
        return
    before = spans[-1] if spans else None
    if before and before.fades_to is None and span.fades_to is None and before.look == span.look:
        spans[-1] = before.model_copy(update={"stop": span.stop})
    else:
        spans.append(span)


def _place(row: list[T], item: T) -> int:
    if item not in row:
        row.append(item)
    return row.index(item)
