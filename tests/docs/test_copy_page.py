"""docs/copy.md says of every key what the code says, and its example is one."""

from __future__ import annotations

import pytest
import yaml

from jobs.copywriter import Copy, Wanted
from tests.docs.pages import ROOT, blocks
from tests.docs.test_kind_pages import default

PAGE = ROOT / "docs/copy.md"
LINES = PAGE.read_text(encoding="utf-8").splitlines()
SCHEMAS = {shape: shape.model_json_schema() for shape in (Copy, Wanted)}


@pytest.mark.parametrize(("shape", "key"), [(shape, key) for shape in SCHEMAS for key in shape.model_fields])
def test_every_key_stands_there_as_the_code_has_it(shape: type[Copy | Wanted], key: str) -> None:
    schema = SCHEMAS[shape]
    value = "none" if schema["properties"][key].get("default") in ({}, []) else default(key, schema)
    assert f"| `{key}` | {value} | {schema['properties'][key]['description']} |" in LINES


def test_the_example_is_right() -> None:
    [text] = blocks(PAGE, "yaml")
    assert set(yaml.safe_load(text)["copy"]) == set(Copy.model_fields) - {"written"}
    assert Copy.model_validate(yaml.safe_load(text)["copy"]).seed == 7
