"""What a source of frames is, once it was probed: a film, a picture, a numbered sequence or a folder of pictures.

Torch-free. Probing lives in probe.py, reading frames in decode.py.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.film.limits import DEFAULT_LIMITS


class Source(BaseModel):
    """A probed source. Goes into plan.json as it is, so that every worker reads the same frames."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["film", "picture", "sequence", "folder"]
    url: str
    """An absolute path or s3:// address; of a sequence, its pattern (`/a/shot.%04d.png`)."""
    fingerprint: str
    """Changes when the source's bytes do: begins with the size of a film or picture, and a dash."""
    stem: str
    """What deliverables are named after: `big_buck_bunny` of `/films/big_buck_bunny.webm`."""
    width: int
    """Pixels as shown: upright and square. Of a folder, the widest picture's."""
    height: int
    frames: int
    """How many frames the source gives, at `rate` if it has one."""
    first: int = 1
    """The number of the first frame as its user counts: 1 for films, 1001 for `shot.1001.png`."""
    rate: Fraction | None = None
    """Constant frame rate; None for pictures and folders."""
    bit_depth: int = 8
    """Bits a channel in the source: 8, 10, 12, 16 (32 for float)."""
    pts: tuple[int, ...] = ()
    """Of a film, the presentation timestamp of each frame 0 … frames-1, in `time_base`.

    A film that was resampled to `rate` shows some of its frames more than once: their timestamps repeat.
    """
    time_base: Fraction | None = None
    variable_rate: bool = False
    """True if the film's own frames are not evenly spaced, so that `pts` resamples them to `rate`."""
    max_pixels: int = DEFAULT_LIMITS.pixels
    """The most pixels that one of its frames may have; whoever reads it later holds it to that."""
    names: tuple[str, ...] = ()
    """Of a sequence or folder, the file name of each frame (relative to the folder)."""
    audio_codec: str | None = None
    """The codec of the first audio stream; None if the source is silent."""
    timecode: str | None = None
    """Start timecode, `HH:MM:SS:FF`, with `;` before FF if drop-frame."""
    notes: tuple[str, ...] = ()
    """What the user should know: `variable rate, resampled to 25`, `rotated 90° by its display matrix` …"""
