"""train-motion job files: what they amount to, and what they may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.training.motion.brief import MotionBrief, MotionRecipe
from tests.training.motion.tiny import LABELS, write_clips

FILE = "kind: train-motion\nname: moves\ndata: clips\nlabels: labels.csv\noutput: out/\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("plan")
    write_clips(made / "clips")
    nan = (made / "clips/walk.bvh").read_text().splitlines()
    nan[-3] = nan[-3].replace(nan[-3].split()[4], "nan", 1)
    (made / "clips/nan.bvh").write_text("\n".join(nan))
    (made / "labels.csv").write_text(LABELS)
    return made


def planned(folder: Path, more: str = "", *, labels: str | None = None) -> Plan:
    text = FILE
    if labels is not None:
        (folder / "own.csv").write_text(labels)
        text = text.replace("labels.csv", "own.csv")
    spec, located = parse(text + more, path="moves.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def test_defaults_are_the_recipes(folder: Path) -> None:
    plan = planned(folder)
    brief = MotionBrief.from_json(plan.inputs)
    assert brief.recipe == MotionRecipe()
    assert brief.schedule == MotionBrief(name="", data="").schedule
    assert (brief.labels, len(plan.files), plan.frames) == ("labels.csv", 1, brief.schedule.previews)
    assert plan.products == ("moves.safetensors", "moves.md", "moves-report.png", "moves.json")
    assert plan.notes == ()


def test_keys_become_the_recipe_and_other_recordings_are_another_job(folder: Path) -> None:
    plan = planned(folder, "width: 64\nmirror: false\nwindow: 64\niterations: 100\npreview_every: 30\n")
    brief = MotionBrief.from_json(plan.inputs)
    assert (brief.recipe.width, brief.recipe.mirror, brief.recipe.window, plan.frames) == (64, False, 64, 4)
    one = "file,action\nwalk.bvh,walk\n"
    assert planned(folder, labels=one).job != planned(folder, labels=one.replace("walk\n", "stroll\n")).job


def test_what_is_left_out_is_told(folder: Path) -> None:
    (note,) = planned(folder, labels="file,action\nwalk.bvh,walk\nnan.bvh,walk\n").notes
    assert note.startswith("left out: own.csv:3: nan.bvh:")
    assert "export the file again" in note


@pytest.mark.parametrize(
    ("more", "labels", "said"),
    [
        ("rate: 25\n", None, "moves.yaml:6: rate: 25 frames a second; write 15, 30 or 60"),
        ("window: 100\n", None, "moves.yaml:6: window: 100 frames; write a multiple of 16, as 96"),
        ("chunk: 3\n", None, "moves.yaml:6: chunk: this kind of job is one piece of work"),
        ("preview_every: 1\n", None, "moves.yaml:6: preview_every: 7,500 iterations would have 7,500 previews"),
        ("", "file,action\ngone.bvh,walk\n", "moves.yaml:4: own.csv:2: gone.bvh is not in clips; correct its name"),
        ("", "file\nwalk.bvh\n", "moves.yaml:4: own.csv:1: begins with file,action"),
        (
            "",
            "file,action,end\nwalk.bvh,walk,1.5\n",
            "moves.yaml:3: walk: its longest clip has 45 frames at 30 a second",
        ),
        ("", "file,action\nnan.bvh,walk\n", "moves.yaml:3: own.csv: no clip of clips can be used: own.csv:2: nan.bvh"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(folder: Path, more: str, labels: str | None, said: str) -> None:
    with pytest.raises(JobSpecProblems) as caught:
        planned(folder, more + ("loop: 0\n" if labels else ""), labels=labels)
    assert caught.value.problems[0].startswith(said), caught.value.problems


def test_a_folder_that_is_not_there_is_said_where_it_is_named(folder: Path) -> None:
    spec, located = parse(FILE.replace("data: clips", "data: gone"), path="moves.yaml", folder=folder)
    with pytest.raises(JobSpecProblems) as caught:
        plan_job(spec, located, Settings())
    assert caught.value.problems[0].startswith(f"moves.yaml:3: {folder}/gone")
