"""train-gan job files: what they amount to, and what they may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.training.gan.brief import GanBrief, GanRecipe
from tests.training.tiny import draw_pictures

FILE = "kind: train-gan\nname: faces\nimages: portraits\noutput: out/\n"


def planned(folder: Path, more: str = "", text: str = FILE) -> Plan:
    spec, located = parse(text + more, path="gan.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def test_defaults_are_the_recipes(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    brief = GanBrief.from_json(plan.inputs)
    assert brief.recipe == GanRecipe()
    assert (brief.images, brief.schedule.iterations, brief.schedule.mixed_precision) == ("portraits", 12_500, True)
    assert (plan.frames, plan.chunks) == (40, ((0, 40),))
    assert plan.products == ("faces.safetensors", "faces.md", "faces-curves.png")


def test_keys_become_the_recipe(tmp_path: Path) -> None:
    plan = planned(tmp_path, "size: 128\nbatch: 32\nkimg: 3.2\npreview_every: 1\nmirror: true\naugment: false\n")
    brief = GanBrief.from_json(plan.inputs)
    assert (brief.recipe.size_px, brief.recipe.mirror, brief.recipe.augment) == (128, True, False)
    assert (brief.schedule.iterations, brief.schedule.preview_every, plan.frames) == (100, 32, 4)


def test_a_folder_is_looked_at_and_other_pictures_are_another_job(tmp_path: Path) -> None:
    folder = draw_pictures(tmp_path / "discs", count=100, size=(70, 64))
    text = FILE.replace("portraits", "discs")
    before = planned(tmp_path, text=text)
    assert before.inputs["images"] == str(folder)
    assert before.notes[0].startswith("100 pictures are few")
    (folder / "0.png").rename(folder / "first.png")
    assert planned(tmp_path, text=text).job != before.job


@pytest.mark.parametrize(
    ("images", "more", "said"),
    [
        ("portraits", "size: 48\n", "gan.yaml:5: size: 48 px; write a power of two, 32, 64, 128 or 256"),
        ("portraits", "kimg: 0\n", "gan.yaml:5: kimg: input should be greater than 0"),
        (
            "portraits",
            "preview_every: 0.1\n",
            "gan.yaml:5: preview_every: 200 thousand pictures would have 1,786",
        ),
        ("portraits", "chunk: 3\n", "gan.yaml:5: chunk: this kind of job is one piece of work"),
        ("portraits", "credit: a | b\n", "gan.yaml:5: credit: is one line of text without |"),
        ("portraits", "batch: true\n", "gan.yaml:5: batch: is true, as YAML reads it; write a number"),
        ("gone", "", "gan.yaml:3: {0}/gone: no such file"),
        ("empty", "", "gan.yaml:3: {0}/empty: holds no photographs"),
        ("few", "", "gan.yaml:3: {0}/few: holds 3 photographs, and a training needs 100"),
        ("few/0.png", "", "gan.yaml:3: {0}/few/0.png: is no folder"),
        ("small", "", "gan.yaml:3: {0}/small/0.png: 70x63 px is too small to learn from; give 64 px"),
        ("damaged", "", "gan.yaml:3: {0}/damaged/5.png: is no picture"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(images: str, more: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    draw_pictures(tmp_path / "few", count=3, size=(70, 64))
    if images in ("small", "damaged"):
        draw_pictures(tmp_path / images, count=100, size=(70, 63 if images == "small" else 64))
        if images == "damaged":
            (tmp_path / "damaged/5.png").write_bytes(b"none")
    with pytest.raises(JobSpecProblems) as caught:
        planned(tmp_path, more, FILE.replace("portraits", images))
    assert caught.value.problems[0].startswith(said.format(tmp_path)), caught.value.problems
    assert len(caught.value.problems) == 1
