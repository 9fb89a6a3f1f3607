"""What backgrounds are made of in these tests: a small generator, a picture, a film."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from jobs.kinds import KINDS
from pipeline.backgrounds.kept import Kept
from tests.backgrounds.making import KIND
from tests.interiors.making import write_designer
from tests.media import numbered_picture, write_film
from tests.portraits.making import write_generator


@pytest.fixture(autouse=True)
def backed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of job that has nothing but a background."""
    for name, entry in KIND.items():
        monkeypatch.setitem(KINDS, name, entry)


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where job files of these tests lie, and what they name."""
    made = tmp_path_factory.mktemp("backgrounds")
    write_generator(made / "faces.safetensors", "stylegan2")
    write_designer(made / "rooms.safetensors")
    Image.fromarray(numbered_picture(5)).save(made / "five.png")
    write_film(made / "ten.mp4", 10, rate=5)
    (made / "both").mkdir()
    Image.fromarray(numbered_picture(7)).save(made / "both" / "2.png")
    write_film(made / "both" / "10.mp4", 4, rate=4)
    (made / "both" / "notes.txt").write_text("of no use")
    (made / "empty").mkdir()
    return made


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """Room for pictures."""
    return Kept(tmp_path)
