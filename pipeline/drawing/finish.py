"""The last glazes over a finished painting: light around the sitter's edges, and a darker frame."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.drawing.fields import COLUMNS, GRID, ROWS, enlarged, reduced, smoothstep
from pipeline.drawing.scene import Scene

_CORNERS = 1 - np.float32(0.12) * smoothstep(0.12, 0.5, (COLUMNS - 0.5) ** 2 + (ROWS - 0.48) ** 2)
"""What the corners keep of their light."""


def finish(scene: Scene, behind: np.ndarray) -> None:
    """Lay the glazes. `behind` is what the canvas was before the sitter: (3, N, N)."""
    changes = [cv2.absdiff(after, before) for after, before in zip(scene.canvas.pixels, behind, strict=True)]
    sitter = np.minimum((changes[0] + changes[1] + changes[2]) * np.float32(12), 1)
    small = smoothstep(0.4, 0.8, cv2.GaussianBlur(reduced(sitter), (0, 0), GRID * 0.012))
    wide = cv2.GaussianBlur(small, (0, 0), GRID * 0.02)
    down, right = np.gradient(wide)
    away = right * np.float32(np.sign(scene.light.x) or 1) - np.float32(0.25) * down
    edge = np.clip(away * (1 - wide) * np.float32(0.11 * GRID), 0, 1) * np.float32(0.5 * scene.portrait.rim)
    scene.canvas.glow(scene.canvas.whole(enlarged(edge, scene.canvas.side) * sitter), scene.light.rim)
    scene.canvas.pixels *= enlarged(_CORNERS, scene.canvas.side)
