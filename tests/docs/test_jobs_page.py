"""docs/jobs.md says of every key and deliverable what the code says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jobs.kinds.film import FilmSpec
from jobs.kinds.styles import AnyPainting
from jobs.spec import json_schema
from pipeline.film.deliverables import DELIVERABLES
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/jobs.md").read_text(encoding="utf-8")
LINES = PAGE.splitlines()
SCHEMA = json_schema("film")
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "object": "mapping",
    "boolean": "`true` or `false`",
}
PLURALS = {"string": "names", "integer": "whole numbers", "object": "mappings"}


def takes(key: dict[str, Any]) -> str:
    """What a key's JSON Schema allows, as people say it."""
    if "const" in key:
        return f"`{key['const']}`"
    forms = key.get("anyOf") or key.get("oneOf") or [key]
    return " or ".join(_one(form) for form in forms if form.get("type") != "null")


def _one(form: dict[str, Any]) -> str:
    if "enum" in form:
        return " or ".join(f"`{word}`" for word in form["enum"])
    if form.get("type") == "array":
        return f"list of {PLURALS[form['items'].get('type', 'object')]}"
    limits = f", {form['minimum']:,} to {form['maximum']:,}" if "minimum" in form else ""
    return WORDS[form.get("type", "object")] + limits


def default(name: str) -> str:
    """A key's default, as it is written in YAML."""
    if name in SCHEMA["required"]:
        return "must be given"
    value = SCHEMA["properties"][name].get("default")
    if isinstance(value, list) and value:
        return f"`{', '.join(value)}`"
    return "none" if value in (None, [], {}) else f"`{value}`"


def first_cells(heading: str) -> set[str]:
    """The names in the first column of the table below a heading."""
    text = PAGE.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", SCHEMA["properties"])
def test_every_key_stands_there_as_the_schema_has_it(name: str) -> None:
    key = SCHEMA["properties"][name]
    assert f"| `{name}` | {takes(key)} | {default(name)} | {key['description']} |" in LINES


def test_no_other_key_stands_there() -> None:
    assert first_cells("## Keys") == set(FilmSpec.model_fields)


@pytest.mark.parametrize("name", AnyPainting.model_fields)
def test_every_key_of_a_painted_style_stands_there(name: str) -> None:
    key = SCHEMA["$defs"]["AnyPainting"]["properties"][name]
    value = f"`{key['default']}`" if key["default"] is not None else "none"
    assert f"| `{name}` | {takes(key)} | {value} | {key['description']} |" in LINES


@pytest.mark.parametrize("name", DELIVERABLES)
def test_every_deliverable_stands_there_as_its_row_has_it(name: str) -> None:
    row = DELIVERABLES[name]
    # The many kinds of PCM are one word.
    copied = ", ".join(sorted({re.sub(r"pcm_.*", "pcm", codec) for codec in row.copies_audio}))
    cells = [f"`{name}`", f"`{row.suffix}`", row.codec, row.pix_fmt, copied, row.audio_codec]
    assert "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|" in LINES


def test_no_other_deliverable_stands_there() -> None:
    assert first_cells("### `deliver`") == set(DELIVERABLES)
