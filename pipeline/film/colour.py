"""Y'CbCr frames of codecs ⇄ full-range R'G'B' arrays. Every matrix and range is named; nothing is left to defaults.

Film pixels are taken as display-referred: BT.709 and sRGB share primaries, and no transfer curve is bent.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from pipeline.errors import MediaError

# Bit-exact and accurate, because the same job must give the same pixels on every machine.
_FLAGS = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)

_RGB, _UNSPECIFIED = 0, 2
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""AVColorSpace → swscale's name for it."""

_HIGH_DEFINITION_LINES = 720

HDR_TRANSFERS: dict[int, str] = {ColorTrc.SMPTE2084: "PQ", ColorTrc.ARIB_STD_B67: "HLG"}
"""Transfer curves that need tone mapping, which we do not have."""

# swscale's 16-bit RGB puts white at 255/256 of full scale (65283 coming out, 65280 going in).
_WHITE_OUT = 65_283
_WHITE_IN = 65_280


class Colours:
    """Converts frames; keep one for each stream, so that its tables are built once."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def pixels(self, frame: av.VideoFrame, width: int, height: int, *, deep: bool = False) -> np.ndarray:
        """The frame scaled to width x height: (H, W, 3) uint8, or uint16 when deep; full-range R'G'B'.

        An untagged frame is BT.601 below 720 lines, else BT.709, and limited range unless its format says otherwise.
        Raises: MediaError if its colours are of a kind that we cannot convert.
        """
        try:
            planar = self._reformatter.reformat(
                frame,
                width=width,
                height=height,
                format="gbrp16le" if deep else "gbrp",
                src_colorspace=_matrix(frame),
                src_color_range=_range(frame),
                dst_color_range=ColorRange.JPEG,
                interpolation=_FLAGS,
                threads=1,
            )
        except FFmpegError as error:
            raise MediaError(f"pixels in {frame.format.name} cannot be converted to RGB: {error.strerror}") from error
        green, blue, red = (_plane(plane, width, height, deep) for plane in planar.planes)
        pixels = cv2.merge((red, green, blue))
        if deep and not _is_rgb(frame):
            pixels = cv2.addWeighted(pixels, 65_535 / _WHITE_OUT, pixels, 0, 0)
        return pixels

    def frame(self, pixels: np.ndarray, pix_fmt: str) -> av.VideoFrame:
        """The picture (H, W, 3) uint8 or uint16, full-range R'G'B', as a tagged limited-range BT.709 frame.

        Of (H, W, 4) uint8 the fourth is straight alpha, which a `pix_fmt` that has none leaves out.
        Raises: MediaError if the array is no picture.
        """
        if not _is_picture(pixels):
            raise MediaError(f"a frame is (H, W, 3) uint8 or uint16, not {pixels.shape} {pixels.dtype}")
        raw_format = "rgb24" if pixels.shape[2] == 3 else "rgba"
        if pixels.dtype == np.uint16:
            pixels = cv2.addWeighted(pixels, _WHITE_IN / 65_535, pixels, 0, 0)
            raw_format = "rgb48le"
        raw = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), raw_format)
        frame = self._reformatter.reformat(
            raw,
            format=pix_fmt,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_FLAGS,
            threads=1,
        )
        tag_bt709(frame)
        return frame


def _is_picture(pixels: np.ndarray) -> bool:
    if pixels.ndim != 3 or pixels.dtype not in (np.uint8, np.uint16):
        return False
    return pixels.shape[2] == 3 or (pixels.shape[2] == 4 and pixels.dtype == np.uint8)


def tag_bt709(target: av.VideoFrame | av.VideoCodecContext) -> None:
    """Write limited-range BT.709 onto a frame or a codec: some encoders read one, some the other."""
    target.colorspace = Colorspace.ITU709
    target.color_range = ColorRange.MPEG
    target.color_primaries = ColorPrimaries.BT709
    target.color_trc = ColorTrc.BT709


def _matrix(frame: av.VideoFrame) -> Colorspace | None:
    if _is_rgb(frame) or frame.colorspace == _RGB:
        return None
    if frame.colorspace == _UNSPECIFIED:
        return Colorspace.ITU601 if frame.height < _HIGH_DEFINITION_LINES else Colorspace.ITU709
    try:
        return _MATRICES[frame.colorspace]
    except KeyError as error:
        raise MediaError(
            f"its colour matrix (number {frame.colorspace}) is not supported; convert it to BT.709 first"
        ) from error


def _range(frame: av.VideoFrame) -> ColorRange:
    if frame.color_range in (ColorRange.MPEG, ColorRange.JPEG):
        return ColorRange(frame.color_range)
    full = _is_rgb(frame) or frame.format.name.startswith(("yuvj", "gray", "pal"))
    return ColorRange.JPEG if full else ColorRange.MPEG


def _is_rgb(frame: av.VideoFrame) -> bool:
    return bool(frame.format.is_rgb) or frame.format.has_palette


def _plane(plane: av.video.plane.VideoPlane, width: int, height: int, deep: bool) -> np.ndarray:
    samples = np.frombuffer(memoryview(plane), np.uint16 if deep else np.uint8)
    return samples.reshape(height, -1)[:, :width]
