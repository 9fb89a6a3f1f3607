"""eSpeak NG: over a hundred languages by rules, understood rather than admired, and nothing to download. Torch-free.

It speaks in a process of its own, one for each piece (espeak_child.py): about 30 ms. Its library is the one of the
package `espeakng-loader`, or the system's. What is chance in it, the breath of some of its throats, has a seed.
"""

from __future__ import annotations

import ctypes.util
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import ConfigError, InputError
from pipeline.speech.sound import stretched
from pipeline.speech.text import quoted, whole_words
from pipeline.speech.voices import Asked, Spoken
from pipeline.typography.scripts import script

_CHILD = Path(__file__).with_name("espeak_child.py")

_LONGEST_S = 120
"""For a piece that takes a hundredth of a second."""

_WORDS_A_MINUTE = 165
"""At speed 1: what newsreaders speak; its own default is 175."""

_SLOWEST = 80
"""Words a minute that it speaks at least, whatever it is asked for; what is slower is stretched."""

_MIDDLE = 50

_SEEDS = 2**31

_FULL = 32_768

MISSING = (
    "speaks by eSpeak NG, which this machine lacks; write pip install 'atelier[speech]', or install espeak-ng, "
    "or name another voice"
)


@dataclass(frozen=True)
class Library:
    """Where it is."""

    path: str
    data: str | None
    """Its folder of languages; None: the library knows."""


@lru_cache(maxsize=1)
def library() -> Library | None:
    """The library on this machine, if there is one."""
    found = find_spec("espeakng_loader")
    if found is not None and found.submodule_search_locations:
        folder = Path(found.submodule_search_locations[0])
        for name in ("libespeak-ng.so", "libespeak-ng.dylib", "espeak-ng.dll"):
            if (folder / name).is_file():
                return Library(str(folder / name), str(folder / "espeak-ng-data"))
    system = ctypes.util.find_library("espeak-ng")
    return None if system is None else Library(system, None)


@dataclass(frozen=True)
class Offered:
    """What it can say."""

    version: str
    voices: dict[str, str]
    """Language, in lower case → what its voice is called by."""
    variants: frozenset[str]
    """Its throats; empty where nobody knows."""

    def check_throat(self, variant: str) -> None:
        """Raises: InputError if there is no such throat."""
        if variant and self.variants and variant not in self.variants:
            some = ", ".join(sorted(name for name in self.variants if name[:1] == variant[:1])[:8]) or "f3, m3, croak"
            raise InputError(f"eSpeak NG has no throat {variant!r}; it has {some} and others")

    def check(self, text: str, language: str) -> None:
        """Raises: InputError if it lacks the language, or would name a text's letters, and say none of its words."""
        if self.voice(language).endswith("/ja") and any(script(letter) == "Hani" for letter in text):
            raise InputError(
                f"eSpeak NG reads no Chinese characters in Japanese, as in {quoted(text)}; write it in kana"
            )

    def voice(self, language: str) -> str:
        """The voice of a language, or of the language without its region. Raises: InputError if there is none."""
        tag = language.lower().replace("_", "-")
        while tag:
            if tag in self.voices:
                return self.voices[tag]
            tag = tag.rpartition("-")[0]
        near = sorted({name for name in self.voices if name[:1] == language[:1].lower() and len(name) <= 3})
        like = f"; it has {', '.join(near)} and others" if near else ""
        raise InputError(f"eSpeak NG does not speak {language!r}{like}")


@lru_cache(maxsize=1)
def offered() -> Offered:
    """Its languages. Raises: ConfigError if it is not here."""
    told, _ = _asked({})
    voices: dict[str, str] = {}
    for language, voice in told["voices"]:
        voices.setdefault(language, voice)
    found = library()
    throats = Path(found.data, "voices/!v") if found is not None and found.data is not None else None
    variants = frozenset(path.name for path in throats.iterdir()) if throats is not None and throats.is_dir() else ()
    return Offered(told["version"], voices, frozenset(variants))


class EspeakVoice:
    """One way that it speaks."""

    def __init__(self, variant: str = "") -> None:
        """`variant`: another throat, as `f3` or `croak`."""
        self._variant = variant

    @property
    def said(self) -> str:
        """Who speaks, for people. Raises: ConfigError if it is not here."""
        return f"eSpeak NG {offered().version}, by rules and no model"

    def say(self, text: str, asked: Asked) -> Spoken:
        """Raises: InputError if it lacks the language; ConfigError if it is not here."""
        voice = offered().voice(asked.language or "en")
        wanted = round(_WORDS_A_MINUTE * asked.speed)
        request = {
            "text": text,
            "voice": f"{voice}+{self._variant}" if self._variant else voice,
            "rate": max(wanted, _SLOWEST),
            "pitch": _MIDDLE,
            "seed": asked.seed % _SEEDS,
        }
        told, data = _asked(request)
        tempo = min(1.0, wanted / _SLOWEST)
        samples = stretched(np.frombuffer(data, "<i2").astype(np.float32) / _FULL, told["rate"], tempo)
        words = ((begins, at / told["rate"] / tempo) for begins, at in told["words"])
        return Spoken(samples, told["rate"], whole_words(text, asked.language, words))


def _asked(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What the child answers. Raises: ConfigError if there is no library, or it does not work; InputError."""
    found = library()
    if found is None:
        raise ConfigError(f"voice espeak-ng: {MISSING}")
    message = json.dumps({"library": found.path, "data": found.data, **request}).encode()
    try:
        done = subprocess.run(
            # Neither the user's site nor their environment: it needs the standard library.
            [sys.executable, "-I", "-S", str(_CHILD)],
            input=message,
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"eSpeak NG took longer than {_LONGEST_S} s to say a piece of {len(message)} bytes") from error
    head, _, samples = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        why = f"ended with {done.returncode}"
        raise ConfigError(f"{found.path}: eSpeak NG {why}; install it anew, or name another voice")
    told: dict[str, Any] = json.loads(head)
    if "error" in told:
        raise ConfigError(f"{found.path}: eSpeak NG cannot speak: {told['error']}")
    return told, samples
