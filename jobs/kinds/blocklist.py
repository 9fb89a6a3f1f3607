"""Words that no prompt may hold, as whoever runs the farm has listed them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from jobs.config import Settings
from pipeline.errors import ConfigError

_SETTING = "ATELIER_PROMPT_BLOCKLIST"


def blocked(settings: Settings, texts: Iterable[str]) -> str | None:
    """The first listed word or phrase that stands in any of the texts, as whole words, whatever its case; else None.

    Raises: ConfigError if the list cannot be read: no prompt passes unread.
    """
    if settings.prompt_blocklist is None:
        return None
    path = Path(settings.prompt_blocklist).expanduser()
    try:
        status = path.stat()
        pattern = _pattern(path, status.st_size, status.st_mtime_ns)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the list of words that prompts may not hold cannot be read ({_SETTING})") from error
    if pattern is None:
        return None
    found = (pattern.search(_plain(text)) for text in texts)
    return next((match[1] for match in found if match), None)


@lru_cache(maxsize=4)
def _pattern(path: Path, size: int, modified_ns: int) -> re.Pattern[str] | None:
    lines = (_plain(line) for line in path.read_text(encoding="utf-8-sig").splitlines())
    words = sorted({line for line in lines if line and not line.startswith("#")}, key=len, reverse=True)
    if not words:
        return None
    # Chinese and Japanese part no words: there a phrase is found anywhere.
    return re.compile("|".join(["(" + "|".join(map(_bounded, words)) + ")"]))


def _bounded(word: str) -> str:
    begins, ends = (r"(?<!\w)" if _parts_words(word[0]) else ""), (r"(?!\w)" if _parts_words(word[-1]) else "")
    return f"{begins}{re.escape(word)}{ends}"


def _parts_words(letter: str) -> bool:
    return letter.isalnum() and unicodedata.east_asian_width(letter) not in ("W", "F")


def _plain(text: str) -> str:
    """Without the differences of case, width and spaces that would hide a word."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
