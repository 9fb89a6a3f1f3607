"""Picture files ⇄ arrays: (H, W, 3), full-range sRGB, uint8 or (deep) uint16. Tensors are in tensors.py. Torch-free.

The same rules for every format, whatever the file is called: shown upright (EXIF), grey and palettes widened to RGB,
transparency laid over black (paintings: over white), CMYK and embedded colour profiles brought to sRGB (8 bit), linear
OpenEXR bent by the sRGB curve and clipped at 1. Of an animation, the first picture.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

import av
import cv2
import fpng
import numpy as np
from av.error import FFmpegError
from PIL import Image, ImageCms, UnidentifiedImageError

from pipeline.errors import MediaError
from pipeline.film.geometry import UPRIGHT, turns_sideways, upright
from pipeline.film.limits import DEFAULT_LIMITS, Limits

# Our own limits are checked from the header; Pillow's would warn below them.
Image.MAX_IMAGE_PIXELS = None

# Of all that Pillow knows: EPS, for one, would run a program of the file's own.
_FORMATS = ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

# What damaged files make the libraries raise. AVIF's decoder knows RuntimeError only.
_DAMAGE = (
    FFmpegError,
    cv2.error,
    ImageCms.PyCMSError,
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    OverflowError,
    EOFError,
    AssertionError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_EXR_MAGIC = b"\x76\x2f\x31\x01"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_JPEG_MAGIC = b"\xff\xd8\xff"
_JPEG_2000_MAGIC = b"\0\0\0\x0cjP  \r\n\x87\n"
_MATROSKA_MAGIC = b"\x1a\x45\xdf\xa3"
_PICTURE_MAGICS = (_PNG_MAGIC, _JPEG_MAGIC, _JPEG_2000_MAGIC, _EXR_MAGIC)
_TIFF_MAGICS = (b"II*\0", b"MM\0*")
_HEIC_BRANDS = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypmif1", b"ftypmsf1")

_EXIF_ORIENTATION = 274
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS = 256, 257, 258
_TIFF_SHORT, _TIFF_LONG = 3, 4

_JPEG_QUALITY = 92

_BAND = 256
"""Rows that are composited at a time."""

BLACK, WHITE = 0.0, 1.0
"""What shows through transparency: black behind film frames, white paper behind paintings."""


@dataclass(frozen=True)
class PictureHeader:
    """What a picture file says before its pixels are decoded."""

    width: int
    """Pixels as shown: upright."""
    height: int
    bit_depth: int
    """Bits a channel; 32 for floating point."""
    orientation: int = UPRIGHT
    """EXIF's number."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


def read_header(reader: BinaryIO, *, where: str) -> PictureHeader:
    """The header of a PNG, JPEG, TIFF, OpenEXR, WebP, AVIF, GIF, BMP, JPEG 2000 or PPM file; decodes no pixels.

    Raises: MediaError if it is none of these.
    """
    magic = reader.read(12)
    reader.seek(0)
    if not magic:
        raise MediaError(f"{where}: the picture is empty; copy it again")
    try:
        if magic.startswith(_EXR_MAGIC):
            return _exr_header(reader)
        if magic.startswith(_TIFF_MAGICS):
            return _tiff_header(reader)
        with Image.open(reader, formats=_FORMATS) as image:
            bits = _png_bits(reader) if magic.startswith(_PNG_MAGIC) else 8
            return _shown(*image.size, bits, _orientation(image))
    except _DAMAGE as error:
        raise MediaError(f"{where}: {_unread(magic)}") from error


def is_picture(head: bytes) -> bool:
    """Whether a file that begins with these 12 bytes is a picture, whatever its name. GIFs may move: they are films.

    Nor are TIFFs told from cameras' raw files, whose first picture is a thumbnail.
    """
    return head.startswith(_PICTURE_MAGICS) or head[8:12] in (b"WEBP", b"avif") or head[4:12] in _HEIC_BRANDS


def read_picture(data: bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> np.ndarray:
    """A painting, an artwork's content or a mask: (H, W, 3) uint8, full-range sRGB; transparency shows white paper.

    Raises: MediaError if it is damaged, no picture, or larger than the limits.
    """
    return decode_image(data, limits=limits, where=where, paper=WHITE)


def read_premultiplied(data: bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> np.ndarray:
    """A logo: (H, W, 4) uint8, full-range sRGB, its colours multiplied by their alpha. Raises: as `read_picture`."""
    on_black, on_white = (decode_image(data, limits=limits, where=where, paper=paper) for paper in (BLACK, WHITE))
    # What differs between black and white paper is what shows through.
    alpha = 255 - (on_white[..., 1] - on_black[..., 1])
    return np.dstack([np.minimum(on_black, alpha[..., None]), alpha])


def decode_image(
    data: bytes,
    *,
    deep: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    where: str = "picture",
    paper: float = BLACK,
) -> np.ndarray:
    """The picture: (H, W, 3) uint8, or uint16 when deep; full-range sRGB. See the module for what is converted how.

    `paper`: the grey, 0 to 1, that shows through transparency.
    Raises: MediaError if it is damaged, no picture, or larger than the limits.
    """
    try:
        return _decoded(data, deep=deep, limits=limits, where=where, paper=paper)
    except MemoryError as error:
        raise MediaError(f"{where}: its pixels do not fit into this machine's memory; scale it down first") from error


def _decoded(data: bytes, *, deep: bool, limits: Limits, where: str, paper: float) -> np.ndarray:
    header = read_header(io.BytesIO(data), where=where)
    limits.check_size(header.width, header.height, where)
    try:
        if data.startswith(_EXR_MAGIC):
            pixels = _decode_exr(data, limits, paper)
        elif header.bit_depth > 8:
            pixels = _decode_deep(data, paper)
        else:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                # Pillow may read another size in a crooked TIFF than we did.
                limits.check_size(*image.size, where)
                pixels = _decode_common(image, header.orientation, paper)
            return to_depth(pixels, deep=deep)
    except _DAMAGE as error:
        raise MediaError(f"{where}: the picture is damaged, cut off or of a rare kind; save it again as PNG") from error
    return to_depth(upright(pixels, header.orientation), deep=deep)


def to_depth(pixels: np.ndarray, *, deep: bool) -> np.ndarray:
    """The same picture as uint16 (deep) or uint8; white stays white, rounded to nearest."""
    if deep and pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * 257
    if not deep and pixels.dtype == np.uint16:
        return cv2.convertScaleAbs(pixels, alpha=1 / 257)
    return pixels


def flattened(pixels: np.ndarray, paper: float = BLACK) -> np.ndarray:
    """(H, W, 4), the fourth straight alpha, as (H, W, 3) over a grey from 0 to 1; uint8 or uint16, as they are."""
    return _over(pixels[..., :3], pixels[..., 3], paper)


def premultiplied(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8, the fourth straight alpha, with its colours multiplied by it."""
    alpha = cv2.extractChannel(pixels, 3)
    return cv2.multiply(pixels, cv2.merge([alpha, alpha, alpha, np.full_like(alpha, 255)]), scale=1 / 255)


def encode_png(pixels: np.ndarray) -> bytes:
    """PNG, 8 bit of uint8 and 16 bit of uint16; lossless, the same bytes each time.

    (H, W, 3) sRGB, or (H, W, 4), the fourth straight alpha. Raises: MediaError if the array is no picture.
    """
    colour, alpha = _parted(pixels)
    if pixels.dtype == np.uint8:
        return bytes(fpng.from_ndarray(np.ascontiguousarray(pixels)))
    return _encode(".png", colour, alpha=alpha)


def encode_tiff(pixels: np.ndarray) -> bytes:
    """TIFF with LZW, 8 or 16 bit as the array's. Raises: MediaError if the array is no picture."""
    return _encode(".tiff", pixels)


def encode_jpeg(pixels: np.ndarray, quality: int = _JPEG_QUALITY) -> bytes:
    """JPEG of quality 1 to 100 and full colour resolution. Raises: MediaError if the array is no picture."""
    options = (
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    )
    return _encode(".jpg", to_depth(pixels, deep=False), options)


def encode_webp(pixels: np.ndarray, quality: int = 90, *, alpha: np.ndarray | None = None) -> bytes:
    """WebP, lossy; with `alpha`, (H, W) uint8, or that of (H, W, 4), which is kept without loss.

    Raises: MediaError if the array is no picture.
    """
    colour, own = _parted(to_depth(pixels, deep=False))
    return _encode(".webp", colour, (cv2.IMWRITE_WEBP_QUALITY, quality), own if alpha is None else alpha)


def _encode(suffix: str, pixels: np.ndarray, options: tuple[int, ...] = (), alpha: np.ndarray | None = None) -> bytes:
    _check_picture(pixels)
    planes = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    try:
        _, encoded = cv2.imencode(suffix, planes if alpha is None else np.dstack((planes, alpha)), list(options))
    except cv2.error as error:
        height, width = pixels.shape[:2]
        raise MediaError(f"a {width}x{height} picture cannot be written as {suffix}; make it smaller") from error
    return encoded.tobytes()


def _parted(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A picture's colours, and its alpha if it has any. Raises: MediaError if the array is no picture."""
    has_alpha = pixels.ndim == 3 and pixels.shape[2] == 4
    colour = pixels[..., :3] if has_alpha else pixels
    _check_picture(colour)
    return colour, pixels[..., 3] if has_alpha else None


def _check_picture(pixels: np.ndarray) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype not in (np.uint8, np.uint16) or pixels.size == 0:
        raise MediaError(f"a picture is (H, W, 3) uint8 or uint16, not {pixels.shape} {pixels.dtype}")


def _unread(magic: bytes) -> str:
    """Why a file with this beginning is of no use as a picture."""
    if magic[4:12] in _HEIC_BRANDS:
        return "is a HEIC picture, which we cannot read; save it as JPEG or PNG"
    if magic.startswith(_MATROSKA_MAGIC) or (magic[4:8] == b"ftyp" and magic[8:12] != b"avif"):
        return "is a film, not a picture; name it like one (.mp4, .mov, .webm), or give a picture"
    return "is no picture that we can read, or it is damaged; save it again as PNG"


def _shown(width: int, height: int, bit_depth: int, orientation: int) -> PictureHeader:
    orientation = orientation if orientation in range(1, 9) else UPRIGHT
    if turns_sideways(orientation):
        width, height = height, width
    return PictureHeader(width, height, bit_depth, orientation)


def _orientation(image: Image.Image) -> int:
    # Image.getexif() would decode a PNG's pixels to look behind them.
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif.get(_EXIF_ORIENTATION, UPRIGHT)


def _png_bits(reader: BinaryIO) -> int:
    reader.seek(24)
    return max(8, reader.read(1)[0])


def _tiff_header(reader: BinaryIO) -> PictureHeader:
    """Pillow opens no 16-bit RGB TIFF, so its first directory is read here. Source: TIFF 6.0, section 2."""
    order = "<" if reader.read(2) == b"II" else ">"
    reader.seek(4)
    (directory,) = struct.unpack(f"{order}I", reader.read(4))
    reader.seek(directory)
    (count,) = struct.unpack(f"{order}H", reader.read(2))
    tags: dict[int, int] = {}
    for _ in range(count):
        tag, kind, values, raw = struct.unpack(f"{order}HHI4s", reader.read(12))
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT) and (values != 1 or tag in tags):
            # Every decoder would take another of its sizes.
            raise ValueError("a TIFF has one width and one height")
        if kind == _TIFF_SHORT and values > 2:
            here = reader.tell()
            reader.seek(struct.unpack(f"{order}I", raw)[0])
            raw = reader.read(2)
            reader.seek(here)
        if kind in (_TIFF_SHORT, _TIFF_LONG):
            tags[tag] = struct.unpack_from(f"{order}{'H' if kind == _TIFF_SHORT else 'I'}", raw)[0]
    bits = max(8, tags.get(_TIFF_BITS, 1))
    return _shown(tags[_TIFF_WIDTH], tags[_TIFF_HEIGHT], bits, tags.get(_EXIF_ORIENTATION, UPRIGHT))


def _exr_header(reader: BinaryIO) -> PictureHeader:
    """Source: OpenEXR file layout, attribute `displayWindow` (box2i): what is shown; its pixels are in `dataWindow`."""
    head = reader.read(65_536)
    at = head.index(b"displayWindow\0box2i\0") + len(b"displayWindow\0box2i\0") + 4
    left, top, right, bottom = np.frombuffer(head[at : at + 16], "<i4").tolist()
    return PictureHeader(right - left + 1, bottom - top + 1, bit_depth=32)


def _decode_exr(data: bytes, limits: Limits, paper: float) -> np.ndarray:
    options = {"max_pixels": str(limits.pixels)}
    confined = {"format_whitelist": "exr_pipe", "protocol_whitelist": "file"}
    with av.open(io.BytesIO(data), "r", format="exr_pipe", options=options, container_options=confined) as container:
        frame = next(container.decode(video=0), None)
    if frame is None:
        raise ValueError("libav reads no pixels")
    floats = frame.to_ndarray()
    del frame
    pixels = np.empty((*floats.shape[:2], 3), np.uint16)
    # In bands, because the steps between of a whole large picture take gigabytes.
    for top in range(0, len(floats), _BAND):
        band = slice(top, top + _BAND)
        if floats[band].any():
            pixels[band] = _shown_band(floats[band], paper)
        else:
            # What lies outside of the file's own pixels, which may be nearly all that it shows.
            pixels[band] = round(65_535 * paper) if floats.ndim == 3 and floats.shape[2] == 4 else 0
    return pixels


def _shown_band(floats: np.ndarray, paper: float) -> np.ndarray:
    floats = np.nan_to_num(floats, posinf=1.0)
    channels = floats if floats.ndim == 3 else floats[..., None]
    linear = channels[..., :3]
    if paper and channels.shape[-1] == 4:
        # OpenEXR's colours are already multiplied by their alpha, which is "over black".
        linear = linear + (1 - np.clip(channels[..., 3:], 0, 1)) * paper
    return np.rint(_srgb(np.clip(linear, 0, 1)) * 65_535).astype(np.uint16)


def _srgb(linear: np.ndarray) -> np.ndarray:
    """Source: IEC 61966-2-1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.power(linear, 1 / 2.4) - 0.055)


def _decode_deep(data: bytes, paper: float) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError("OpenCV reads no pixels")
    if decoded.dtype.kind == "f":
        decoded = np.rint(np.clip(np.nan_to_num(decoded), 0, 1) * 65_535).astype(np.uint16)
    if decoded.ndim == 2:
        return cv2.cvtColor(decoded, cv2.COLOR_GRAY2RGB)
    if decoded.shape[2] == 3:
        return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    rgba = cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA)
    return _over(rgba[..., :3], rgba[..., 3], paper)


def _decode_common(image: Image.Image, orientation: int, paper: float) -> np.ndarray:
    image.load()
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        colour = _to_srgb(rgba.convert("RGB"), profile)
        pixels = _over(np.asarray(colour), np.asarray(rgba.getchannel("A")), paper)
    elif image.mode.startswith("I"):
        # Pillow would cut 16 bits off at 255 instead of scaling them.
        grey = np.clip(np.asarray(image), 0, 65_535).astype(np.uint16)
        pixels = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    else:
        pixels = np.asarray(_to_srgb(image, profile))
    # Pillow turns TIFFs upright by itself, and no other format.
    return pixels.copy() if image.format == "TIFF" else upright(pixels, orientation)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(own).casefold():
            return image.convert("RGB")
        return _converted(image.convert("RGB") if image.mode == "P" else image, own)
    except (ImageCms.PyCMSError, OSError):
        # A broken or foreign profile must not cost the picture: its values are then taken as they are.
        return image.convert("RGB")


def _converted(image: Image.Image, profile: Any) -> Image.Image:
    converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image.convert("RGB") if converted is None else converted


def _over(colour: np.ndarray, alpha: np.ndarray, paper: float) -> np.ndarray:
    """Colour (H, W, 3) with alpha (H, W) over a grey from 0 to 1; uint8 or uint16, as they are."""
    white = np.iinfo(colour.dtype).max
    pixels = np.empty_like(colour)
    # In bands, because the floats of a whole large picture take gigabytes.
    for top in range(0, len(colour), _BAND):
        band = slice(top, top + _BAND)
        covered = alpha[band, :, None].astype(np.float32) / white
        pixels[band] = np.rint(colour[band] * covered + (1 - covered) * (paper * white))
    return pixels
