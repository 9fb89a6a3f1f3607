"""A frame on its way through the film painter's stages. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Frame:
    """One frame. Pictures are (H, W, 3) uint8 or uint16, sRGB."""

    number: int
    """Counted from the job's first frame."""
    content: np.ndarray
    """As decoded, at the delivered size."""
    seen: np.ndarray
    """What the networks see: the content at the painting size."""
    painted: np.ndarray
    """What has been made of it so far, at the painting size."""
    key: str = ""
    """What it is painted from, as a digest; empty where no frames are kept."""
    found: np.ndarray | None = None
    """What an earlier job delivered of it, at the delivered size."""
    is_needed: bool = True
    """Whether it must be painted: for itself, or because a frame that was not found follows from it."""
