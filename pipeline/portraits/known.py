"""Portraits that some job made before: what each is made of, as a digest, and the picture if there is one.

A portrait's key is of its styles, however it came by them: seed, mixture, walk or edit.
"""

from __future__ import annotations

import hashlib

import numpy as np

from pipeline.kernels import FAMILY_DIGITS, digest_of, kernels
from pipeline.painter import Easel, Work
from pipeline.portraits.brief import PortraitBrief

VERSION = 1
"""Raised with every change by which any picture's pixels differ: then no older one is taken for a new one."""


class Known:
    """Looks up the pictures of one chunk."""

    def __init__(self, brief: PortraitBrief, easel: Easel, work: Work, *, deep: bool) -> None:
        self._recall = work.recall
        self._shape = (brief.resolution, brief.resolution, 3)
        self._dtype = np.dtype(np.uint16 if deep else np.uint8)
        self._family = ""
        if work.recall is not None:
            family = [VERSION, kernels(easel), deep, brief.noise, brief.translate, brief.rotate, work.model_digests[0]]
            self._family = digest_of(family)[:FAMILY_DIGITS]

    def key(self, ws: np.ndarray, noise_seed: int | None) -> str:
        """Of the picture of styles `(num_ws, w_dim)`; empty where no keys are wanted."""
        if not self._family:
            return ""
        return f"{self._family}/{digest_of([hashlib.sha256(ws.tobytes()).hexdigest(), noise_seed])}"

    def get(self, key: str) -> np.ndarray | None:
        """The picture, if there is one and it is whole. Raises: TransientError."""
        pixels = None if self._recall is None else self._recall(key)
        fits = pixels is not None and (pixels.shape, pixels.dtype) == (self._shape, self._dtype)
        return pixels if fits else None
