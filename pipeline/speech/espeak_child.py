"""The process that espeak-ng speaks in: a request comes in as JSON, samples and times go out.

Run by itself, with the standard library alone: espeak-ng is another program under another licence (GPL-3.0-or-later),
and a crash of its is nobody else's. One process says one thing, so that nothing of it depends on what was said before.

In: `{"library", "data", "text", "voice", "rate", "pitch", "seed"}`, or the first two to be told which voices there are.
Out: one line of JSON, `{"rate", "words": [[begins, at_sample], …]}`, `{"version", "voices": [[language, voice], …]}`
or `{"error"}`, and after it the samples, 16 bits each, little-endian.
Source: espeak-ng's speak_lib.h.
"""

import array
import ctypes
import json
import sys

_RETRIEVAL, _SYNCHRONOUS = 1, 2
"""Where its samples go: to a callback, whose answers it waits for."""

_NO_EXIT = 0x8000
"""So that it says what is wrong, where it would end the process."""

_RATE, _PITCH = 1, 3
"""Of its parameters: words a minute; 0 to 100."""

_UTF8, _CHARACTERS = 1, 1
_LAST, _WORD = 0, 1
"""Of its events: after the last one; a word."""


class _Said(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("said", _Said),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.POINTER(ctypes.c_char)),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer, samples = _answer(request)
    except (OSError, AttributeError, ValueError) as error:
        answer, samples = {"error": str(error)}, array.array("h")
    if sys.byteorder == "big":
        samples.byteswap()
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + samples.tobytes())


def _answer(request: dict) -> tuple[dict, array.array]:
    library = ctypes.CDLL(request["library"])
    data = request["data"]
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, None if data is None else data.encode(), _NO_EXIT)
    if rate <= 0:
        raise ValueError("it finds none of its data")
    if "text" not in request:
        library.espeak_Info.restype = ctypes.c_char_p
        version = library.espeak_Info(None).decode().partition(" ")[0]
        return {"version": version, "voices": _voices(library)}, array.array("h")
    return _spoken(library, rate, request)


def _voices(library: ctypes.CDLL) -> list[list[str]]:
    """Every language, in lower case, and the voice that speaks it; the one that suits it best comes first."""
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    listed = library.espeak_ListVoices(None)
    found, at = [], 0
    while listed[at]:
        voice = listed[at].contents
        # Pairs: a byte that is lower the better it suits, and a name that ends in a zero; an empty one ends them.
        place = ctypes.cast(voice.languages, ctypes.c_void_p).value or 0
        while place and (suits := ctypes.string_at(place, 1)) != b"\0":
            language = ctypes.string_at(place + 1)
            found.append((suits[0], at, language.decode().lower(), voice.identifier.decode()))
            place += len(language) + 2
        at += 1
    return [[language, voice] for _, _, language, voice in sorted(found)]


def _seed(library: ctypes.CDLL, seed: int) -> None:
    """Give it chance that is always the same: it takes the time's, for the breath in some of its throats."""
    # Before 1.52 it took C's.
    for source, name in ((library, "espeak_ng_SetRandSeed"), (ctypes.CDLL(None), "srand")):
        if hasattr(source, name):
            getattr(source, name)(seed)


def _spoken(library: ctypes.CDLL, rate: int, request: dict) -> tuple[dict, array.array]:
    if library.espeak_SetVoiceByName(request["voice"].encode()):
        raise ValueError(f"it has no voice {request['voice']!r}")
    samples, words = array.array("h"), []

    def take(block, count, told) -> int:
        if block and count:
            samples.frombytes(ctypes.string_at(block, 2 * count))
        at = 0
        while told[at].kind != _LAST:
            if told[at].kind == _WORD:
                words.append([told[at].position - 1, told[at].sample])
            at += 1
        return 0

    callback = _Callback(take)
    library.espeak_SetSynthCallback(callback)
    _seed(library, request["seed"])
    library.espeak_SetParameter(_RATE, request["rate"], 0)
    library.espeak_SetParameter(_PITCH, request["pitch"], 0)
    text = request["text"].encode()
    if library.espeak_Synth(text, len(text) + 1, 0, _CHARACTERS, 0, _UTF8, None, None):
        raise ValueError("it could not say the text")
    library.espeak_Synchronize()
    return {"rate": rate, "words": words}, samples


main()
