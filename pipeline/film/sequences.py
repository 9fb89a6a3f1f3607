"""Names of numbered sequences and folders of pictures: patterns, numbers, gaps, natural order. No pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import MediaError

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".webp", ".bmp"})

_MOST_DIGITS = 99

_PLACEHOLDER = re.compile(r"%(?:0?(?P<width>\d+))?d|(?P<hashes>#+)")


@dataclass(frozen=True)
class Numbered:
    """A sequence's files in the order of their numbers."""

    first: int
    names: tuple[str, ...]


def has_placeholder(address: str) -> bool:
    """Whether the last part of an address holds what may stand for the frame number: `%04d`, `%d` or `####`."""
    return _PLACEHOLDER.search(address.rpartition("/")[2]) is not None


def is_pattern(address: str) -> bool:
    """Whether the address may be a sequence's: a placeholder in a picture's name. `take#1.mp4` is a film.

    A picture may be called so too: where a file of that very name exists, it is meant.
    """
    return is_picture(address) and has_placeholder(address)


def is_picture(name: str) -> bool:
    """Whether the name ends like a picture's."""
    return suffix(name) in PICTURE_SUFFIXES


def suffix(name: str) -> str:
    """`.png` of `shot.1001.PNG`."""
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def stem(name: str) -> str:
    """What deliverables are named after: without suffix."""
    return _bare(_base(name))


def pattern_stem(pattern: str) -> str:
    """The same of a sequence: without its placeholder and the separators before it, too."""
    return _bare(_PLACEHOLDER.sub("", _base(pattern)))


def _base(name: str) -> str:
    return name[: len(name) - len(suffix(name))] if suffix(name) else name


def _bare(base: str) -> str:
    return base.strip("._- ") or "frames"


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key with `a2` before `a10`."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), part) if part[0].isdecimal() else (1, 0, part.casefold()) for part in parts)


def numbered(pattern: str, names: Iterable[str], *, where: str) -> Numbered:
    """The files that match the pattern, in order.

    Raises: MediaError if none matches, or numbers between the first and the last are missing.
    """
    matcher = _matcher(pattern, where)
    found: dict[int, str] = {}
    for name in names:
        match = matcher.fullmatch(name)
        if match:
            number = int(match[1])
            if number in found:
                raise MediaError(f"{where}: {found[number]} and {name} are both frame {number}; remove one")
            found[number] = name
    if not found:
        raise MediaError(f"{where}: no file matches {pattern}; check the folder and the number of digits")
    missing = sorted(set(range(min(found), max(found) + 1)) - found.keys())
    if missing:
        raise MediaError(f"{where}: frames {_ranges(missing)} are missing; add them, or give the parts as two sources")
    return Numbered(first=min(found), names=tuple(found[number] for number in sorted(found)))


def _matcher(pattern: str, where: str) -> re.Pattern[str]:
    places = list(_PLACEHOLDER.finditer(pattern))
    if len(places) != 1:
        raise MediaError(f"{where}: a sequence has one placeholder for the number, such as shot.%04d.png")
    place = places[0]
    if len(place["width"] or "") > 2 or len(place["hashes"] or "") > _MOST_DIGITS:
        raise MediaError(f"{where}: its placeholder asks for too many digits; a number has at most {_MOST_DIGITS}")
    width = int(place["width"] or 0) if place["hashes"] is None else len(place["hashes"])
    # Longer numbers are written with all their digits: %04d gives 9999, then 10000.
    digits = rf"(\d{{{width}}}|[1-9]\d{{{width},}})" if width > 1 else r"(0|[1-9]\d*)"
    return re.compile(re.escape(pattern[: place.start()]) + digits + re.escape(pattern[place.end() :]))


def _ranges(numbers: list[int], most: int = 8) -> str:
    """`3, 7-9` of [3, 7, 8, 9]; the rest is counted."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    written = [f"{low}" if low == high else f"{low}-{high}" for low, high in runs[:most]]
    return ", ".join(written) + (f" and {len(runs) - most} more gaps" if len(runs) > most else "")
