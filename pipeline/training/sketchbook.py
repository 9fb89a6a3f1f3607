"""A training as a job: its state is kept with its previews, it pauses, and goes on wherever another worker left it.

What is trained is the same to it: style.py's, gan/training.py's or vae/training.py's.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from pipeline.errors import IntegrityError, Interrupted, LeaseLost, TransientError
from pipeline.painter import Work
from pipeline.training.loop import Progress
from pipeline.training.schedule import Course

log = logging.getLogger(__name__)

_PULSE_S = 0.5


class Steps(Protocol):
    """A training's iterations, as loop.Training's."""

    iteration: int
    begun_at: int

    def steps(self) -> Iterator[Progress]:
        """Train to the end."""
        ...

    def state(self) -> dict[str, Any]:
        """What `resume` needs."""
        ...

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        ...


class Shown(Protocol):
    """A training of which there are previews."""

    @property
    def steps(self) -> Steps:
        """Its iterations."""
        ...

    @property
    def schedule(self) -> Course:
        """How long it takes."""
        ...

    def preview(self) -> np.ndarray:
        """What there is now: (H, W, 3) uint8 sRGB, the same size every time."""
        ...


class Sketchbook:
    """A training's state, kept with its previews, so that whoever goes on has all of them."""

    def __init__(self, training: Shown, work: Work) -> None:
        self._training, self._work = training, work
        self._schedule = training.schedule
        self._saved = 0
        self._pulsed = 0.0

    def previews(self) -> Iterator[np.ndarray]:
        """Train to the end; a preview for every `preview_every` iterations, those of earlier attempts first.

        Raises: Interrupted, once the state is saved; and what the training raises.
        """
        yield from self._resumed()
        with self._saved_when_interrupted():
            for progress in self._training.steps.steps():
                preview = self._added() if self._schedule.is_shown(progress.iteration) else None
                # Whoever gets the preview may stop us there, and then nothing more is saved.
                if preview is not None or self._schedule.is_saved(progress.iteration):
                    self._save()
                if preview is not None:
                    yield preview
                self._tell(progress)

    def _resumed(self) -> Iterator[np.ndarray]:
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

    def _added(self) -> np.ndarray:
        """The preview of this moment, as (H, W, 3) uint8."""
        with self._work.watch.time("preview_s"):
            page = self._training.preview()
            file = io.BytesIO()
            Image.fromarray(page).save(file, "PNG", compress_level=3)
            self._work.save_state(file.getvalue(), _part(self._schedule.shown(self._training.steps.iteration) - 1))
        return page

    def _save(self) -> None:
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

    def _tell(self, progress: Progress) -> None:
        """Say how it stands. Raises: Interrupted if the work must stop."""
        if time.monotonic() - self._pulsed >= _PULSE_S:
            self._pulsed = time.monotonic()
            self._work.pulse(note(progress, self._training.steps.begun_at))

    @contextmanager
    def _saved_when_interrupted(self) -> Iterator[None]:
        """Whoever pauses a training or shuts its worker down loses nothing of it."""
        try:
            yield
        except LeaseLost:
            # Another worker has gone on; its state is the newer one.
            raise
        except Interrupted:
            self._save()
            raise


def note(progress: Progress, begun_at: int) -> str:
    """`iteration 400/1,600  content 0.41  style 0.22  2.3 a second, 8:41 left`; the run began after `begun_at`."""
    losses = "  ".join(f"{name} {loss:.3g}" for name, loss in progress.losses.items())
    speed = (progress.iteration - begun_at) / max(progress.seconds, 1e-3)
    minutes, seconds = divmod(round((progress.iterations - progress.iteration) / max(speed, 1e-3)), 60)
    left = f"{minutes}:{seconds:02d} left" if minutes < 60 else f"{minutes / 60:.1f} h left"
    return f"iteration {progress.iteration:,}/{progress.iterations:,}  {losses}  {speed:.2g} a second, {left}"


def _part(number: int) -> str:
    return f"preview-{number:06d}.png"
