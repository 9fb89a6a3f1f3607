"""Captions of what is said: SubRip and WebVTT. Where a voice told when words are heard, WebVTT says so, too.

Source: W3C, WebVTT: The Web Video Text Tracks Format (timestamps within cues); SubRip has no specification. How much
stands at once is what the EBU and Netflix ask of subtitles: two lines of 42 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate, pairwise
from unicodedata import east_asian_width

from pipeline.speech.timings import Said
from pipeline.typography.breaks import language_of, preferred
from pipeline.typography.locales import Locale

_LINE = 42
_LINES = 2
_CLAUSES = frozenset(",;:.!?\u2026\u2013\u2014\u060c\u3001\uff0c\uff1b")
_WORTH = 24
"""Characters by which captions may differ, so that one ends with a clause."""

_TRIES = 4
"""Captions more than there must be, at most, until all fit; words may be longer than a line."""

_LEAST_S = 0.7
"""A caption that is shown for less cannot be read; it stays as long as nothing follows."""


_TICK_S = 0.001
"""A caption that ends when it begins is none to players."""


@dataclass(frozen=True)
class _Cue:
    start_s: float
    stop_s: float
    words: tuple[tuple[str, float | None], ...]
    """Each with the space after it, and when it is heard."""

    @property
    def text(self) -> str:
        return "".join(word for word, _ in self.words).strip()


def as_srt(said: Iterable[Said]) -> bytes:
    """SubRip."""
    blocks = (
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.stop_s, ',')}\n{_lined(cue.text)}\n"
        for number, cue in enumerate(_cues(said), 1)
    )
    return "\n".join(blocks).encode()


def as_vtt(said: Iterable[Said], *, note: str = "") -> bytes:
    """WebVTT. `note`: for whoever opens the file."""
    head = ["WEBVTT\n", *([f"NOTE {note.replace('-->', '→')}\n"] if note else [])]
    blocks = (f"{_clock(cue.start_s, '.')} --> {_clock(cue.stop_s, '.')}\n{_timed(cue)}\n" for cue in _cues(said))
    return "\n".join([*head, *blocks]).encode()


def _cues(said: Iterable[Said]) -> Iterator[_Cue]:
    """What is shown at once; the next one ends the one before."""
    # What nothing was heard of is not shown.
    cues = [cue for each in said if each.stop_s > each.start_s for cue in _split(each)]
    for number, cue in enumerate(cues):
        next_s = cues[number + 1].start_s if number + 1 < len(cues) else float("inf")
        stop_s = min(max(cue.stop_s, cue.start_s + _LEAST_S), max(next_s, cue.stop_s, cue.start_s + _TICK_S))
        yield _Cue(cue.start_s, stop_s, cue.words)


def _split(said: Said) -> Iterator[_Cue]:
    """A piece in as many cues as it needs."""
    groups = _grouped(_words(said))
    for group, after in zip(groups, [*groups[1:], None], strict=True):
        stop_s = said.stop_s if after is None else after[0][1]
        begins = said.start_s if group is groups[0] else group[0][1]
        # Only what the voice told is shown word by word.
        yield _Cue(begins, stop_s, tuple(group if said.words else ((word, None) for word, _ in group)))


def _words(said: Said) -> list[tuple[str, float]]:
    """Its words and when they are heard: as the voice told, else by their share of the letters."""
    if said.words:
        starts = [0, *(word.start for word in said.words[1:])]
        seconds = [word.start_s for word in said.words]
    else:
        starts = [0, *_breaks(said.text)[:-1]]
        a_letter_s = (said.stop_s - said.start_s) / max(1, len(said.text))
        seconds = [said.start_s + start * a_letter_s for start in starts]
    parts = [said.text[start:stop] for start, stop in pairwise([*starts, len(said.text)])]
    return list(zip(parts, seconds, strict=True))


def _breaks(text: str) -> list[int]:
    """Where its lines may end; its own end is the last."""
    return preferred(text, language_of(text, Locale()))


def _columns(text: str) -> int:
    """How wide it is: Chinese and Japanese characters take two columns."""
    return sum(2 if east_asian_width(letter) in ("W", "F") else 1 for letter in text)


def _grouped(words: Sequence[tuple[str, float]]) -> list[list[tuple[str, float]]]:
    """Neighbouring words that are shown together: as few times as they fit into two lines."""
    least = -(-sum(_columns(word) for word, _ in words) // (_LINE * _LINES))
    for count in range(least, least + _TRIES):
        groups = _parted(words, count)
        if all(_fits("".join(word for word, _ in group).strip()) for group in groups):
            break
    return groups


def _parted(words: Sequence[tuple[str, float]], count: int) -> list[list[tuple[str, float]]]:
    """About as many letters each time, and rather up to a comma than beyond."""
    ends = list(accumulate(_columns(word) for word, _ in words))
    cuts: list[int] = []
    for number in range(1, count):
        begun = ends[cuts[-1] - 1] if cuts else 0
        wanted = begun + (ends[-1] - begun) / (count - number + 1)
        places = range((cuts[-1] if cuts else 0) + 1, len(words))
        fitting = [place for place in places if ends[place - 1] - begun <= _LINE * _LINES] or list(places[:1])
        if not fitting:
            break

        def cost(place: int, wanted: float = wanted) -> float:
            is_clause = words[place - 1][0].rstrip()[-1:] in _CLAUSES
            return abs(ends[place - 1] - wanted) - (_WORTH if is_clause else 0)

        cuts.append(min(fitting, key=cost))
    bounds = [0, *cuts, len(words)]
    return [list(words[start:stop]) for start, stop in pairwise(bounds)]


def _timed(cue: _Cue) -> str:
    """A cue's words, each but the first with its time before it."""
    made = []
    for number, (word, second) in enumerate(cue.words):
        tag = f"<{_clock(second, '.')}>" if number and second is not None and cue.start_s < second < cue.stop_s else ""
        made.append(tag + escape(word, quote=False))
    return " ".join("".join(made).split())


def _lined(text: str) -> str:
    """In lines of about one length."""
    if _columns(text) <= _LINE:
        return text
    # The longer of both is as short as it can be.
    ends = _breaks(text)[:-1]
    if not ends:
        return text
    middle = min(ends, key=lambda end: max(_columns(text[:end].rstrip()), _columns(text[end:])))
    return f"{text[:middle].rstrip()}\n{text[middle:]}"


def _fits(text: str) -> bool:
    return all(_columns(line) <= _LINE for line in _lined(text).split("\n"))


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def spoken(pieces: Sequence[tuple[float, Sequence[Said]]]) -> Iterator[Said]:
    """The pieces of several lines as one row: (when the line begins, its pieces)."""
    for begins, said in pieces:
        yield from (each.later(begins) for each in said)
