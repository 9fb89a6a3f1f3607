"""Captions with their times, from SubRip (`.srt`) and WebVTT (`.vtt`) files: words, no places and no colours.

Source: W3C, WebVTT: The Web Video Text Tracks Format; SubRip has no specification, and its commas and numbers differ.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from pipeline.errors import MediaError

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_TAGS = re.compile(r"<[^>]{0,200}>|\{\\[^}]{0,200}\}")

_MOST_CUES = 100_000
_ASIDES = ("WEBVTT", "NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """Words, and when they are shown: in seconds, [start, stop)."""

    start: float
    stop: float
    text: str


def read_cues(data: bytes, *, where: str) -> tuple[Cue, ...]:
    """The captions of a file, in order of time. Raises: MediaError with the line that is wrong."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise MediaError(f"{where}: is no text in UTF-8; save it again as that") from error
    cues = sorted(_cues(lines, where), key=lambda cue: cue.start)
    if not cues:
        raise MediaError(f"{where}: holds no captions; each begins with a line like 00:00:01,000 --> 00:00:03,500")
    if len(cues) > _MOST_CUES:
        raise MediaError(f"{where}: has {len(cues):,} captions; at most {_MOST_CUES:,} are read")
    return tuple(cues)


def _cues(lines: Sequence[str], where: str) -> Iterator[Cue]:
    at = 0
    while at < len(lines):
        begins, block = at, []
        while at < len(lines) and lines[at].strip():
            block.append(lines[at])
            at += 1
        at += 1
        if not block or block[0].startswith(_ASIDES):
            continue
        # A number or a name may stand above the times.
        head = 0 if "-->" in block[0] else 1
        if head >= len(block) or (times := _TIMES.fullmatch(block[head])) is None:
            said = block[min(head, len(block) - 1)].strip()[:40]
            line = begins + min(head, len(block) - 1) + 1
            raise MediaError(f"{where}: line {line}: {said!r} says no times; write 00:00:01,000 --> 00:00:03,500")
        start, stop = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        if stop <= start:
            raise MediaError(f"{where}: line {begins + head + 1}: the caption ends before it begins")
        text = "\n".join(unescape(_TAGS.sub("", line)).strip() for line in block[head + 1 :]).strip()
        if text:
            yield Cue(start, stop, text)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, rest = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((rest or "0").ljust(3, "0")) / 1000


def shown(cues: Sequence[Cue], seconds: float) -> str:
    """What is to be read at a time: captions that overlap, one below the other."""
    begun = bisect_right(cues, seconds, key=lambda cue: cue.start)
    return "\n".join(cue.text for cue in cues[:begun] if seconds < cue.stop)
