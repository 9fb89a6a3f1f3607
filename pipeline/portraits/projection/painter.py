"""Projecting a photograph as a job: one chunk, whose last frame is what was found; its product are the latents.

How it is found is project.py's, how it goes on wherever another worker left it becoming.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from pipeline.becoming import film, now_and_then, resumed
from pipeline.device import threads
from pipeline.images import read_picture
from pipeline.models.features import features_of
from pipeline.models.stylegan.generator import Generator
from pipeline.painter import Easel, Work
from pipeline.portraits.latents import packed
from pipeline.portraits.projection.brief import FEATURES, PHOTOGRAPH, ProjectionBrief
from pipeline.portraits.projection.project import Progress, Snapshot, project
from pipeline.provenance import latent_facts
from pipeline.tensors import to_tensor
from pipeline.training.brief import TORCHVISION


class ProjectionPainter:
    """Projects one photograph; its frames are the generator's pictures coming to it, the last is the nearest."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a ProjectionBrief as JSON."""
        self._brief = ProjectionBrief.from_json(inputs)
        self._easel, self._deep = easel, deep

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The frames: (H, W, 3) uint8, or uint16 in deep jobs, sRGB. The last is described, and its latents delivered.

        Raises: MediaError if the photograph cannot be used; ModelError if the generator or the features cannot;
        ConfigError if the losses break down; TransientError; Interrupted.
        """
        with threads(self._easel.lanes):
            digest = work.model_digests[0].rpartition(" ")[2]
            snapshots = self._told(resumed(self._begin(work, digest), work), work, digest)
            yield from film(snapshots, work, frames=self._brief.frames, deep=self._deep)

    def _begin(self, work: Work, digest: str) -> Callable[..., Iterator[Snapshot]]:
        brief = self._brief
        generator: Generator = work.model(0)
        features = None if brief.features == TORCHVISION else work.file(FEATURES)
        return partial(
            project,
            to_tensor(read_picture(work.file(PHOTOGRAPH), where=brief.photograph)[None]),
            brief.recipe,
            generator=generator,
            features=features_of(brief.features, features).to(self._easel.device),
            known_as=digest,
            face=brief.face,
            c=generator.class_of(brief.label),
            frames=brief.frames,
            report=now_and_then(note, work),
            keep=work.save_state,
        )

    def _told(self, snapshots: Iterator[Snapshot], work: Work, digest: str) -> Iterator[Snapshot]:
        """The same; of the last, the latents are delivered first, and the picture is described."""
        for snapshot in snapshots:
            if snapshot.frame == self._brief.frames - 1:
                ws = snapshot.ws.cpu().numpy()
                noise = {f"synthesis.{name}": value.cpu().numpy() for name, value in snapshot.noise.items()}
                work.deliver(self._brief.product, packed(ws, noise))
                facts = self._brief.facts() | {"modelSha256": digest} | latent_facts(ws[0])
                work.describe(snapshot.frame, facts)
            yield snapshot


def note(progress: Progress) -> str:
    """`step 120 of 500, loss 0.31`: how unlike the photograph the picture is. That of the noise says nothing of it."""
    unlike = sum(loss for name, loss in progress.losses.items() if name != "evenness")
    return f"step {progress.step:,} of {progress.steps:,}, loss {unlike:.3g}"
