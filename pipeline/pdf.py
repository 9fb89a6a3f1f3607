"""A picture as a PDF of one page, for print: a JPEG at full colour resolution, on a page that it fills."""

from __future__ import annotations

import io

import numpy as np

from pipeline import provenance
from pipeline.images import encode_jpeg

PRINT_DPI = 300
"""Dots per inch: what printers ask for."""

_QUALITY = 95
_POINTS = 72
"""To the inch."""


def encode_pdf(pixels: np.ndarray, dpi: float = PRINT_DPI) -> bytes:
    """The page of a picture, (H, W, 3) uint8 or uint16 sRGB, with nothing in it of when it was made.

    `dpi`: how many of its pixels are an inch; 3508x4961 are A3 at 300.
    Raises: MediaError if the array is no picture.
    """
    # ReportLab takes long to import, and few jobs deliver PDF.
    from reportlab import rl_config
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    # Pictures as bytes, and not as text that is a quarter longer.
    rl_config.useA85 = 0
    picture = ImageReader(io.BytesIO(encode_jpeg(pixels, _QUALITY)))
    height, width = (side * _POINTS / dpi for side in pixels.shape[:2])
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=1)
    canvas.setCreator(provenance.SOFTWARE)
    canvas.setAuthor(provenance.SOFTWARE)
    canvas.setTitle("")
    canvas.drawImage(picture, 0, 0, width, height)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
