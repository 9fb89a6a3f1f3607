"""What is wrong with a text, told so that a model can mend it and a person understands it."""

from __future__ import annotations

import re
import unicodedata

from jobs.copywriter.keys import Copy, Wanted
from jobs.copywriter.languages import foreign
from jobs.copywriter.letters import cleaned, count, has_words, without

_MARKUP = re.compile(r"<[/!?\w]|&#?\w+;|\*\*|__|`|[{}]|\]\(|^#+ |^[-*•] |https?://")
"""HTML, Markdown, lists, addresses, and braces, which templates have for variables."""

_SIGNS = frozenset("©®™°№")
"""Of Unicode's many symbols, those that plain words have. The others are pictures."""


def wrong(text: str, wanted: Wanted, copy: Copy, locale: str) -> str:
    """Why a cleaned text cannot be used, as the end of a sentence that begins with its name; empty if it can."""
    if not any(letter.isalnum() for letter in text):
        return "is empty"
    letters = count(text)
    if letters > wanted.most_letters:
        return f"has {letters} letters and may have {wanted.most_letters}"
    if found := _MARKUP.search(text):
        return f"holds {found[0]!r}, and must be plain words"
    if picture := next((each for each in text if unicodedata.category(each) == "So" and each not in _SIGNS), ""):
        return f"holds {picture!r}, and must be plain words"
    for words in copy.banned:
        if has_words(text, words):
            return f"has {words!r}, which is banned"
    glossary = copy.glossary_of(locale)
    return _against_glossary(text, glossary) or foreign(_without_terms(text, glossary), locale)


def _against_glossary(text: str, glossary: dict[str, str]) -> str:
    for term, form in glossary.items():
        rest = without(text, cleaned(form))
        if has_words(rest, form) or has_words(rest, term):
            return f"must have {form!r}, written exactly so, wherever it says {term!r}"
    return ""


def _without_terms(text: str, glossary: dict[str, str]) -> str:
    """Names and terms are what they are, whatever language they sound like."""
    for form in glossary.values():
        text = without(text, cleaned(form))
    return text
