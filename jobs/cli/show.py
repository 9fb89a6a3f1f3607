"""The two consoles, and how numbers look on them. Rich obeys NO_COLOR and TERM=dumb."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from rich.console import Console

_PIPE_WIDTH = 200
"""Characters a line where nobody's window limits it, so that a table in a log is not cut."""

STATE_STYLES = {
    "running": "cyan",
    "stitching": "cyan",
    "paused": "yellow",
    "waiting": "yellow",
    "done": "green",
    "failed": "bold red",
    "cancelled": "red",
}


def out() -> Console:
    """The console for results."""
    return _console(stderr=False)


def talk() -> Console:
    """The console for errors, progress and advice."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    # Asked anew each time: tests and pipes change the streams under us.
    stream = sys.stderr if stderr else sys.stdout
    wide = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(stderr=stderr, highlight=False, width=wide)


def is_live(console: Console) -> bool:
    """Whether progress bars can be drawn and redrawn there."""
    return console.is_terminal and not console.is_dumb_terminal


def print_json(value: Any) -> None:
    """One JSON document on standard output, for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def state(name: str) -> str:
    """A job's state in its colour, as markup."""
    style = STATE_STYLES.get(name)
    return f"[{style}]{name}[/]" if style else name


def duration(seconds: float | None) -> str:
    """`0:37`, `1:02:03`, `2 d 03:04:05`; a dash if it is not known."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size(count: int) -> str:
    """Bytes as people say them, in powers of ten."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"


def rate(frames_a_second: float | None, noun: str = "frame") -> str:
    """`3.2 frames/s`; a dash if it is not known. `noun`: what the frames are called."""
    if frames_a_second is None:
        return f"- {noun}s/s"
    digits = 0 if frames_a_second >= 100 else 1 if frames_a_second >= 1 else 2
    return f"{frames_a_second:.{digits}f} {noun}s/s"


def count(number: int, noun: str) -> str:
    """`1 frame`, `1,200 frames`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
