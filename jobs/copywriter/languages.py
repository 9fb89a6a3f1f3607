"""In which language a short text is, as far as it shows: by its script, and by small words that others do not have.

A few words are too little for statistics, so nothing is guessed: a text is said to be in another language if it has two
of that one's small words and none of its own, or is written in a script that its own does not use.
"""

from __future__ import annotations

from jobs.copywriter.letters import words_of
from pipeline.typography.locales import locale as parsed
from pipeline.typography.scripts import script

_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mr": "Marathi",
    "nb": "Norwegian",
    "ne": "Nepali",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}

_SCRIPTS = {
    **dict.fromkeys(("ar", "fa", "ur"), "Arab"),
    **dict.fromkeys(("bg", "mk", "ru", "uk"), "Cyrl"),
    **dict.fromkeys(("hi", "mr", "ne"), "Deva"),
    "bn": "Beng",
    "el": "Grek",
    "he": "Hebr",
    "ta": "Taml",
    "te": "Telu",
    "th": "Thai",
}
"""Language → the script that it is written in, where its tag does not say. `sr` is written in two; the other languages
above in Latin."""

_WRITTEN = {
    "Arab": "Arabic",
    "Beng": "Bengali",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Grek": "Greek",
    "Hani": "Chinese",
    "Hang": "Korean",
    "Hebr": "Hebrew",
    "Jpan": "Japanese",
    "Latn": "Latin",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Thai": "Thai",
}
"""Script → what its letters are called."""

_LETTERS = {"Jpan": {"Hani", "Hira", "Kana"}, "Hang": {"Hang", "Hani"}, "Hani": {"Hani", "Bopo"}}
"""Script of a language → the scripts that its letters are of, where there are several."""

_SAME = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang"}
"""Tags' names of scripts whose letters are of another."""

_LEAST_SHARE = 1 / 3
"""Of a text's letters that are of its language's script; names may be in another."""

# ruff: noqa: RUF001
# Letters of other alphabets are meant here.
_WORDS = {
    "en": "the and of with for your you our is are this that from what who to be have more now here where all not",
    "de": "der die das und mit für von ist sind nicht ein eine einen dein deine ihr wir auf zu im am den dem des jetzt",
    "fr": "le la les et de des du un une pour avec dans est sont votre vous nous au aux sur qui que ne pas ce cette",
    "es": "el la los las y de del un una para con en es son tu su por que no se lo al esta este",
    "it": "il lo la gli le e di del della un una per con in è sono tuo tua che non si dei alla al da questo",
    "pt": "o a os as e de do da dos um uma para com em é são seu sua que não se no na ao por este",
    "nl": "de het een en van met voor is zijn niet je jouw uw wij op in te dat die ook nu hier",
    "sv": "och att det en ett som för med på är av du din ditt vi inte till den de",
    "da": "og at det en et som for med på er af du din dit vi ikke til den de",
    "nb": "og å det en et som for med på er av du din ditt vi ikke til den de",
    "fi": "ja on ei se että kanssa sinun nyt joka mutta tai me he tämä olla",
    "pl": "i w na z do się nie jest są dla od po to że twój twoja jak",
    "cs": "a v na s do se je jsou pro od po to že tvůj tvoje jak ve ze",
    "tr": "ve bir bu için ile de da ne çok gibi daha sen senin şimdi",
    "ru": "и в на с по не это для от до что как вы ваш ваша мы из у",
    "uk": "і в на з по не це для від до що як ви ваш ваша ми із у та",
}
"""Small words of languages: frequent, and found in nearly every sentence."""

_SMALL = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_ENOUGH = 2


def called(locale: str) -> str:
    """A locale's language in English, as models know it, and its tag."""
    if not locale:
        return "that of the brief"
    language = _language(locale)
    return f"{_NAMES[language]} ({locale})" if language in _NAMES else locale


def foreign(text: str, locale: str) -> str:
    """Why the text cannot be in the locale's language; empty if nothing speaks against it."""
    return _foreign_script(text, locale) or _foreign_words(text, _language(locale))


def _foreign_script(text: str, locale: str) -> str:
    own = _script(locale)
    found = [script(letter) for letter in text if letter.isalpha()]
    if own not in _WRITTEN or not found:
        return ""
    share = sum(each in _LETTERS.get(own, {own}) for each in found) / len(found)
    return "" if share >= _LEAST_SHARE else f"is not written in {_WRITTEN[own]} letters"


def _script(locale: str) -> str:
    language = _language(locale)
    usual = _SCRIPTS.get(language, "Latn" if language in _NAMES and language != "sr" else "")
    named = parsed(locale).script
    return _SAME.get(named, named) or usual


def _foreign_words(text: str, language: str) -> str:
    own, words = _SMALL.get(language), words_of(text)
    if own is None or any(word in own for word in words):
        return ""
    hits = {other: [word for word in words if word in small] for other, small in _SMALL.items() if other != language}
    other = max(hits, key=lambda name: len(hits[name]))
    if len(hits[other]) < _ENOUGH:
        return ""
    said = " and ".join(repr(word) for word in hits[other][:2])
    return f"is in {_NAMES[other]} ({said})"


def _language(locale: str) -> str:
    language = parsed(locale).language
    return "nb" if language == "no" else language
