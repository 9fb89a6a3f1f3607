"""train-vae job files: what they amount to, and what they may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs import registry
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.training.vae.brief import VaeBrief, VaeRecipe
from tests.interiors.making import write_designer
from tests.training.tiny import draw_pictures

FILE = "kind: train-vae\nname: cosy\nimages: rooms\noutput: out/\n"


def planned(folder: Path, more: str = "", text: str = FILE) -> Plan:
    spec, located = parse(text + more, path="vae.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def test_defaults_are_the_recipes(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    brief = VaeBrief.from_json(plan.inputs)
    assert brief.recipe == VaeRecipe()
    assert (brief.images, brief.schedule.iterations, brief.schedule.learning_rate) == ("rooms", 6250, 0.0005)
    assert (plan.frames, plan.chunks) == (20, ((0, 20),))
    assert plan.products == ("cosy.safetensors", "cosy.md", "cosy-report.png")


def test_keys_become_the_recipe(tmp_path: Path) -> None:
    plan = planned(tmp_path, "size: 64\nbatch: 32\nkimg: 3.2\npreview_every: 1\ntextbook: true\nlatent: 256\n")
    brief = VaeBrief.from_json(plan.inputs)
    assert (brief.recipe.size_px, brief.recipe.latent, brief.recipe.loss.kl_weight) == (64, 256, 1.0)
    assert (brief.schedule.iterations, brief.schedule.preview_every, plan.frames) == (100, 32, 4)


def test_unusable_pictures_are_counted_and_named_and_other_pictures_are_another_job(tmp_path: Path) -> None:
    folder = draw_pictures(tmp_path / "discs", count=24, size=(140, 130))
    (folder / "5.png").write_bytes(b"none")
    text = FILE.replace("rooms", "discs")
    before = planned(tmp_path, text=text)
    assert before.notes[0].startswith("1 picture was skipped: 5.png: is no picture that can be read")
    assert before.notes[1].startswith("23 pictures are few")
    (folder / "0.png").rename(folder / "first.png")
    assert planned(tmp_path, text=text).job != before.job


def test_labels_are_read_and_pinned(tmp_path: Path) -> None:
    draw_pictures(tmp_path / "discs", count=24, size=(140, 130))
    rows = "\n".join(f"{number}.png,{number}" for number in range(24))
    (tmp_path / "told.csv").write_text(f"file,cosiness\n{rows}\n", encoding="utf-8")
    plan = planned(tmp_path, "labels: told.csv\n", FILE.replace("rooms", "discs"))
    assert [file.name for file in plan.files] == ["told.csv"]
    assert VaeBrief.from_json(plan.inputs).labels == "told.csv"


def test_it_is_called_as_designers_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.registry.HOME", tmp_path)
    made = write_designer(tmp_path / "any.safetensors")
    registry.register("cosy", made.read_bytes(), role="designer")
    # What has the name is a designer as well, and may be replaced.
    assert planned(tmp_path).style == "cosy"
    with pytest.raises(JobSpecProblems, match=r"vae.yaml:2: name: 'a/b' is no name for a designer; .* as in my-desig"):
        planned(tmp_path, text=FILE.replace("cosy", "a/b"))


@pytest.mark.parametrize(
    ("images", "more", "said"),
    [
        ("rooms", "size: 48\n", "vae.yaml:5: size: 48 px; write 64, 128 or 256"),
        ("rooms", "kimg: 0\n", "vae.yaml:5: kimg: input should be greater than 0"),
        ("rooms", "preview_every: 0.1\n", "vae.yaml:5: preview_every: 100 thousand pictures would have 893"),
        ("rooms", "chunk: 3\n", "vae.yaml:5: chunk: this kind of job is one piece of work"),
        ("rooms", "held_out: 0.6\n", "vae.yaml:5: held_out: input should be less than or equal to 0.5"),
        ("rooms", "latent: true\n", "vae.yaml:5: latent: is true, as YAML reads it; write a number"),
        ("rooms", "labels: told.csv\n", "vae.yaml:5: labels: are of a folder's pictures, and rooms are drawn"),
        ("gone", "", "vae.yaml:3: {0}/gone: no such file"),
        ("empty", "", "vae.yaml:3: {0}/empty: holds no photographs"),
        ("few", "", "vae.yaml:3: {0}/few: holds 3 photographs, and a training needs 20"),
        ("few/0.png", "", "vae.yaml:3: {0}/few/0.png: is no folder"),
        (
            "small",
            "",
            "vae.yaml:3: {0}/small: holds 0 usable pictures, and a training needs 20; 24 pictures were skipped: 0.png",
        ),
        ("fine", "labels: gone.csv\n", "vae.yaml:5: {0}/gone.csv"),
        ("fine", "labels: told.csv\n", "vae.yaml:5: told.csv:2: 'warm' is no number"),
        ("fine", "labels: warm.csv\n", "vae.yaml:5: warm.csv:1: 'warmth' is measured of every picture; leave"),
        (
            "fine",
            "labels: same.csv\n",
            "vae.yaml:5: same.csv: 'x' is 3 for all 24 pictures; a column that does not vary",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_line(images: str, more: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "told.csv").write_text("file,x\na.png,warm\n", encoding="utf-8")
    (tmp_path / "warm.csv").write_text("file,x,warmth\na.png,1,2\n", encoding="utf-8")
    rows = "".join(f"{number}.png,3\n" for number in range(24))
    (tmp_path / "same.csv").write_text(f"file,x\n{rows}", encoding="utf-8")
    draw_pictures(tmp_path / "few", count=3, size=(140, 130))
    if images in ("small", "fine"):
        draw_pictures(tmp_path / images, count=24, size=(140, 127 if images == "small" else 130))
    with pytest.raises(JobSpecProblems) as caught:
        planned(tmp_path, more, FILE.replace("rooms", images))
    assert caught.value.problems[0].startswith(said.format(tmp_path)), caught.value.problems
    assert len(caught.value.problems) == 1
