"""Frames that some job drew before: what each is made of, as a digest, and the picture if there is one.

A film that is made anew with other deliverables, in other chunks or to another place has the frames that it had.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.kernels import FAMILY_DIGITS, digest_of, kernels
from pipeline.motion.brief import MotionBrief
from pipeline.painter import Easel, Work

VERSION = 1
"""Raised with every change by which any frame's pixels differ: then no older frame is taken for a new one."""

_NAMES_OF_FILES = {"figures": {"__all__": {"acts": {"__all__": {"product"}}}}}
"""What decides no pixel."""


class Known:
    """Looks up the frames of one chunk."""

    def __init__(self, brief: MotionBrief, easel: Easel, work: Work) -> None:
        self._shape = (brief.height, brief.width, 3)
        # Pictures are found as they are seen on black, without their alpha.
        self._recall = None if brief.transparent else work.recall
        self._family = ""
        if self._recall is not None:
            told = brief.model_dump_json(exclude=_NAMES_OF_FILES)
            software = [VERSION, kernels(easel), cv2.__version__, np.__version__]
            self._family = digest_of([*software, told, *work.model_digests, *work.file_digests])[:FAMILY_DIGITS]

    def key(self, frame: int) -> str:
        """Of a frame; empty where no keys are wanted."""
        return f"{self._family}/{digest_of([frame])}" if self._family else ""

    def get(self, key: str) -> np.ndarray | None:
        """The frame, if there is one and it is whole. Raises: TransientError."""
        pixels = self._recall(key) if self._recall is not None and key else None
        return pixels if pixels is not None and (pixels.shape, pixels.dtype) == (self._shape, np.uint8) else None
