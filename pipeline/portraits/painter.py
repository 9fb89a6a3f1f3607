"""Painting portraits: seeds become latents, latents styles, styles pictures.

    seed ─► z ─► w ─► truncated, mixed, edited ─► picture ─► pixels

Each seed has random numbers of its own, so that its picture does not depend on what else is in its batch. On a CPU each
is made alone, several side by side; on a GPU in batches of one size, the last one padded.

Source: the official tools' numbers: NumPy's RandomState of the seed for z; Karras et al., arXiv:2106.12423, section 3
(moving and turning).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import ModelError
from pipeline.memory import in_batches
from pipeline.models.stylegan.generator import Generator, to_pixels
from pipeline.painter import Easel, Work
from pipeline.portraits.brief import PortraitBrief
from pipeline.portraits.known import Known
from pipeline.portraits.styles import Styles
from pipeline.provenance import latent_facts
from pipeline.stream import spread

_DEEP_HALF = 32_767.5
"""Half of the codes between black and white in 16 bits."""


@dataclass(frozen=True)
class _Made:
    """One picture."""

    frame: int
    ws: np.ndarray
    """`(num_ws, w_dim)` float32."""
    pixels: np.ndarray
    key: str
    """In the frame cache; empty where none is wanted."""
    is_found: bool
    """There, and not painted."""


class PortraitPainter:
    """Paints the portraits of one job."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a PortraitBrief."""
        self._brief = PortraitBrief.model_validate(inputs)
        self._easel, self._deep = easel, deep
        self._known: Styles | None = None
        self.batch = easel.batch
        """Pictures a batch; halves when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's pictures: (H, W, 3) uint8, or uint16 in deep jobs, sRGB. Each is described with its latent.

        Raises: ModelError if the network cannot be used; TransientError; Interrupted; torch.OutOfMemoryError if not
        even one picture fits.
        """
        styles, known = self._styles(work), Known(self._brief, self._easel, work, deep=self._deep)
        digest = work.model_digests[0].rpartition(" ")[2] if work.model_digests else ""

        def paint(frames: range) -> list[_Made]:
            with work.watch.time("model_s"):
                return in_batches(self, frames, lambda batch: self._batch(styles, known, batch))

        frames = range(work.start, work.stop)
        runs = [frames[at : at + self.batch] for at in range(0, len(frames), self.batch)]
        for many in spread(paint, runs, threads=self._easel.lanes, name="paint"):
            for made in many:
                # After memory ran out, a GPU's kernels are other ones than the keys say.
                if made.key and self.batch == self._easel.batch:
                    work.remember(made.frame, made.key, made.is_found)
                facts = self._brief.facts(made.frame) | {"modelSha256": digest} | latent_facts(_shortest(made.ws))
                work.describe(made.frame, facts)
                yield made.pixels

    def _styles(self, work: Work) -> Styles:
        """What is known of the job's styles, as long as the process keeps the network."""
        network: Generator = work.model(0)
        if self._known is None or self._known.network is not network:
            self._known = Styles(self._brief, network, work.file)
        return self._known

    def _batch(self, styles: Styles, known: Known, frames: Sequence[int]) -> list[_Made]:
        # A convolution of several pictures rounds otherwise than one of each.
        size = 1 if self._easel.device.type == "cpu" else self.batch
        parts = (list(frames[at : at + size]) for at in range(0, len(frames), size))
        return [made for part in parts for made in self._painted(styles, known, part, size)]

    @torch.inference_mode()
    def _painted(self, styles: Styles, known: Known, frames: list[int], size: int) -> list[_Made]:
        """The frames' pictures, made in one batch of that size but for those that are known."""
        ws = styles.of(_filled(frames, size))
        latents = ws.cpu().numpy()
        seeds = map(styles.noise_seed, frames)
        keys = [known.key(own, seed) for own, seed in zip(latents, seeds, strict=False)]
        found = {place: pixels for place, key in enumerate(keys) if (pixels := known.get(key)) is not None}
        pictures = dict(found)
        if new := [place for place in range(len(frames)) if place not in found]:
            rows = _filled(new, size)
            noise = styles.noise([frames[row] for row in rows])
            made = styles.network.picture(ws[rows], noise=noise, transform=self._transform())
            pictures |= dict(zip(rows, self._pixels(made), strict=True))
        return [
            _Made(frame, latents[place], pictures[place], keys[place], is_found=place in found)
            for place, frame in enumerate(frames)
        ]

    def _transform(self) -> Tensor | None:
        """From places in the picture to places in the network's waves: the way back of what was asked for."""
        brief = self._brief
        if brief.translate is None and brief.rotate is None:
            return None
        x, y = brief.translate or (0.0, 0.0)
        angle = math.radians(brief.rotate or 0.0)
        cosine, sine = math.cos(angle), math.sin(angle)
        there = np.array([[cosine, sine, x], [-sine, cosine, y], [0.0, 0.0, 1.0]])
        return torch.from_numpy(np.linalg.inv(there))

    def _pixels(self, pictures: Tensor) -> np.ndarray:
        if not torch.isfinite(pictures).all():
            raise ModelError(f"{self._brief.model}: gives values that are not finite; its weights are damaged")
        if pictures.shape[1] == 1:
            pictures = pictures.expand(-1, 3, -1, -1)
        if not self._deep:
            return to_pixels(pictures).cpu().numpy()
        codes = (pictures.permute(0, 2, 3, 1).double() * _DEEP_HALF + _DEEP_HALF + 0.5).clamp(0, 65_535)
        return codes.to(torch.int32).cpu().numpy().astype(np.uint16)


def _filled(places: list[int], size: int) -> list[int]:
    """As many as a batch has: the last one fills the rest."""
    return places + [places[-1]] * (size - len(places))


def _shortest(ws: np.ndarray) -> np.ndarray:
    """One style `(w_dim,)` if all layers have the same, else `(num_ws, w_dim)`."""
    return ws[0] if (ws == ws[:1]).all() else ws
