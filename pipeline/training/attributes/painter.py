"""Learning attributes as a job: one frame, a sheet of the mean design along each; the products are directions and card.

It takes seconds once the pictures are seen, so there is nothing to pause and nothing to go on with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.becoming import now_and_then
from pipeline.device import threads
from pipeline.errors import MediaError
from pipeline.interiors.attributes import ARCHITECTURE
from pipeline.models.vae.network import Vae
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.training.attributes.brief import MOST, AttributesBrief, check_columns, check_usable
from pipeline.training.attributes.card import model_card, untold
from pipeline.training.attributes.fitting import fit
from pipeline.training.attributes.pictures import Found, found
from pipeline.training.fetching import check_unchanged, folder_here
from pipeline.training.material import base_name, skipped_in_words
from pipeline.training.vae import labels, sheet
from pipeline.weights import packed

_MODEL, _LABELS = 0, 0
"""Places among the plan's models, and among its files."""


class AttributesPainter:
    """Learns the attributes of one file of labels."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: an AttributesBrief as JSON."""
        self._brief = AttributesBrief.from_json(inputs)
        self._easel = easel

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The sheet, (H, W, 3) uint8 sRGB, once directions and card are delivered.

        Raises: MediaError if pictures or labels cannot be used; ModelError; TransientError; Interrupted.
        """
        brief = self._brief
        vae: Vae = work.model(_MODEL)
        sha256 = work.model_digests[_MODEL].rpartition(" ")[2]
        told = labels.read(work.file(_LABELS), brief.labels)
        with scratch_folder("train") as scratch, threads(self._easel.lanes), work.watch.time("model_s"):
            pictures = self._pictures(work, vae, sha256, Path(scratch) / "pictures")
            check_usable(len(pictures.names), brief.images, pictures.skipped)
            check_columns(told, pictures.names)
            work.pulse(f"learning {len(told.attributes):,} attributes of {len(pictures.names):,} pictures")
            known = torch.tensor(told.of(pictures.names), dtype=torch.float64)
            fitted = fit(vae.normal(pictures.z.to(vae.centre.device)).cpu(), known)
            directions = _placed(fitted.directions, vae)
        if not torch.isfinite(directions).all():
            raise MediaError(f"{brief.labels}: no direction is found in its numbers; are they of a sensible size?")
        for said in (skipped_in_words(pictures.skipped) if pictures.skipped else "", untold(told.attributes, fitted)):
            if said:
                work.note(said)
        work.deliver(f"{brief.name}.safetensors", self._file(directions, told.attributes, sha256))
        work.deliver(f"{brief.name}.md", model_card(brief, told.attributes, fitted, pictures, sha256).encode())
        axes = list(zip(told.attributes, directions.to(vae.centre.device), strict=True))
        reach = "from -2.5 to +2.5 standard deviations"
        yield sheet.draw_axes(vae, axes, title=brief.name, note=f"the mean design of {brief.model}, {reach}")

    def _pictures(self, work: Work, vae: Vae, sha256: str, scratch: Path) -> Found:
        """The labelled pictures that were planned with, on this machine."""
        brief = self._brief
        folder = folder_here(
            brief.images, scratch, work, self._easel.options, most=MOST, wanted=frozenset(brief.pictures)
        )
        paths = [path for path in (folder / name for name in brief.pictures) if path.is_file()]
        check_unchanged(paths, brief.images, brief.images_mark)
        report = now_and_then(lambda seen: f"looking at the pictures: {seen:,} of {len(paths):,}", work)
        return found(paths, vae, sha256=sha256, report=report)

    def _file(self, directions: Tensor, names: Sequence[str], sha256: str) -> bytes:
        """As pipeline/interiors/attributes.py reads it."""
        brief = self._brief
        about = {"name": brief.name, "licence": brief.licence, "credit": brief.credit or base_name(brief.images)}
        known = {"architecture": ARCHITECTURE, "attributes": json.dumps(list(names)), "modelSha256": sha256}
        return packed({"directions": directions}, known | about)


def _placed(directions: Tensor, vae: Vae) -> Tensor:
    """Moves of normal numbers as moves of latents, `(K, latent)` float32 on the CPU."""
    return (directions.double() @ vae.spread.double().cpu().T).float().contiguous()
