"""docs/backgrounds.md says of every key what the code says, and its examples can be planned."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from jobs.kinds import KINDS
from jobs.kinds.background_keys import Background, nestable_kinds
from pipeline.backgrounds.kept import ROOM_BYTES
from tests.backgrounds.making import KIND, planned
from tests.diffusion.folders import write_folder
from tests.docs.motions import register_cmu
from tests.docs.pages import ROOT, blocks
from tests.docs.test_kind_pages import default
from tests.media import write_film

PAGE = ROOT / "docs/backgrounds.md"
LINES = PAGE.read_text(encoding="utf-8").splitlines()
SCHEMA = {"required": [], "properties": Background.model_json_schema()["anyOf"][2]["properties"]}
KEYS = sorted(SCHEMA["properties"].keys() - {"kind"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the examples name."""
    made = tmp_path_factory.mktemp("page")
    (made / "photos").mkdir()
    for name in ("harbour.jpg", "wave.jpg", "photos/one.jpg"):
        Image.new("RGB", (64, 64), "teal").save(made / name)
    write_folder(made / "stable-diffusion-xl", "sdxl")
    for name in ("waves.mp4", "clouds.mp4"):
        write_film(made / name, 4)
    return made


@pytest.mark.parametrize("key", KEYS)
def test_every_key_stands_there_as_the_code_has_it(key: str) -> None:
    said = SCHEMA["properties"][key]
    value = "none" if said.get("default") == [] else default(key, SCHEMA)
    assert f"| `{key}` | {value} | {said['description']} |" in LINES


@pytest.mark.parametrize("text", blocks(PAGE, "yaml"))
def test_its_examples_can_be_planned(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "backed", KIND["backed"])
    monkeypatch.setattr("jobs.registry.HOME", folder)
    register_cmu(folder)
    brief = planned(text, folder, seconds=Fraction(6), rate=Fraction(30)).brief
    assert brief.painted or brief.own


def test_every_kind_that_can_be_one_is_named() -> None:
    assert all(f"`{name}`" in PAGE.read_text(encoding="utf-8") for name in nestable_kinds())


def test_the_room_is_the_codes() -> None:
    assert f"most {ROOM_BYTES / 1e9:g} GB" in PAGE.read_text(encoding="utf-8").replace("\n", " ")
