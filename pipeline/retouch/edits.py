"""The registry of edits. A new edit is one module here and one row."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from pipeline.retouch.edit import Edit

EDITS: dict[str, str] = {
    "exposure": "pipeline.retouch.exposure:Exposure",
    "contrast": "pipeline.retouch.contrast:Contrast",
    "white_balance": "pipeline.retouch.white_balance:WhiteBalance",
    "saturation": "pipeline.retouch.saturation:Saturation",
    "curves": "pipeline.retouch.curves:Curves",
    "lut": "pipeline.retouch.lut:Lut",
    "crop": "pipeline.retouch.crop:Crop",
    "resize": "pipeline.retouch.resize:Resize",
    "sharpen": "pipeline.retouch.sharpen:Sharpen",
    "denoise": "pipeline.retouch.denoise:Denoise",
    "grain": "pipeline.retouch.grain:Grain",
    "caption": "pipeline.retouch.caption:Caption",
    "title": "pipeline.retouch.title:Title",
    "watermark": "pipeline.retouch.watermark:Watermark",
    "fade": "pipeline.retouch.fade:Fade",
}
"""Name → `module:attr` of its Edit."""


@cache
def edit_of(name: str) -> type[Edit]:
    """The edit of that name. Raises: KeyError."""
    module, attr = EDITS[name].split(":")
    return getattr(import_module(module), attr)
