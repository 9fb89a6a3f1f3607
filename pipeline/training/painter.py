"""Training a style as a job: one chunk, whose frames are the previews and whose products are weights and card.

What is trained is style.py's. Here it is fetched, pauses, and goes on wherever another worker left it.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipeline.device import threads
from pipeline.errors import IntegrityError, Interrupted, LeaseLost, MediaError, TransientError
from pipeline.film.access import is_remote, listing, read_bytes
from pipeline.images import read_picture
from pipeline.models.features import Features, features_of
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.storage import StoreOptions
from pipeline.stream import spread
from pipeline.training.brief import NONE, TORCHVISION, StyleBrief
from pipeline.training.loop import Progress
from pipeline.training.material import check_photos, chosen, mark
from pipeline.training.photos import Photos
from pipeline.training.style import StyleTraining, network_like

log = logging.getLogger(__name__)

PAINTING, FEATURES = 0, 1
"""Places in the plan's `files`; the features' is there unless they are torchvision's."""

_PULSE_S = 0.5
_FETCHING = 8
"""Photographs fetched side by side."""


class StylePainter:
    """Trains one style; its frames are previews, (H, W, 3) uint8."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a StyleBrief as JSON."""
        brief = StyleBrief.from_json(inputs)
        mixed = brief.schedule.mixed_precision and easel.precision != torch.float32
        self._brief = replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed))
        self._easel = easel

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """A preview for every `preview_every` iterations; at the end the weights and the card are delivered.

        Raises: MediaError if the painting or the photographs cannot be used; ModelError; ConfigError if the training
        breaks down; TransientError; Interrupted, once the state is saved.
        """
        with scratch_folder("train") as scratch, threads(self._easel.lanes):
            training = self._training(work, Path(scratch))
            sketchbook = _Sketchbook(training, work)
            yield from sketchbook.resume()
            with _saved(sketchbook):
                yield from self._previews(training, sketchbook)
            name = self._brief.name
            work.deliver(f"{name}.safetensors", training.weights())
            work.deliver(f"{name}.md", training.card().encode())

    def _previews(self, training: StyleTraining, sketchbook: _Sketchbook) -> Iterator[np.ndarray]:
        schedule = self._brief.schedule
        for progress in training.steps.steps():
            preview = sketchbook.add() if schedule.is_shown(progress.iteration) else None
            # Whoever gets the preview may stop us there, and then nothing more is saved.
            if preview is not None or schedule.is_saved(progress.iteration):
                sketchbook.save()
            if preview is not None:
                yield preview
            sketchbook.tell(progress)

    def _training(self, work: Work, scratch: Path) -> StyleTraining:
        brief = self._brief
        work.pulse("fetching the photographs")
        with work.watch.time("fetch_s"):
            photos = self._photos(work, scratch / "photos")
        work.pulse("looking at the painting")
        return StyleTraining(
            brief,
            painting=Image.fromarray(read_picture(work.file(PAINTING), where=brief.painting)),
            photos=photos,
            features=self._features(work),
            network=None if brief.warm_start == NONE else network_like(work.model(0)),
            device=self._easel.device,
        )

    def _features(self, work: Work) -> Features:
        said = self._brief.features
        return features_of(said, None if said == TORCHVISION else work.file(FEATURES))

    def _photos(self, work: Work, scratch: Path) -> Photos:
        """The photographs that were planned with, on this machine."""
        url = self._brief.photos
        folder = _fetched(url, scratch, work, self._easel.options) if is_remote(url) else Path(url)
        if not folder.is_dir():
            raise MediaError(f"{url}: no such folder on this worker; share it with the workers, or use s3://")
        photos = Photos(folder)
        if mark((path.name, path.stat().st_size) for path in photos.paths) != self._brief.photos_mark:
            raise MediaError(f"{url}: the photographs have changed since the job was planned; submit it again")
        check_photos(photos.paths, url)
        return photos


class _Sketchbook:
    """A training's state, kept with its previews, so that whoever goes on has all of them."""

    def __init__(self, training: StyleTraining, work: Work) -> None:
        self._training, self._work = training, work
        self._schedule = training.brief.schedule
        self._saved = 0
        self._pulsed = 0.0

    def resume(self) -> Iterator[np.ndarray]:
        """Go on from the state that an earlier attempt saved, if it did: its previews."""
        state = self._work.load_state()
        if state is None:
            return
        try:
            kept = torch.load(io.BytesIO(state), map_location="cpu", weights_only=True)
            previews = [self._kept(number) for number in range(self._schedule.shown(int(kept["iteration"])))]
            self._training.steps.resume(kept)
        except TransientError:
            raise
        except Exception as error:  # whatever torch and Pillow raise for bytes that are none of theirs
            log.warning("the state that an earlier attempt left cannot be used (%s); beginning anew", error)
            return
        self._saved = self._training.steps.iteration
        log.info("going on at iteration %d", self._saved)
        yield from previews

    def add(self) -> np.ndarray:
        """The preview of this moment, as (H, W, 3) uint8."""
        with self._work.watch.time("preview_s"):
            page = self._training.preview()
            file = io.BytesIO()
            Image.fromarray(page).save(file, "PNG", compress_level=3)
            self._work.save_state(file.getvalue(), _part(self._schedule.shown(self._training.steps.iteration) - 1))
        return page

    def save(self) -> None:
        """Keep the state."""
        if self._saved == self._training.steps.iteration:
            return
        with self._work.watch.time("save_s"):
            file = io.BytesIO()
            torch.save(self._training.steps.state(), file)
            self._work.save_state(file.getvalue())
        self._saved = self._training.steps.iteration

    def _kept(self, number: int) -> np.ndarray:
        data = self._work.load_state(_part(number))
        if data is None:
            raise IntegrityError(f"preview {number + 1} was not kept")
        with Image.open(io.BytesIO(data)) as page:
            return np.asarray(page.convert("RGB"))

    def tell(self, progress: Progress) -> None:
        """Say how it stands. Raises: Interrupted if the work must stop."""
        if time.monotonic() - self._pulsed >= _PULSE_S:
            self._pulsed = time.monotonic()
            self._work.pulse(note(progress, self._training.steps.begun_at))


def note(progress: Progress, begun_at: int) -> str:
    """`iteration 400/1,600  content 0.41  style 0.22  2.3 a second, 8:41 left`; the run began after `begun_at`."""
    losses = "  ".join(f"{name} {loss:.3g}" for name, loss in progress.losses.items())
    speed = (progress.iteration - begun_at) / max(progress.seconds, 1e-3)
    minutes, seconds = divmod(round((progress.iterations - progress.iteration) / max(speed, 1e-3)), 60)
    left = f"{minutes}:{seconds:02d} left" if minutes < 60 else f"{minutes / 60:.1f} h left"
    return f"iteration {progress.iteration:,}/{progress.iterations:,}  {losses}  {speed:.2g} a second, {left}"


@contextmanager
def _saved(sketchbook: _Sketchbook) -> Iterator[None]:
    """Whoever pauses a training or shuts its worker down loses nothing of it."""
    try:
        yield
    except LeaseLost:
        # Another worker has gone on; its state is the newer one.
        raise
    except Interrupted:
        sketchbook.save()
        raise


def _fetched(url: str, folder: Path, work: Work, options: StoreOptions) -> Path:
    """The photographs of a store's prefix, copied into the folder."""
    folder.mkdir()
    names = chosen(file.name for file in listing(url, options))

    def fetch(name: str) -> None:
        (folder / name).write_bytes(read_bytes(f"{url.rstrip('/')}/{name}", options))

    for count, _ in enumerate(spread(fetch, names, threads=_FETCHING, name="photos"), 1):
        if count % _FETCHING == 0:
            work.pulse(f"fetching the photographs: {count:,} of {len(names):,}")
    return folder


def _part(number: int) -> str:
    return f"preview-{number:06d}.png"
