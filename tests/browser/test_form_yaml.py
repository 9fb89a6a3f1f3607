"""What the form writes into a job file is read back as it was meant. The browser writes YAML, and Python reads it."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page

from jobs.web import pages
from tests.web import serving

NASTY = [
    *("yes", "No", "on", "y", "~", "null", "NaN", "", "-", "=", "<<", "..."),
    *("1", "1.5", ".5", "1.", "+1", "0x1F", "1e3", "0o17", "0123", "1_000", "1,234", "1:30", "12:30:45"),
    *("2026-01-01", "2026-11", "1-2-3", "1-240", "0-63,100", "1080x1350", "100-148"),
    *(" a", "a ", "a: ", "a: b", "a #b", "#x", "x:y", "node:", "- a", "? a", "[x]", "{a}", "*a", "&a", "!t", "%x"),
    *("'q'", '"q"', "a'b", "a,b", "a\nb", "a\n\nb c", "\na", "a\n b", "a\nb\n", "a\n# b", "x\t\ny", "\u2028", "\x85"),
    *("s3://films/bay.mp4", "C:\\x", "~/x", "{campaign}/{date}", "100%", "(a)", "é中文\uff1a冒号"),
]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page that has loaded what the form writes with."""
    page = chromium.new_page()
    with serving(pages.STATIC) as url:
        page.goto(f"{url}/icon.svg")
        page.evaluate("import('/yaml.js').then((yaml) => (globalThis.yaml = yaml))")
    yield page
    page.close()


def test_a_file_says_what_was_meant(page: Page) -> None:
    chance = random.Random(5)
    files = [{f"key{number}": value(chance) for number in range(3)} for _ in range(500)]
    written = page.evaluate("(files) => files.map(yaml.file)", files)
    for file, text in zip(files, written, strict=True):
        assert yaml.safe_load(text) == file, text


def test_a_changed_key_leaves_the_rest_as_it_was(page: Page) -> None:
    chance = random.Random(6)
    changes = [
        ["# mine\n\na: 1 # here\nb:\n- 2\n\n# why c\nc: 3\n", chance.choice("abcd"), value(chance)] for _ in range(200)
    ]
    written = page.evaluate("(changes) => changes.map(([text, key, value]) => yaml.withKey(text, key, value))", changes)
    for (_, key, new), text in zip(changes, written, strict=True):
        assert yaml.safe_load(text) == {"a": 1, "b": [2], "c": 3} | {key: new}, text
        assert "# mine" in text
        assert "\n# why c\n" in text
        assert key == "a" or "a: 1 # here" in text


def test_a_key_without_a_value_is_taken_out(page: Page) -> None:
    text = "kind: film\nshots:\n  2: great-wave\n\n# where\noutput: out/\n"
    assert (
        page.evaluate("(text) => yaml.withKey(text, 'shots', undefined)", text)
        == "kind: film\n\n# where\noutput: out/\n"
    )


def value(chance: random.Random, depth: int = 0) -> Any:
    """Something that a job file might hold, and somebody's cat might type."""
    kind = chance.random()
    if depth < 3 and kind < 0.15:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if depth < 3 and kind < 0.3:
        return {chance.choice(NASTY) + "k": value(chance, depth + 1) for _ in range(chance.randrange(4))}
    if kind < 0.4:
        return chance.choice([0, 1, -5, 1.5, 1e-9, 12_345_678_901, True, False, None])
    if kind < 0.8:
        return chance.choice(NASTY)
    return "".join(chance.choices(string.printable[:95] + "中é", k=chance.randint(1, 12)))
