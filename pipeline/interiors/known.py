"""Designs that some job made before: what each is made of, as a digest, and the picture if there is one.

A design's key is of its latent, however it came by it: seed, variation, child, edit or film.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from pipeline.interiors.brief import InteriorsBrief
from pipeline.kernels import FAMILY_DIGITS, digest_of, kernels
from pipeline.painter import Easel, Work

VERSION = 2
"""Raised with every change by which any picture's pixels differ: then no older one is taken for a new one."""


class Known:
    """Looks up the pictures of one chunk."""

    def __init__(self, brief: InteriorsBrief, easel: Easel, work: Work) -> None:
        self._recall, self._family = work.recall, ""
        if work.recall is not None:
            kept = [brief.keep.file, brief.pictures[brief.around or 0].file] if brief.keep else []
            family = [VERSION, kernels(easel), str(easel.precision), cv2.__version__, *work.model_digests]
            self._family = digest_of([*family, *(work.file_digests[file] for file in kept)])[:FAMILY_DIGITS]

    def key(self, z: np.ndarray, size: int) -> str:
        """Of the picture of a latent `(latent,)`, of this size in px; empty where no keys are wanted."""
        if not self._family:
            return ""
        return f"{self._family}/{digest_of([hashlib.sha256(z.tobytes()).hexdigest(), size])}"

    def get(self, key: str, size: int) -> np.ndarray | None:
        """The picture, if there is one and it is whole. Raises: TransientError."""
        pixels = None if self._recall is None else self._recall(key)
        fits = pixels is not None and (pixels.shape, pixels.dtype) == ((size, size, 3), np.uint8)
        return pixels if fits else None
