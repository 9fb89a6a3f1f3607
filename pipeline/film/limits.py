"""How large a source may be before it is refused. Checked from headers, before any pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pipeline.errors import MediaError


@dataclass(frozen=True)
class Limits:
    """Bounds on one source; each is inclusive."""

    side_px: int = 16_384
    """The longest side."""
    pixels: int = 134_217_728
    """Pixels of one frame."""
    frames: int = 2_000_000
    """Frames of one source: 23 hours at 24 fps."""
    slowest: Fraction = Fraction(1)
    """Frames per second."""
    fastest: Fraction = Fraction(1000)
    """Frames per second."""

    @property
    def file_bytes(self) -> int:
        """Of one picture's file: more than its pixels take unpacked, as four floats each, is no picture."""
        return self.pixels * 16 + (1 << 20)

    def check_size(self, width: int, height: int, where: str) -> None:
        """Raises: MediaError if the picture is empty or too large."""
        if width < 1 or height < 1:
            raise MediaError(f"{where}: its pictures are {width}x{height}; a source needs at least one pixel")
        if max(width, height) > self.side_px or width * height > self.pixels:
            raise MediaError(
                f"{where}: {width}x{height} is larger than the limit of {self.side_px} px a side"
                f" and {self.pixels} px in all; scale it down first"
            )

    def check_frames(self, frames: int, where: str) -> None:
        """Raises: MediaError if there are too many frames."""
        if frames > self.frames:
            raise MediaError(f"{where}: {frames} frames are more than the limit of {self.frames}; cut it into parts")

    def check_rate(self, rate: Fraction, where: str) -> None:
        """Raises: MediaError if the rate is no film's."""
        if not self.slowest <= rate <= self.fastest:
            raise MediaError(
                f"{where}: {float(rate):g} frames per second is outside {self.slowest} to {self.fastest};"
                " give a `rate` to resample it to"
            )


DEFAULT_LIMITS = Limits()
