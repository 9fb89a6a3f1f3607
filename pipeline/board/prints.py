"""Pictures as a board holds them: encoded, and no larger than its boxes show."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.board.layout import Box

_DPI = 300
_MM_PER_INCH = 25.4
_JPEG_QUALITY = 92

_SMALL = 160 * 160
"""Pixels up to which a picture is kept without loss."""


def encoded(picture: np.ndarray, box: Box) -> bytes:
    """The (H, W, 3) uint8 picture as PNG or JPEG, reduced to 300 dpi in the box."""
    height, width = picture.shape[:2]
    place = box.fitted(width / height)
    scale = min(1.0, place.width / _MM_PER_INCH * _DPI / width)
    file = io.BytesIO()
    image = Image.fromarray(resized(picture, max(1, round(width * scale)), max(1, round(height * scale))))
    if image.width * image.height <= _SMALL:
        image.save(file, "PNG")
    else:
        image.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def resized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture at another size."""
    if (width, height) == (picture.shape[1], picture.shape[0]):
        return picture
    how = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how))
