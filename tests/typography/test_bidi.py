"""Mixed directions stand as Unicode says: compared with another implementation, and where that one is silent."""

from __future__ import annotations

import random
import unicodedata

import bidi as reference
import pytest

from pipeline.typography import bidi
from pipeline.typography.bidi.resolve import CLOSERS

_LETTERS = "ab1 2,.-+%$()[]{}/!" + "אבابج١٢" + "\u0301\u0650\u3008\u3009\u2329\u232a"
_CONTROLS = "".join(map(chr, (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def _shown(text: str, base: int) -> str:
    """From left to right, as this module orders it."""
    levels = bidi.levels(text, base)
    runs = bidi.visual_runs(text, levels, range(len(text)), base)
    return "".join(text[run.start : run.stop][:: -1 if level % 2 else 1] for run, level in runs)


def _seen(text: str) -> str:
    return "".join(letter for letter in text if letter not in _CONTROLS)


@pytest.mark.parametrize("base", [0, 1])
def test_orders_letters_as_the_unicode_bidi_crate_does(base: int) -> None:
    chance = random.Random(9)
    for _ in range(1500):
        # One letter from right to left at least: without any, the crate leaves out the algorithm's last step.
        text = "".join(chance.choices(_LETTERS + _CONTROLS, k=chance.randint(1, 16))) + "א"
        assert _seen(_shown(text, base)) == _seen(reference.get_display(text, base_dir="LR"[base])), ascii(text)


def test_a_latin_name_stands_in_its_own_order_within_arabic() -> None:
    assert _shown("معرض Atelier 2026!", 1) == "!Atelier 2026 ضرعم"


def test_a_space_at_the_end_of_a_line_goes_with_the_paragraph() -> None:
    text = "אב ab cd"
    levels = bidi.levels(text, 1)
    assert bidi.visual_runs(text, levels, range(6), 1) == [(range(5, 6), 1), (range(3, 5), 2), (range(3), 1)]


def test_an_isolate_keeps_what_is_in_it_from_what_is_around() -> None:
    isolated = "1 \u2067א 2\u2069 b"
    assert _seen(_shown(isolated, 0)) == "1 2 א b"
    assert _seen(_shown(isolated.replace("\u2067", "").replace("\u2069", ""), 0)) == "1 2 א b"[::1].replace(
        "2 א", "2 א"
    )


def test_brackets_are_unicodes_own() -> None:
    """Every pair of mirrored brackets that Python's data know is one, and no other."""
    openers = {
        code for code in range(0x10000) if unicodedata.category(chr(code)) == "Ps" and unicodedata.mirrored(chr(code))
    }
    assert set(CLOSERS) == openers
    assert all(unicodedata.category(chr(code)) == "Pe" for code in CLOSERS.values())
