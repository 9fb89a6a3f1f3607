"""What a style is trained on, as files: the painting, and the photographs of a folder. Torch-free.

Planning a job checks them here before anybody trains; photos.py makes tensors of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.errors import MediaError
from pipeline.film.limits import DEFAULT_LIMITS

# Sizes are checked from the header; Pillow's own limit would only warn, and below ours.
Image.MAX_IMAGE_PIXELS = None

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
"""By which a folder's files are taken for photographs."""

FEWEST_PHOTOS = 10
"""With fewer, a network learns the photographs by heart."""

MOST_PHOTOS = 2000
"""Of more, as many are taken, evenly spread: a few hundred teach as much."""

SMALLEST_PX = 96
"""The shorter side of a painting or photograph, at least."""

_NAMED = 3
"""Unusable pictures that a sentence names."""

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
"""Not all that Pillow knows: some it hands to other programs."""
_DEEP_GREY = 256.0


def chosen(names: Iterable[str], *, most: int = MOST_PHOTOS) -> list[str]:
    """The photographs among a folder's files that are trained on, in order: at most so many, evenly spread."""
    photos = sorted(name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))
    if len(photos) <= most:
        return photos
    return [photos[place * len(photos) // most] for place in range(most)]


def mark(sizes: Iterable[tuple[str, int]]) -> str:
    """Changes when the names or sizes (bytes) of the photographs do, wherever they lie."""
    lines = "\n".join(f"{name} {size}" for name, size in sorted(sizes))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def check_size(width: int, height: int, where: str, *, least_px: int = SMALLEST_PX) -> None:
    """Raises: MediaError if a painting or photograph is too small."""
    if min(width, height) < least_px:
        raise MediaError(f"{where}: {width}x{height} px is too small to learn from; give {least_px} px a side or more")


def check_count(photos: Sequence[object], folder: str, *, fewest: int = FEWEST_PHOTOS) -> None:
    """Raises: MediaError if the folder holds no photographs, or too few."""
    if not photos:
        raise MediaError(f"{folder}: holds no photographs; give a folder of JPEG, PNG, WebP or TIFF pictures")
    if len(photos) < fewest:
        best = "a few hundred" if fewest <= FEWEST_PHOTOS else "some thousand"
        raise MediaError(f"{folder}: holds {len(photos)} photographs, and a training needs {fewest}; {best} are best")


def check_photos(
    paths: Sequence[Path], folder: str, *, fewest: int = FEWEST_PHOTOS, least_px: int = SMALLEST_PX
) -> None:
    """Look at every photograph's header. `folder` is what its user calls it.

    Raises: MediaError if there are too few, or one is no picture or too small; it names the first such.
    """
    check_count(paths, folder, fewest=fewest)
    for path in paths:
        where = f"{folder.rstrip('/')}/{path.name}"
        try:
            with path.open("rb") as file, _opened(file, where, least_px=least_px):
                pass
        except OSError as error:
            raise MediaError(f"{where}: cannot be read ({error.strerror}); check its permissions") from error


def sift(paths: Sequence[Path], *, least_px: int) -> list[str]:
    """Of files whose header tells that they are no usable picture, the name and the reason."""
    skipped = []
    for path in paths:
        try:
            with path.open("rb") as file, _opened(file, path.name, least_px=least_px):
                pass
        except MediaError as error:
            skipped.append(str(error))
        except OSError as error:
            skipped.append(f"{path.name}: cannot be read ({error.strerror}); check its permissions")
    return skipped


def skipped_in_words(skipped: Sequence[str]) -> str:
    """`2 pictures were skipped: a.jpg: is no picture …; b.jpg: …`."""
    more = f"; and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
    count = "1 picture was" if len(skipped) == 1 else f"{len(skipped)} pictures were"
    return f"{count} skipped: {'; '.join(skipped[:_NAMED])}{more}"


def open_picture(path: Path, *, least_px: int = 1) -> Image.Image:
    """The picture, decoded: upright, 8-bit sRGB, transparency over white paper.

    Raises: MediaError if it is missing, no picture, damaged, too large, or has a side of less than `least_px`.
    """
    try:
        with path.open("rb") as file, _opened(file, str(path), least_px=least_px) as picture:
            return _on_paper(_eight_bits(ImageOps.exif_transpose(picture)))
    except (OSError, SyntaxError, ValueError, TypeError, EOFError) as error:
        raise MediaError(f"{path}: is no picture that can be read ({error}); give a JPEG, PNG, WebP or TIFF") from error


def _opened(file: BinaryIO, where: str, *, least_px: int = SMALLEST_PX) -> Image.Image:
    """The picture with its header read."""
    try:
        picture = Image.open(file, formats=_FORMATS)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, EOFError) as error:
        raise MediaError(f"{where}: is no picture that can be read; give a JPEG, PNG, WebP or TIFF") from error
    DEFAULT_LIMITS.check_size(*picture.size, where)
    check_size(*picture.size, where, least_px=least_px)
    return picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith("I"):
        return picture
    # Pillow's own conversion clips sixteen bits of grey at 255.
    return picture.convert("F").point(lambda value: value * (1 / _DEEP_GREY)).convert("L")


def _on_paper(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    covered = picture.convert("RGBA")
    page = Image.new("RGBA", covered.size, (255, 255, 255, 255))
    page.alpha_composite(covered)
    return page.convert("RGB")


def base_name(url: str) -> str:
    """The last part of a path or address."""
    return PurePosixPath(url.rstrip("/")).name
