"""train-attributes job files: what they amount to, and what they may not say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.catalog import digest
from pipeline.images import encode_png
from pipeline.training.attributes.brief import AttributesBrief
from tests.interiors.making import photograph, write_design, write_designer

FILE = "kind: train-attributes\nmodel: rooms.safetensors\nimages: seen\nlabels: told.csv\nname: taste\noutput: out/\n"

ROWS = "file,cosiness\n" + "".join(f"{number}.png,{number % 5}\n" for number in range(20))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small designer, and folders of its designs."""
    folder = tmp_path_factory.mktemp("models")
    model = write_designer(folder / "rooms.safetensors")
    other = write_designer(folder / "other.safetensors", seed=1)
    for name in ("seen", "foreign", "damaged", "few"):
        (folder / name).mkdir()
        for number in range(9 if name == "few" else 24):
            write_design(folder / f"{name}/{number}.png", model, np.full(8, number / 10, np.float32))
    (folder / "seen/3.png").write_bytes(encode_png(photograph(90, 60)))
    write_design(folder / "foreign/5.png", other, np.zeros(8, np.float32))
    for number in range(11):
        (folder / f"damaged/{number}.png").write_bytes(b"none")
    (folder / "empty").mkdir()
    return folder


def planned(folder: Path, text: str = FILE, rows: str = ROWS) -> Plan:
    (folder / "told.csv").write_text(rows, encoding="utf-8")
    spec, located = parse(text, path="a.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def test_it_is_one_frame_with_directions_and_a_card(models: Path) -> None:
    plan = planned(models)
    brief = AttributesBrief.from_json(plan.inputs)
    assert (plan.frames, plan.chunks, plan.deliver, plan.names) == (1, ((0, 1),), ("jpeg",), ("taste",))
    assert plan.products == ("taste.safetensors", "taste.md")
    assert [model.sha256 for model in plan.models] == [digest(models / "rooms.safetensors")]
    assert [file.name for file in plan.files] == ["told.csv"]
    assert (brief.model, brief.latent, brief.labels, brief.unlabelled) == ("rooms", 8, "told.csv", 4)
    assert sorted(brief.pictures) == sorted(f"{number}.png" for number in range(20))


def test_what_is_left_out_is_noted(models: Path) -> None:
    rows = ROWS.replace("19.png", "gone.png") + "".join(f"{number}.png,1\n" for number in (20, 21, 22))
    skipped, *others = planned(models, FILE.replace("seen", "damaged"), rows).notes
    assert skipped.startswith(
        "11 pictures were skipped: 0.png: is no picture that we can read, or it is damaged; save it again"
    )
    assert others == [
        "pictures without a row in told.csv are not learnt from: 2",
        "rows of told.csv whose pictures are not there: 1, as 'gone.png'",
        "11 labelled pictures are few; sixty tell more",
    ]


def test_other_labels_pictures_or_models_are_another_job(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path, dirs_exist_ok=True)
    jobs = {planned(tmp_path).job}
    jobs.add(planned(tmp_path, rows=ROWS.replace("7.png,2", "7.png,3")).job)
    assert planned(tmp_path).job in jobs
    (tmp_path / "seen/7.png").write_bytes((tmp_path / "seen/3.png").read_bytes())
    jobs.add(planned(tmp_path).job)
    write_designer(tmp_path / "rooms.safetensors", seed=2)
    for path in (tmp_path / "seen").iterdir():
        path.write_bytes((tmp_path / "seen/3.png").read_bytes())
    jobs.add(planned(tmp_path).job)
    assert len(jobs) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("rooms.safetensors", "gone.safetensors"), "a.yaml:2: {0}/gone.safetensors: no such designer; check the path"),
        (("rooms.safetensors", "romms"), "a.yaml:2: model: "),
        (("images: seen", "images: gone"), "a.yaml:3: {0}/gone: no such file; check the path"),
        (("images: seen", "images: empty"), "a.yaml:3: {0}/empty: holds no photographs"),
        (("images: seen", "images: few"), "a.yaml:3: {0}/few: holds 9 photographs, and a training needs 10"),
        (("images: seen", "images: seen/3.png"), "a.yaml:3: {0}/seen/3.png: is no folder"),
        (("images: seen", "images: foreign"), "a.yaml:3: 5.png: its latent is of other ("),
        (
            ("images: seen", "images: damaged"),
            "a.yaml:3: {0}/damaged: holds 9 labelled pictures that are usable, and 10 are the least; 11 pictures were ",
        ),
        (("labels: told.csv", "labels: gone.csv"), "a.yaml:4: {0}/gone.csv: no such file"),
        (("labels: told.csv\n", ""), "a.yaml: 'labels' is missing"),
        (("name: taste", "name: a/b"), "a.yaml:5: name: 'a/b' is no name for a taste; write letters, digits"),
        (("name: taste", "name: starry-night"), "a.yaml:5: name: 'starry-night' is a style that ships with Atelier"),
        (("output: out/", "output: out/\nchunk: 1"), "a.yaml:7: chunk: this kind of job is one piece of work"),
        (("output: out/", "output: out/\ndeliver: [gif]"), "a.yaml:7: deliver.0: 'gif' is not one of jpeg, png"),
        (("output: out/", "output: out/\nbatch: 4"), "a.yaml:7: unknown key 'batch'"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(models: Path, change: tuple[str, str], said: str) -> None:
    _refused(models, FILE.replace(*change), ROWS, said)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("file,cosiness\n0.png,warm\n", "a.yaml:4: told.csv:2: 'warm' is no number"),
        ("file,cosiness\n0.png,nan\n", "a.yaml:4: told.csv:2: nan is not finite"),
        ("picture,cosiness\n0.png,1\n", "a.yaml:4: told.csv:1: begins with file and the names of attributes"),
        (
            "file,cosiness\n0.png,1\n1.png,2\n",
            "a.yaml:4: told.csv: has rows of 2 of the pictures, and 10 are the least",
        ),
        (ROWS.replace("cosiness", "sofa"), "a.yaml:4: told.csv:1: 'sofa' is an attribute that the model has itself"),
        (
            "file,cosiness,light\n" + "".join(f"{number}.png,{number},3\n" for number in range(12)),
            "a.yaml:4: told.csv: 'light' is 3 for all 12 pictures; a column that does not vary tells nothing",
        ),
        (
            "file,a,b,c,d\n" + "".join(f"{number}.png,{number},1,2,3\n" for number in range(10)),
            "a.yaml:4: told.csv: has 4 attributes for 10 labelled pictures; each takes 3 pictures at least",
        ),
    ],
)
def test_what_is_wrong_with_labels_is_said_at_theirs(models: Path, rows: str, said: str) -> None:
    _refused(models, FILE, rows, said)


def _refused(models: Path, text: str, rows: str, said: str) -> None:
    with pytest.raises(JobSpecProblems) as caught:
        planned(models, text, rows)
    assert caught.value.problems[0].startswith(said.format(models)), caught.value.problems
    assert len(caught.value.problems) == 1
