"""What the pages say, in the languages that locales/ has, and which of them a browser is answered in.

    locales/en.json, zh.json   the pages' texts, by key
    locales/keys.zh.json       what the keys of job files mean, by what their JSON Schemas say in English

A text is a string with `{names}` in it, or, where a number decides, an object of strings by Intl's plural categories.
Templates know strings only: numbers and times are the browser's to write, with Intl.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_LOCALES = Path(__file__).parent / "locales"

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
"""Those that there are, by what they call themselves. The first is for whoever reads none of them."""

COOKIE = "language"
"""What a browser remembers its reader's choice in."""

Text = str | dict[str, str]


@cache
def texts(language: str) -> dict[str, Text]:
    """Every text of a language, by its key. Read once."""
    found: dict[str, Text] = json.loads((_LOCALES / f"{language}.json").read_text(encoding="utf-8"))
    return found


@cache
def meanings(language: str) -> dict[str, str]:
    """What the keys of job files mean, by their English descriptions. Empty where those are what is wanted."""
    file = _LOCALES / f"keys.{language}.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


class Wording:
    """One language's texts."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts(language)

    def __call__(self, key: str, **values: str) -> str:
        """A text with its values filled in. Raises: KeyError if there is none of that key, or a value is missing."""
        found = self._texts[key]
        assert isinstance(found, str), f"{key} depends on a number; write it in the browser"
        return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], found)

    def data(self, *rooms: str) -> str:
        """The texts below `common.` and these rooms as JSON that may stand in a <script>: a page's own words."""
        chosen = {key: text for key, text in self._texts.items() if key.partition(".")[0] in ("common", *rooms)}
        return for_script(chosen)


def for_script(values: Mapping[str, object]) -> str:
    """JSON that may stand in a <script>."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def language_of(chosen: str | None, accepted: str | None) -> str:
    """The language for a reader: the one they chose, else what their browser asks for (RFC 9110, 12.5.4)."""
    if chosen is not None and chosen in LANGUAGES:
        return chosen
    ranked = sorted(_ranges(accepted or ""), key=lambda row: -row[1])
    known = (tag.partition("-")[0] for tag, weight in ranked if weight > 0)
    return next((tag for tag in known if tag in LANGUAGES), next(iter(LANGUAGES)))


def _ranges(accepted: str) -> list[tuple[str, float]]:
    """Tags and their weights, in the order they were sent. What is malformed is left out."""
    row = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
    found = [row.fullmatch(part) for part in accepted[:1000].split(",")]
    return [(match[1].lower(), float(match[2] or 1)) for match in found if match]
