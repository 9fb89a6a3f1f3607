"""Every job file that we print or ship is right, down to the frames of its source."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from shutil import copytree

import cv2
import numpy as np
import pytest
import yaml

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from pipeline.storage import is_remote
from tests.docs.edits import write_edit_files
from tests.docs.motions import register_cmu
from tests.docs.pages import PAGES, ROOT, blocks, name
from tests.docs.rooms import register_rooms
from tests.media import numbered_picture, write_film

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))

PRINTED = [
    pytest.param(text, id=f"{name(page)}-{number}")
    for page in PAGES
    for number, text in enumerate(blocks(page, "yaml"))
    if isinstance(yaml.safe_load(text), dict) and "source" in yaml.safe_load(text)
]


def make_source(text: str, folder: Path) -> None:
    """Put a tiny source where the job file says that one is, and the tables that ship beside it."""
    values = yaml.safe_load(text)
    if table := values.get("audiences"):
        (folder / table).write_bytes((ROOT / "examples" / table).read_bytes())
    for picture in (values.get("content"), *values.get("paintings", ())):
        if picture:
            cv2.imwrite(str(folder / picture), numbered_picture(1, 32, 32))
    if "source" not in values:
        return
    source = str(values["source"])
    if is_remote(source):
        return
    if (ROOT / "examples" / source).is_file():
        # It ships, with all that its job file reads.
        copytree((ROOT / "examples" / source).parent, (folder / source).parent)
        return
    write_edit_files(values, folder)
    path = folder / source
    first, last = (int(number) for number in str(values.get("frames", "1-3")).split("-"))
    last = 96 if "trim" in values else last
    (path if source.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
    picture = numbered_picture(1, 160, 96)
    if source.endswith("/"):
        cv2.imwrite(str(path / "any.png"), picture)
    elif "%" in source:
        for number in range(first, last + 1):
            cv2.imwrite(str(path) % number, picture)
    else:
        moving = [np.roll(picture, n, 1) for n in range(last)]
        sound = "aac" if "sound" in values else None
        write_film(path.with_suffix(".mp4"), moving, rate=Fraction(24), sound=sound)
        path.with_suffix(".mp4").rename(path)


def planned(text: str, folder: Path) -> Plan:
    """The plan of a job file in that folder, as `atelier check` makes it."""
    spec, located = parse(text, path="job.yaml", folder=folder)
    return plan_job(spec, located, Settings(), token="")


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_every_example_can_be_planned(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.registry.HOME", tmp_path)
    register_rooms(tmp_path)
    register_cmu(tmp_path)
    folder = tmp_path / "examples"
    folder.mkdir()
    text = example.read_text(encoding="utf-8")
    make_source(text, folder)
    assert planned(text, folder).frames >= 1


@pytest.mark.parametrize("text", PRINTED)
def test_every_printed_job_file_can_be_planned(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    make_source(text, folder)
    assert planned(text, folder).frames >= 1


def test_the_readme_prints_the_example_that_it_names() -> None:
    [printed] = blocks(ROOT / "README.md", "yaml")
    shipped = yaml.safe_load((ROOT / "examples/film.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(printed).items() <= shipped.items()


def test_the_example_of_a_first_run_takes_the_film_that_the_demo_draws() -> None:
    demo, film = (yaml.safe_load((ROOT / f"examples/{stem}.yaml").read_text()) for stem in ("demo", "film"))
    assert film["source"] == demo["source"]
