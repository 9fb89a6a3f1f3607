"""docs/marks.md knows every kind, every format and every key of a label."""

from __future__ import annotations

import re

import pytest

from jobs.kinds import KINDS
from jobs.kinds.base import LabelKeys
from pipeline.provenance.aigc import field_of
from pipeline.provenance.formats import FORMATS
from pipeline.provenance.label import TEXTS
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/marks.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    """The words in the first column of the table below a heading."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)
    return {word for cell in cells for word in re.split(r"[ ,`]+", cell) if word}


def test_every_kind_has_its_term() -> None:
    assert set(KINDS) <= first_cells("What each kind of job says")


def test_every_format_has_its_places() -> None:
    assert {row.name for row in FORMATS} <= first_cells("Where it lies")


@pytest.mark.parametrize("key", LabelKeys.model_fields)
def test_every_key_of_a_label_stands_there(key: str) -> None:
    told = LabelKeys.model_json_schema()["properties"][key]
    default = "none" if told["default"] is None else f"`{told['default']}`"
    assert f"| `{key}` | {default} | {told['description']} |" in PAGE.splitlines()


def test_the_field_looks_as_it_is_written() -> None:
    assert field_of("Studio-1", "ed0f62d28c53cd855ff62d4f023ffb98") in PAGE
    assert f"in {len(TEXTS)} languages" in PAGE
