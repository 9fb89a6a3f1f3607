"""Painting interiors: each frame's latent becomes a picture, the picture is enlarged, and what is kept is laid over it.

    seed, picture, parents ─► z ─► edited, kept in part ─► picture ─► enlarged ─► kept part ─► pixels

Each frame is made alone, on a CPU several side by side, so that its bits depend on nothing that is beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.becoming import now_and_then
from pipeline.errors import ModelError
from pipeline.interiors.brief import InteriorsBrief
from pipeline.interiors.enlarge import enlarged
from pipeline.interiors.known import Known
from pipeline.interiors.latents import Designs, Pulse
from pipeline.models.vae.network import Vae
from pipeline.painter import Easel, Work
from pipeline.provenance import latent_facts
from pipeline.stream import spread
from pipeline.tensors import to_pixels

_DESIGNER, _UPSCALER = 0, 1
"""Places among the plan's models."""


@dataclass(frozen=True)
class _Made:
    """One picture."""

    frame: int
    z: np.ndarray
    """`(latent,)` float32."""
    bred: str | None
    pixels: np.ndarray
    key: str
    """In the frame cache; empty where none is wanted."""
    is_found: bool
    """There, and not painted."""


class InteriorsPainter:
    """Paints the designs of one job."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: an InteriorsBrief. `deep` says nothing here: what enlarges pictures works in 8 bits."""
        self._brief = InteriorsBrief.model_validate(inputs)
        self._easel = easel
        self._known: Designs | None = None

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's pictures: (S, S, 3) uint8, sRGB. Each is described with its latent.

        Raises: ModelError or MediaError if a network or a file cannot be used; TransientError; Interrupted.
        """
        designs, known = self._designs(work), Known(self._brief, self._easel, work)
        upscaler = work.model(_UPSCALER, self._easel.precision) if self._brief.upscaler else None
        pulse: Pulse = now_and_then(str, work)

        def paint(frame: int) -> _Made:
            with work.watch.time("model_s"):
                return self._made(frame, designs, known, upscaler, pulse)

        for made in spread(paint, range(work.start, work.stop), threads=self._easel.lanes, name="paint"):
            if made.key:
                work.remember(made.frame, made.key, made.is_found)
            work.describe(made.frame, self._facts(made, work))
            yield made.pixels

    def _designs(self, work: Work) -> Designs:
        """What is known of the job's latents, as long as the process keeps the network."""
        vae: Vae = work.model(_DESIGNER)
        if self._known is None or self._known.vae is not vae:
            self._known = Designs(self._brief, vae, work.file, sha256=_digest(work, _DESIGNER))
        return self._known

    def _made(self, frame: int, designs: Designs, known: Known, upscaler: Any, pulse: Pulse) -> _Made:
        z, size = designs.of(frame, pulse), self._brief.size_of(frame)
        latent = z[0].cpu().numpy()
        key = known.key(latent, size)
        found = known.get(key, size)
        pixels = self._pixels(z, size, designs, upscaler) if found is None else found
        return _Made(frame, latent, designs.bred(frame, pulse), pixels, key, is_found=found is not None)

    def _pixels(self, z: Tensor, size: int, designs: Designs, upscaler: Any) -> np.ndarray:
        with torch.inference_mode():
            picture = designs.vae.decode(z)
        if not torch.isfinite(picture).all():
            raise ModelError(f"{self._brief.model}: gives values that are not finite; its weights are damaged")
        pixels = enlarged(to_pixels(picture)[0], size, upscaler, self._brief.upscaler)
        kept = designs.kept()
        return pixels if kept is None else kept.laid_over(pixels)

    def _facts(self, made: _Made, work: Work) -> dict[str, str]:
        facts = self._brief.facts(made.frame) | {"modelSha256": _digest(work, _DESIGNER)}
        if made.bred is not None:
            facts["bred"] = made.bred
        if "upscaler" in facts:
            facts["upscalerSha256"] = _digest(work, _UPSCALER)
        return facts | latent_facts(made.z)


def _digest(work: Work, model: int) -> str:
    return work.model_digests[model].rpartition(" ")[2]
