"""What a language tag says about setting text: its direction, and which shapes of letters its readers expect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.errors import InputError

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?"
    r"(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*(-[a-wyz](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)

_RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
_SCRIPTS = {
    **dict.fromkeys(("ar", "arz", "ckb", "fa", "ks", "ps", "sd", "ug", "ur", "uz-AF"), "Arab"),
    **dict.fromkeys(("he", "iw", "yi"), "Hebr"),
    "dv": "Thaa",
    "nqo": "Nkoo",
    "syr": "Syrc",
    "ja": "Jpan",
    "ko": "Kore",
    "zh": "Hans",
}
"""Scripts that a language is written in, where that decides anything here."""

_TRADITIONAL = frozenset({"TW", "HK", "MO"})


@dataclass(frozen=True)
class Locale:
    """A language tag, taken apart. An empty one says nothing."""

    tag: str = ""
    language: str = ""
    script: str = ""
    region: str = ""

    @property
    def direction(self) -> int | None:
        """0 from left to right, 1 from right to left, None if nothing is said."""
        return None if not self.language else int(self.script in _RIGHT_TO_LEFT)


@lru_cache(maxsize=256)
def locale(tag: str) -> Locale:
    """The locale of a BCP 47 tag, as `de`, `pt-BR`, `zh-Hant` or `ar`; an underscore is as good as a hyphen.

    Raises: InputError if it is none.
    """
    if not tag:
        return Locale()
    match = _TAG.fullmatch(tag.replace("_", "-"))
    if match is None:
        raise InputError(f"locale {tag!r} is no language tag; write one as 'de', 'pt-BR', 'zh-Hant' or 'ar'")
    language, region = match["language"].lower(), (match["region"] or "").upper()
    script = (match["script"] or "").capitalize()
    if not script:
        script = _SCRIPTS.get(f"{language}-{region}") or _SCRIPTS.get(language, "")
        if language == "zh" and region in _TRADITIONAL:
            script = "Hant"
    return Locale(tag.replace("_", "-"), language, script, region)


def usual_form(tag: str) -> str:
    """The tag as it is usually written, as `pt-BR` of `PT_br`. Raises: InputError if it is none."""
    found = locale(tag)
    rest = found.tag.split("-")[1 + bool(_written_script(found)) + bool(found.region) :]
    return "-".join(filter(None, [found.language, _written_script(found), found.region, *rest]))


def _written_script(found: Locale) -> str:
    """The script, if the tag itself names it."""
    return found.script if f"-{found.script.lower()}" in found.tag.lower() and found.script else ""
